"""Pictures as people have them; each test names its row of the cases from public bug reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.commands.measure import main as measure
from bonescan_yolo.commands.predict import main as predict
from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan import ReadOptions, read_scans
from tests.conftest import RunCommand
from tests.factories import HEIGHT, WIDTH, count_scan, grey_scan, nm_dataset, save, save_dicom


def layers(colour: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Image.Image:
    return Image.merge("LA", (Image.fromarray(colour), Image.fromarray(alpha)))


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA"])
@pytest.mark.parametrize("ink", [0, 90, 255])
def test_a_picture_whose_drawing_is_in_alpha_alone_is_refused(tmp_path: Path, mode: str, ink: int) -> None:
    """All-black input, picture of alpha only: "0 abnormal", exit 0. Right: refused."""
    picture = layers(np.full((HEIGHT, WIDTH), ink, np.uint8), grey_scan())
    path = tmp_path / ("1.tif" if mode == "PA" else "1.png")
    if mode == "PA":
        picture = picture.convert("RGBA")
    (picture if mode == "LA" else picture.convert("RGBA")).save(path)
    with pytest.raises(ScanError, match=r"1\.(png|tif): has its drawing in its transparency alone; save it as grey"):
        read_scans(path)


@pytest.mark.parametrize("name", ["black.png", "white.jpg", "grey.tif", "counts.png", "float.tif", "one.bmp"])
def test_what_shows_nothing_is_refused_with_exit_2(
    tmp_path: Path, name: str, model_path: Path, run_command: RunCommand
) -> None:
    """All-black input: "0 abnormal", exit 0. Right: refused, shows nothing; the others are read."""
    level: dict[str, Any] = {"black": np.uint8(0), "white": np.uint8(255), "grey": np.uint8(90)}
    level |= {"counts": np.uint16(700), "float": np.float32(0.5), "one": np.uint8(1)}
    blank = save(tmp_path / name, np.full((HEIGHT, WIDTH), level[Path(name).stem]))
    good = save(tmp_path / "good.png", grey_scan())
    done = run_command(predict, blank, good, "--model", model_path, "--out", tmp_path / "out")
    assert done.code == 2
    assert f"{name}: shows nothing, all its pixels have one grey level" in done.err
    assert [path.name for path in (tmp_path / "out").glob("*.json")] == ["good.json"]


def test_transparency_is_black(tmp_path: Path) -> None:
    """Alpha composited: what is transparent was read by the colour under it, which nobody sees."""
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:100] = 0
    hidden = grey_scan()
    hidden[:100] = 200
    layers(hidden, alpha).convert("RGBA").save(tmp_path / "1.png")
    (scan,) = read_scans(tmp_path / "1.png")
    assert scan.pixels[:100].max() == 0
    np.testing.assert_array_equal(scan.pixels[100:], grey_scan()[100:])
    assert scan.notes == ("transparent in parts, which count as black",)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
@pytest.mark.parametrize(("value", "turned"), [(3, 180), (6, 90), (8, 270)])
def test_exif_orientation_is_applied_and_said(tmp_path: Path, suffix: str, value: int, turned: int) -> None:
    """EXIF orientation 6: 6 to 7 abnormal boxes where the upright scan has 1, no word. Right: applied and said."""
    exif = Image.Exif()
    exif[274] = value
    upright = grey_scan() // 8 * 8
    Image.fromarray(np.rot90(upright, turned // 90)).save(tmp_path / f"lying.{suffix}", exif=exif, quality=100)
    (scan,) = read_scans(tmp_path / f"lying.{suffix}")
    assert np.abs(scan.pixels.astype(int) - upright).max() <= (3 if suffix == "jpg" else 0)
    assert scan.turned == turned
    assert scan.notes == (f"turned by {turned} degrees clockwise, as the file's orientation says",)


def test_what_was_turned_is_on_the_screen(tmp_path: Path, model_path: Path, run_command: RunCommand) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.rot90(grey_scan())).save(tmp_path / "7.jpg", exif=exif)
    done = run_command(predict, tmp_path / "7.jpg", "--model", model_path, "--out", tmp_path / "out")
    assert "7.jpg  (lossy; turned by 90 degrees clockwise, as the file's orientation says)" in done.out


@pytest.mark.parametrize("value", [2, 4, 5, 7])
def test_a_mirrored_orientation_is_applied_and_said(tmp_path: Path, value: int) -> None:
    """Mirroring exchanges left and right, which matters on a scan."""
    stored = {2: grey_scan()[:, ::-1], 4: grey_scan()[::-1], 5: grey_scan().T, 7: grey_scan()[::-1, ::-1].T}[value]
    exif = Image.Exif()
    exif[274] = value
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "1.png", exif=exif)
    (scan,) = read_scans(tmp_path / "1.png")
    np.testing.assert_array_equal(scan.pixels, grey_scan())
    assert "mirrored left to right, as the file's orientation says" in scan.notes


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_user_turns_what_no_file_says(tmp_path: Path, turn: int, model_path: Path, run_command: RunCommand) -> None:
    """Scan lying (`rot90`): turned with --turn; spacing follows, and what Exif turned counts too."""
    stored = np.rot90(count_scan(), turn // 90)
    path = save_dicom(tmp_path / "1.dcm", nm_dataset([stored], spacing=(2.0, 3.0)))
    (scan,) = read_scans(path, ReadOptions(turn=turn))
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert scan.turned == turn
    assert scan.pixel_spacing_mm == ((2.0, 3.0) if turn == 180 else (3.0, 2.0))
    for command in (predict, measure):
        done = run_command(command, path, "--turn", turn, "--model", model_path, "--out", tmp_path / command.__module__)
        assert done.code == 0, done.err


def test_turning_adds_to_what_the_file_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.rot90(grey_scan(), 2)).save(tmp_path / "1.png", exif=exif)
    (scan,) = read_scans(tmp_path / "1.png", ReadOptions(turn=90))
    np.testing.assert_array_equal(scan.pixels, grey_scan())
    assert scan.turned == 180
    with pytest.raises(ScanError, match="turn 45: is not a quarter; give 0, 90, 180 or 270"):
        ReadOptions(turn=45)


def windowed(rows: slice, columns: slice, factor: float) -> NDArray[np.uint8]:
    """Return a cut of a made body, of bone and soft tissue, at a hard window."""
    cut = grey_scan()[rows, columns].astype(float) * factor
    return np.minimum(cut, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (slice(200, 600), slice(60, 196)),
        (slice(300, 500), slice(64, 192)),
        (slice(80, 480), slice(70, 186)),
        (slice(400, 880), slice(66, 190)),
    ],
)
@pytest.mark.parametrize("deep", [False, True])
def test_a_cut_of_the_trunk_at_a_hard_window_is_not_inverted(
    tmp_path: Path, rows: slice, columns: slice, deep: bool
) -> None:
    """A crop of the trunk at a hard window was inverted. Right: not without a majority of air, or as the user says."""
    cut = windowed(rows, columns, 10)
    assert np.median(cut) == 255
    path = save(tmp_path / "1.png", cut.astype(np.uint16) * 16 if deep else cut)
    assert not read_scans(path)[0].inverted
    assert read_scans(path, ReadOptions(inverted=True))[0].inverted


@pytest.mark.parametrize("window", [1, 2, 4, 8])
@pytest.mark.parametrize("kind", ["8 bit", "JPEG", "counts", "counts from 65535", "framed", "cut"])
def test_a_white_background_is_inverted(tmp_path: Path, window: int, kind: str) -> None:
    """A whole-body scan with a white background must be inverted, whatever its window and depth."""
    rng = np.random.default_rng(window)
    counts = rng.poisson(grey_scan() / 8).astype(np.uint16) * window
    grey = np.minimum(counts * 8, 255).astype(np.uint8)
    pictures: dict[str, NDArray[Any]] = {
        "8 bit": 255 - grey,
        "JPEG": 255 - grey,
        "counts": counts.max() - counts,
        "counts from 65535": 65535 - counts,
        "framed": np.pad(255 - grey, 4),
        "cut": (255 - grey)[60:900, 30:226],
    }
    path = save(tmp_path / ("1.jpg" if kind == "JPEG" else "1.png"), pictures[kind])
    assert read_scans(path)[0].inverted
    assert not read_scans(path, ReadOptions(inverted=False))[0].inverted


def test_the_user_says_what_is_inverted(tmp_path: Path, model_path: Path, run_command: RunCommand) -> None:
    """`--inverted yes` and `no` decide for every kind of file, and the table says what was done."""
    dark = save(tmp_path / "1.png", 255 - grey_scan())
    counts = save_dicom(tmp_path / "2.dcm", nm_dataset([count_scan().max() - count_scan()]))
    for command in (predict, measure):
        out = tmp_path / command.__module__
        assert (
            run_command(command, dark, counts, "--inverted", "no", "--force", "--model", model_path, "--out", out).code
            == 0
        )
    done = run_command(predict, dark, counts, "--inverted", "yes", "--model", model_path, "--out", tmp_path / "yes")
    assert done.out.count("(inverted)") == 2
    np.testing.assert_array_equal(read_scans(counts, ReadOptions(inverted=True))[0].pixels, count_scan())


@pytest.mark.parametrize("highest", [1, 136, 255, 256, 40000])
@pytest.mark.parametrize("kind", ["grey", "grey with alpha", "colour"])
def test_16_bit_counts_are_read_whatever_their_highest(tmp_path: Path, highest: int, kind: str) -> None:
    """16-bit grey PNG of counts with a maximum of 136: high bytes alone are black. Right: all bits are read."""
    from tests.shared.make_picture_cases import GREY_ALPHA, RGB, encoded, png_of

    counts = (grey_scan().astype(np.uint32) * highest // 250).astype(np.uint16)
    opaque = np.stack([counts, np.full_like(counts, 65535)], axis=-1)
    content = {
        "grey": lambda: encoded(counts),
        "grey with alpha": lambda: png_of(opaque, 16, GREY_ALPHA),
        "colour": lambda: png_of(counts[..., None].repeat(3, axis=-1), 16, RGB),
    }[kind]()
    (tmp_path / "1.png").write_bytes(content)
    (scan,) = read_scans(tmp_path / "1.png")
    assert scan.pixels.dtype == np.float32
    np.testing.assert_array_equal(scan.pixels, counts)


@pytest.mark.parametrize("compression", [1, 5, 8])
@pytest.mark.parametrize("channels", [3, 4])
def test_colour_tiff_of_16_bit_keeps_its_low_bytes(tmp_path: Path, compression: int, channels: int) -> None:
    """The same counts as colour TIFF, in strips, plain and packed, with and without alpha."""
    cv2 = pytest.importorskip("cv2")
    counts = grey_scan().astype(np.uint16) // 2
    picture = counts[..., None].repeat(channels, axis=-1)
    picture[..., 3:] = 65535
    cv2.imwrite(str(tmp_path / "1.tif"), picture, [cv2.IMWRITE_TIFF_COMPRESSION, compression])
    (scan,) = read_scans(tmp_path / "1.tif")
    np.testing.assert_array_equal(scan.pixels, counts)


def test_every_page_of_a_tiff_has_its_own_orientation(tmp_path: Path) -> None:
    pages = [Image.fromarray(np.rot90(grey_scan(), turn)) for turn in range(3)]
    for page, value in zip(pages, (1, 6, 3), strict=True):
        page.encoderinfo = {"tiffinfo": {274: value}}
    pages[0].save(tmp_path / "1.tif", save_all=True, append_images=pages[1:])
    scans = read_scans(tmp_path / "1.tif")
    assert [scan.turned for scan in scans] == [0, 90, 180]
    for scan in scans:
        np.testing.assert_array_equal(scan.pixels, grey_scan())


def test_lossy_is_said(tmp_path: Path, model_path: Path, run_command: RunCommand) -> None:
    """Lossy compression was not said: one word on the screen."""
    paths = [save(tmp_path / "1.jpg", grey_scan()), save(tmp_path / "2.png", grey_scan())]
    paths.append(save(tmp_path / "3.tif", grey_scan(), compression="jpeg"))
    paths.append(save(tmp_path / "4.tif", grey_scan(), compression="tiff_lzw"))
    assert [read_scans(path)[0].lossy for path in paths] == [True, False, True, False]
    done = run_command(predict, *paths, "--model", model_path, "--out", tmp_path / "out")
    lines = done.out.splitlines()[1:5]
    assert [line.endswith("  (lossy)") for line in lines] == [True, False, True, False]
