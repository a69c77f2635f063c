"""Write the shared cases of pictures: python -m tests.shared.make_picture_cases."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.predict.drawn_png import drawn_png
from bonescan_yolo.scan.display import to_grey
from tests.shared.scan_cases import expected_scan, small_body, small_counts, write_case

Case = tuple[str, bytes, dict[str, Any]]

TIFF = {"page_error": "is TIFF or BMP"}
GREY, RGB, GREY_ALPHA, RGB_ALPHA = 0, 2, 4, 6
"""Colour types of PNG."""

HEADER_BYTES = 33
"""Of PNG: its signature and the chunk IHDR."""

META_OF_INDEX = b"\x02\0\0\0UL\x04\0\x1c\0\0\0" + b"\x02\0\x02\0UI\x14\x001.2.840.10008.1.3.10"
"""Group length and storage class of a DICOMDIR."""


def encoded(pixels: Any, kind: str = "PNG", **options: Any) -> bytes:
    """Return pixels, an array or a picture, as the bytes of a picture file."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def plain() -> Iterator[Case]:
    """Yield pictures that store the scan as it is."""
    grey = small_body()
    scans = {"scans": [expected_scan(grey)]}
    yield "grey8.png", encoded(grey), scans
    yield "grey8_ant.png", encoded(grey), {"scans": [expected_scan(grey, view="anterior")]}
    yield "grey8.jpg", encoded(grey, "JPEG", quality=95), {"scans": [expected_scan(grey, lossy=True)], "browser": True}
    yield "grey8.tif", encoded(grey, "TIFF"), scans | TIFF
    yield "drawn.png", drawn_png(Image.fromarray(grey)), {"error": "is a picture that bonescan made of a scan"}
    yield "empty.png", b"", {"error": "is empty; copy it again from its source"}
    yield "small.png", encoded(np.ones((20, 20), np.uint8)), {"error": "is 20 x 20 pixels, too small for a scan"}


def png_of(samples: NDArray[Any], depth: int, colour_type: int, chunks: dict[bytes, bytes] | None = None) -> bytes:
    """Return a PNG of samples (height, width, channels), packed at a depth that Pillow cannot write, with chunks."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = samples.shape[:2]
    flat = samples.reshape(height, -1)
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in flat]
    else:
        bits = np.unpackbits(flat.astype(np.uint8)[..., None], axis=-1)[..., 8 - depth :]
        rows = [np.packbits(row.ravel()).tobytes() for row in bits]
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *(chunk(kind, data) for kind, data in (chunks or {}).items())]
    parts += [chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def depths() -> Iterator[Case]:
    """Yield pictures of all depths but 8 bit grey, with and without palette and colour."""
    grey, counts = small_body(), small_counts()
    shown = {"scans": [expected_scan(to_grey(counts.astype(np.float32)))]}
    yield "counts16.png", encoded(counts), shown
    yield "counts16.tif", encoded(counts, "TIFF"), shown | TIFF
    yield "counts_int32.tif", encoded(counts.astype(np.int32), "TIFF", compression="tiff_lzw"), shown | TIFF
    yield "counts_float.tif", encoded(counts.astype(np.float32), "TIFF", compression="tiff_lzw"), shown | TIFF
    triple = counts[..., None].repeat(3, axis=-1)
    opaque = np.full((*counts.shape, 1), 65535, np.uint16)
    yield "counts16_rgb.png", png_of(triple, 16, RGB), shown
    yield "counts16_rgba.png", png_of(np.concatenate([triple, opaque], -1), 16, RGB_ALPHA), shown
    yield "counts16_la.png", png_of(np.concatenate([counts[..., None], opaque], -1), 16, GREY_ALPHA), shown
    for bits in (1, 2, 4):
        levels = grey // (256 >> bits)
        spread = (levels * (255 // (2**bits - 1))).astype(np.uint8)
        yield f"grey{bits}.png", png_of(levels[..., None], bits, GREY), {"scans": [expected_scan(spread)]}
    plain_scan = {"scans": [expected_scan(grey)]}
    yield "rgb.png", encoded(Image.fromarray(grey).convert("RGB")), plain_scan
    yield "rgb.bmp", encoded(Image.fromarray(grey).convert("RGB"), "BMP"), plain_scan | TIFF
    yield "palette.png", encoded(Image.fromarray(grey).quantize()), plain_scan
    inks = np.stack([grey, np.zeros_like(grey), 255 - grey], axis=-1)
    yield "colour.png", encoded(inks), {"error": "is a colour picture; give a grey scan"}


def transparent() -> Iterator[Case]:
    """Yield pictures with alpha: transparent counts as black."""
    grey = small_body()
    alpha = np.full_like(grey, 255)
    alpha[:40], alpha[40:80] = 0, 128
    onto_black = ((grey.astype(np.uint32) * alpha + 127) // 255).astype(np.uint8)
    scan = {"scans": [expected_scan(onto_black)]}
    layers = Image.merge("LA", (Image.fromarray(grey), Image.fromarray(alpha)))
    yield "alpha_la.png", encoded(layers), scan
    yield "alpha_rgba.png", encoded(layers.convert("RGBA")), scan
    yield "alpha_rgba.tif", encoded(layers.convert("RGBA"), "TIFF", compression="tiff_lzw"), scan | TIFF
    blurred = Image.fromarray(np.where(grey == 84, 255, grey).astype(np.uint8))
    cut = {"scans": [expected_scan(np.where(grey == 84, 0, grey).astype(np.uint8))]}
    yield "transparent_grey.png", encoded(blurred, transparency=255), cut
    yield "transparent_rgb.png", encoded(blurred.convert("RGB"), transparency=(255, 255, 255)), cut
    palette = blurred.quantize()
    seen = np.asarray(palette)
    yield "transparent_palette.png", encoded(palette, transparency=int(seen[grey == 84][0])), cut
    levels = grey // 16
    key = {b"tRNS": struct.pack(">H", int(levels[grey == 84][0]))}
    cut4 = np.where(grey == 84, 0, levels * 17).astype(np.uint8)
    yield "transparent_grey4.png", png_of(levels[..., None], 4, GREY, key), {"scans": [expected_scan(cut4)]}
    mask = grey[..., None] > 0
    yield "transparent_grey1.png", png_of(mask, 1, GREY, {b"tRNS": b"\0\1"}), {"error": "has its drawing in its trans"}
    counts = small_counts()
    cut16 = np.where(grey == 84, 0, counts).astype(np.float32)
    key = {b"tRNS": struct.pack(">H", int(counts[grey == 84][0]))}
    yield "transparent_counts.png", png_of(counts[..., None], 16, GREY, key), {"scans": [expected_scan(to_grey(cut16))]}
    refusal = {"error": "has its drawing in its transparency alone"}
    for name, ink in (("black", 0), ("white", 255)):
        drawn = Image.merge("LA", (Image.new("L", layers.size, ink), Image.fromarray(grey)))
        yield f"alpha_only_{name}.png", encoded(drawn), refusal
    yield "alpha_only_rgba.png", encoded(drawn.convert("RGBA")), refusal
    yield "alpha_nowhere.png", encoded(np.stack([grey, np.zeros_like(grey)], -1)), {"error": "shows nothing"}


def blank() -> Iterator[Case]:
    """Yield pictures that show nothing."""
    for name, level in (("black", 0), ("grey", 90), ("white", 255)):
        yield f"blank_{name}.png", encoded(np.full((192, 64), level, np.uint8)), {"error": "shows nothing"}
    yield "blank_counts.png", encoded(np.full((192, 64), 700, np.uint16)), {"error": "shows nothing"}
    yield (
        "blank.jpg",
        encoded(np.full((192, 64), 128, np.uint8), "JPEG", quality=95),
        {"error": "shows nothing", "browser": True},
    )


def turned() -> Iterator[Case]:
    """Yield the scan stored in each of the eight orientations of Exif."""
    grey = small_body()
    store = {
        1: grey,
        2: grey[:, ::-1],
        3: grey[::-1, ::-1],
        4: grey[::-1],
        5: grey.T,
        6: np.rot90(grey),
        7: grey[::-1, ::-1].T,
        8: np.rot90(grey, -1),
    }
    turns = {1: 0, 2: 0, 3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}
    for value, stored in store.items():
        pixels = np.ascontiguousarray(stored)
        says = "as the file's orientation says"
        notes = [f"mirrored left to right, {says}"] if value in (2, 4, 5, 7) else []
        notes += [f"turned by {turns[value]} degrees clockwise, {says}"] if turns[value] else []
        scan = expected_scan(grey, turned=turns[value], notes=notes)
        exif = Image.Exif()
        exif[274] = value
        yield f"exif{value}.png", encoded(pixels, exif=exif), {"scans": [scan]}
        jpeg = encoded(pixels, "JPEG", quality=95, exif=exif)
        yield f"exif{value}.jpg", jpeg, {"scans": [scan | {"lossy": True}], "browser": True}
        lzw = encoded(pixels, "TIFF", tiffinfo={274: value}, compression="tiff_lzw")
        yield f"exif{value}.tif", lzw, {"scans": [scan]} | TIFF
    exif[274] = 9
    upright = {"scans": [expected_scan(grey, notes=[])]}
    yield "exif_unknown.png", encoded(grey, exif=exif), upright
    yield "exif_broken.png", encoded(grey, exif=b"Exif\0\0MM\0*\0\0\xff\xff"), upright
    big = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 274, 3, 1, 6, 0, 0)
    scan = expected_scan(grey, turned=90)
    raw = encoded(np.ascontiguousarray(store[6]), "TIFF", tiffinfo={274: 6})
    yield "exif6_raw.tif", raw, {"scans": [scan]} | TIFF
    yield "exif6_big_endian.png", encoded(np.ascontiguousarray(store[6]), exif=big), {"scans": [scan]}
    block = b"eXIfExif\0\0" + big  # some programs write the prefix that only JPEG has
    chunk = struct.pack(">I", len(block) - 4) + block + struct.pack(">I", zlib.crc32(block))
    plain_png = encoded(np.ascontiguousarray(store[6]))
    yield "exif6_prefixed.png", plain_png[:HEADER_BYTES] + chunk + plain_png[HEADER_BYTES:], {"scans": [scan]}
    animated = encoded(Image.fromarray(grey), save_all=True, append_images=[Image.fromarray(grey // 2)])
    yield "animated.png", animated, {"scans": [expected_scan(grey)]}


def inverse() -> Iterator[Case]:
    """Yield scans with a white background, and pictures with a white majority that have none."""
    grey, counts = small_body(), small_counts()
    scan = {"scans": [expected_scan(grey, inverted=True)]}
    yield "inverse.png", encoded(255 - grey), scan
    jpeg = encoded(255 - grey, "JPEG", quality=95)
    yield "inverse.jpg", jpeg, {"scans": [expected_scan(grey, inverted=True, lossy=True)], "browser": True}
    shown = to_grey(counts.astype(np.float32))
    yield "inverse_counts.png", encoded(counts.max() - counts), {"scans": [expected_scan(shown, inverted=True)]}
    yield "inverse_65535.png", encoded(65535 - counts), {"scans": [expected_scan(shown, inverted=True)]}
    framed = np.pad(255 - grey, 3)
    yield "inverse_framed.png", encoded(framed), {"scans": [expected_scan(np.pad(grey, 3), inverted=True)]}
    trunk = np.minimum(grey[24:112, 8:56].astype(np.uint16) * 6, 255).astype(np.uint8)
    yield "trunk_hard_window.png", encoded(trunk), {"scans": [expected_scan(trunk)]}
    wide = np.minimum(grey[24:88].astype(np.uint16) * 6, 255).astype(np.uint8)
    yield "trunk_wide_hard_window.png", encoded(wide), {"scans": [expected_scan(wide)]}


def named() -> Iterator[Case]:
    """Yield files whose names say nothing or something wrong about what they are, and packed ones."""
    grey = small_body()
    scans = {"scans": [expected_scan(grey)]}
    png = encoded(grey)
    yield "png_named.jpg", png, scans
    yield "png_named.dcm", png, scans
    yield "1.2.840.113619.2.55.3.7", png, scans
    yield "png_named.img", png, scans
    yield "PNG0001", png, scans
    yield (
        "jpeg_named.png",
        encoded(grey, "JPEG", quality=95),
        {
            "scans": [expected_scan(grey, lossy=True)],
            "browser": True,
        },
    )
    yield "grey8_post.png.gz", gzip.compress(png, mtime=0), {"scans": [expected_scan(grey, view="posterior")]}
    yield "cut.png.gz", gzip.compress(png, mtime=0)[:100], {"error": "is damaged (its gzip data"}
    yield (
        "bomb.png.gz",
        gzip.compress(gzip.compress(bytes(1 << 24), mtime=0), mtime=0),
        {"error": "packed by gzip twice"},
    )
    yield "DICOMDIR", bytes(128) + b"DICM" + META_OF_INDEX, {"error": "is the index of a DICOM medium"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("1.png"), png)
    yield "scans.zip", packed.getvalue(), {"error": "is a zip archive"}
    yield "text.png", b"not a picture at all", {"error": "is not a picture that can be read"}


def pages() -> Iterator[Case]:
    """Yield TIFF of several pages, and TIFF that holds JPEG."""
    grey, counts = small_body(), small_counts()
    first, second = Image.fromarray(grey), Image.fromarray(grey // 2)
    two = encoded(first, "TIFF", save_all=True, append_images=[second], compression="tiff_lzw")
    yield "pages.tif", two, {"scans": [expected_scan(grey), expected_scan(grey // 2)]} | TIFF
    preview = first.resize((16, 48))
    preview.encoderinfo = {"tiffinfo": {254: 1}}
    with_preview = encoded(first, "TIFF", save_all=True, append_images=[preview], compression="tiff_lzw")
    yield "preview.tif", with_preview, {"scans": [expected_scan(grey)]} | TIFF
    jpeg = encoded(first, "TIFF", compression="jpeg", quality=95)
    yield "jpeg_inside.tif", jpeg, {"scans": [expected_scan(grey, lossy=True)]} | TIFF
    deep = encoded(counts, "TIFF", compression="tiff_lzw")
    yield "counts16_lzw.tif", deep, {"scans": [expected_scan(to_grey(counts.astype(np.float32)))]} | TIFF


MAKERS: tuple[Callable[[], Iterator[Case]], ...] = (
    plain,
    depths,
    transparent,
    blank,
    turned,
    inverse,
    named,
    pages,
)


def main() -> None:
    """Write all cases."""
    for maker in MAKERS:
        for name, content, expected in maker():
            write_case(name, content, expected)


if __name__ == "__main__":
    main()
