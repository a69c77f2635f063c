"""PNG, JPEG, TIFF and BMP: what they hold comes back, and what is no scan is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import ReadOptions, read_scans
from bonescan_yolo.scan.pictures.raster import MAX_FRAMES
from tests.factories import count_scan, grey_scan, save


@pytest.mark.parametrize("suffix", ["png", "tif", "tiff", "bmp", "PNG"])
def test_eight_bits(tmp_path: Path, suffix: str) -> None:
    (scan,) = read_scans(save(tmp_path / f"1.{suffix}", grey_scan()))
    assert scan.pixels.dtype == np.uint8
    np.testing.assert_array_equal(scan.pixels, grey_scan())
    assert (scan.width, scan.height, scan.frame, scan.frame_count, scan.inverted) == (256, 1024, 0, 1, False)


def test_jpeg_gives_what_pillow_decodes(tmp_path: Path) -> None:
    path = save(tmp_path / "1.jpg", grey_scan(), quality=95)
    np.testing.assert_array_equal(read_scans(path)[0].pixels, np.asarray(Image.open(path)))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits(tmp_path: Path, suffix: str) -> None:
    (scan,) = read_scans(save(tmp_path / f"1.{suffix}", count_scan()))
    assert scan.pixels.dtype == np.float32
    np.testing.assert_array_equal(scan.pixels, count_scan())


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_tiff_of_integers_and_floats(tmp_path: Path, dtype: type) -> None:
    (scan,) = read_scans(save(tmp_path / "1.tif", count_scan().astype(dtype)))
    np.testing.assert_array_equal(scan.pixels, count_scan())


def test_big_endian_tiff(tmp_path: Path) -> None:
    path = tmp_path / "1.tif"
    Image.frombytes("I;16B", (256, 1024), count_scan().astype(">u2").tobytes()).save(path)
    np.testing.assert_array_equal(read_scans(path)[0].pixels, count_scan())


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiff(tmp_path: Path, compression: str) -> None:
    (scan,) = read_scans(save(tmp_path / "1.tif", count_scan(), compression=compression))
    np.testing.assert_array_equal(scan.pixels, count_scan())


def test_tiff_of_two_pages(tmp_path: Path) -> None:
    pages = [Image.fromarray(count_scan(spot=spot)) for spot in (1000, 2000)]
    pages[0].save(tmp_path / "both_ant.tif", save_all=True, append_images=pages[1:])
    scans = read_scans(tmp_path / "both_ant.tif", ReadOptions("posterior"))
    assert [int(scan.pixels.max()) for scan in scans] == [1000, 2000]
    assert [(scan.frame, scan.frame_count, scan.view) for scan in scans] == [(0, 2, "posterior"), (1, 2, "posterior")]
    assert scans[1].name.endswith("both_ant.tif frame 2")


def test_white_background_is_recognised(tmp_path: Path) -> None:
    (scan,) = read_scans(save(tmp_path / "1.png", 255 - grey_scan()))
    assert scan.inverted
    np.testing.assert_array_equal(scan.pixels, grey_scan())


def as_grey_rgb() -> NDArray[np.uint8]:
    return np.stack([grey_scan()] * 3, axis=-1)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "CMYK"])
def test_grey_in_colour_modes(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("1.tif" if mode == "CMYK" else "1.png")
    grey = Image.fromarray(grey_scan())
    image = grey.quantize() if mode == "P" else grey.convert("L" if mode == "LA" else "RGB").convert(mode)
    image.save(path)
    (scan,) = read_scans(path)
    assert scan.pixels.dtype == np.uint8
    assert np.abs(scan.pixels.astype(int) - grey_scan()).max() <= 3  # a palette holds fewer colours


def test_a_small_red_mark_is_no_photograph(tmp_path: Path) -> None:
    pixels = as_grey_rgb()
    pixels[100:104, 100:200] = (255, 0, 0)
    assert read_scans(save(tmp_path / "1.png", pixels))[0].pixels[102, 150] == 85


def test_colours_become_their_rounded_mean(tmp_path: Path) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:3, 0] = [[100, 100, 101], [100, 101, 101], [255, 255, 254]]
    assert read_scans(save(tmp_path / "1.png", pixels))[0].pixels[:3, 0].tolist() == [100, 101, 255]


def test_black_and_white(tmp_path: Path) -> None:
    (scan,) = read_scans(save(tmp_path / "1.png", grey_scan() > 100))
    np.testing.assert_array_equal(scan.pixels, np.where(grey_scan() > 100, 255, 0))


def photograph() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:300, :200]
    return np.stack([columns, rows // 2, 255 - columns], axis=-1).astype(np.uint8)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG whose header promises a size and whose data ends early."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def tiff_header(width: int, height: int) -> bytes:
    """Return a TIFF of one strip that promises a size."""
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (278, height), (279, 4)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"


def bad_files(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Return bad files by name: bytes, and what the message says."""
    png = save(folder / "good.png", grey_scan()).read_bytes()
    tiff = save(folder / "good.tif", count_scan()).read_bytes()
    jpeg = save(folder / "good.jpg", grey_scan()).read_bytes()
    colour = save(folder / "colour.png", photograph()).read_bytes()
    tiny = save(folder / "tiny.png", np.zeros((1, 1), np.uint8)).read_bytes()
    not_a_number = save(folder / "nan.tif", np.full((64, 64), np.nan, np.float32)).read_bytes()
    return {
        "empty.png": (b"", "is empty; copy it again"),
        "truncated.png": (png[: len(png) // 2], "is damaged"),
        "truncated.tif": (tiff[: len(tiff) // 2], "is damaged"),
        "truncated.jpg": (jpeg[: len(jpeg) // 2], "is damaged"),
        "head.png": (png[:20], "is damaged"),
        "text.png": (b"not a picture at all", "is not a picture that can be read"),
        "gif.png": (b"GIF89a" + bytes(50), "is not a picture that can be read"),
        "photo.png": (colour, "is a colour picture; give a grey scan"),
        "tiny.png": (tiny, "is 1 x 1 pixels, too small"),
        "large.png": (png_header(9000, 9000), "is 9000 x 9000 pixels, too large"),
        "huge.png": (png_header(30000, 30000), "67 million pixels, too large"),
        "huge.tif": (tiff_header(30000, 30000), "67 million pixels, too large"),
        "nan.tif": (not_a_number, "contains NaN or infinite values"),
    }


BAD_NAMES = [
    "empty.png",
    "truncated.png",
    "truncated.tif",
    "truncated.jpg",
    "head.png",
    "text.png",
    "gif.png",
    "photo.png",
    "tiny.png",
    "large.png",
    "huge.png",
    "huge.tif",
    "nan.tif",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_files(tmp_path: Path, name: str) -> None:
    files = bad_files(tmp_path)
    assert list(files) == BAD_NAMES
    content, message = files[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BonescanError) as error:
        read_scans(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_every_page_of_a_tiff_is_checked_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [Image.fromarray(grey_scan()), Image.new("1", (9000, 9000))]
    pages[0].save(tmp_path / "1.tif", save_all=True, append_images=pages[1:])
    loaded = []
    load = Image.Image.load

    def load_and_note(page: Image.Image) -> Any:
        loaded.append(page.size)
        return load(page)

    monkeypatch.setattr(Image.Image, "load", load_and_note)
    with pytest.raises(BonescanError, match="9000 x 9000 pixels, too large"):
        read_scans(tmp_path / "1.tif")
    assert (9000, 9000) not in loaded


@pytest.mark.parametrize(
    ("page", "count", "message"),
    [((64, 64), MAX_FRAMES + 1, "has 65 frames"), ((6000, 6000), 2, "too many pixels in its 2 frames")],
)
def test_many_pages(tmp_path: Path, page: tuple[int, int], count: int, message: str) -> None:
    image = Image.new("1", page)
    image.save(tmp_path / "1.tif", save_all=True, append_images=[image] * (count - 1), compression="group4")
    with pytest.raises(BonescanError, match=message):
        read_scans(tmp_path / "1.tif")


def mutants(good: bytes, count: int, seed: int) -> list[bytes]:
    """Return copies of a file with some bytes changed, cut out or doubled."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        data = bytearray(good)
        for _ in range(random.integers(1, 6)):
            # headers matter more than pixels
            position = int(random.integers(0, min(len(data), 600) if random.random() < 0.7 else len(data)))
            if random.random() < 0.8:
                data[position] = int(random.integers(0, 256))
            elif random.random() < 0.5:
                del data[position : position + int(random.integers(1, 50))]
            else:
                data[position:position] = data[position : position + int(random.integers(1, 50))]
        made.append(bytes(data))
    return made


def refusal_of(path: Path) -> str | None:
    """Return why a file is refused, or None if all of it can be read; any other error escapes."""
    try:
        for scan in read_scans(path):
            scan.grey()
    except BonescanError as error:
        return str(error)
    return None


@pytest.mark.parametrize("error", [StopIteration(), AssertionError(), BufferError("two\nlines")])
def test_whatever_pillow_raises_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    path = save(tmp_path / "1.png", grey_scan())
    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(BonescanError) as refusal:
        read_scans(path)
    reason = " ".join(str(error).split()) or type(error).__name__
    assert str(refusal.value) == f"{path}: is damaged ({reason}); copy it again from its source"


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "bmp"])
def test_damage_never_escapes(tmp_path: Path, suffix: str) -> None:
    small: NDArray[Any] = grey_scan()[::8, ::8]
    good = save(tmp_path / f"good.{suffix}", small).read_bytes()
    path = tmp_path / f"bad.{suffix}"
    refused = 0
    for data in mutants(good, 150, seed=7):
        path.write_bytes(data)
        refusal = refusal_of(path)
        if refusal is not None:
            assert refusal.startswith(f"{path}: ")
            assert "\n" not in refusal
            refused += 1
    assert 20 < refused < 150  # the mutants do harm, but not all
