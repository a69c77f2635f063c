"""Pictures: PNG, JPEG, TIFF and BMP of 1 to 16 bit, grey, with a palette, colour or alpha, packed or not."""

from __future__ import annotations

import functools
import io
import random
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from PIL import Image

from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_bytes import mutate_bytes
from tests.fuzz.mutate_head import mutate_head
from tests.fuzz.scan_bytes import ScanFile, read_file

WIDTH, HEIGHT = 64, 256
TIFF_CODINGS = ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")
FIXED_CHUNKS = 2 / 3
"""Share of damaged PNG files whose checksums are right again, so that the damage is reached."""


@functools.cache
def whole() -> Mapping[str, bytes]:
    """Return a file of each kind, by name."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    inside = ((columns - WIDTH / 2) / 16) ** 2 + ((rows - HEIGHT / 2) / 110) ** 2 < 1
    grey = Image.fromarray(np.where(inside, 30 + rows % 60 + columns % 7, 0).astype(np.uint8))
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 40)
    ways: list[tuple[str, Image.Image, Mapping[str, object]]] = [
        ("grey.png", grey, {}),
        ("palette.png", grey.convert("P"), {}),
        ("alpha.png", grey.convert("LA"), {}),
        ("colour.png", grey.convert("RGB"), {}),
        ("bits.png", grey.convert("1"), {}),
        ("deep.png", deep, {}),
        ("grey.jpg", grey, {"quality": 90}),
        ("progressive.jpg", grey, {"progressive": True}),
        ("cmyk.jpg", grey.convert("CMYK"), {}),
        ("grey.bmp", grey, {}),
        ("colour.bmp", grey.convert("RGB"), {}),
        ("grey.tif", grey, {}),
        ("deep.tif", deep, {}),
        ("float.tif", grey.convert("F"), {}),
        ("pages.tif", grey, {"save_all": True, "append_images": [grey, grey]}),
        *((f"{coding}.tif", grey, {"compression": coding}) for coding in TIFF_CODINGS),
        ("group4.tif", grey.convert("1"), {"compression": "group4"}),
    ]  # fmt: skip
    return {name: encoded(image, name, options) for name, image, options in ways}


def encoded(image: Image.Image, name: str, options: Mapping[str, object]) -> bytes:
    """Return a picture in the format of its name's suffix."""
    form = {"png": "PNG", "jpg": "JPEG", "bmp": "BMP", "tif": "TIFF"}[name.rpartition(".")[2]]
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def mutate(seed: int) -> ScanFile:
    """Return a damaged picture: its numbers in the head changed, or bytes anywhere."""
    rng = random.Random(f"picture {seed}")
    name, data = rng.choice(sorted(whole().items()))
    data = mutate_head(data, rng) if rng.random() < 1 / 2 else mutate_bytes(data, rng)
    if name.endswith(".png") and rng.random() < FIXED_CHUNKS:
        data = with_checksums(data)
    return ScanFile(name, data)


def with_checksums(data: bytes) -> bytes:
    """Return a PNG whose chunks have right checksums (PNG, third edition, 5.3), as far as its lengths lead."""
    fixed = bytearray(data)
    place = 8
    while place + 12 <= len(fixed):
        (length,) = struct.unpack_from(">I", fixed, place)
        end = place + 8 + length
        if end + 4 > len(fixed):
            break
        struct.pack_into(">I", fixed, end, zlib.crc32(fixed[place + 4 : end]))
        place = end + 4
    return bytes(fixed)


KIND = FuzzKind("picture", mutate, read_file)
