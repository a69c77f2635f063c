"""Scans whose grey levels wrapped past 255, in every form that a reader gets them, and scans that only look so.

The case: BS-80K's wrapped grey levels, found by rule and not by a list, in `predict` as in `convert`; its noise in
place of a scan is not taken for them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.commands.convert import main
from bonescan_yolo.scan.read import ReadOptions, read_scans

from ..factories import grey_scan

BLADDER = (480, 128, 9.0)
INJECTION = (520, 178, 4.0)
"""Row, column and sigma in pixels of hot spots on the body of `grey_scan`."""


def levels_of(*spots: tuple[tuple[int, int, float], float], seed: int = 0) -> NDArray[np.int64]:
    """Return noisy grey levels of a body with hot spots of these peaks, not limited to 255."""
    rows, columns = np.mgrid[:1024, :256]
    expected = grey_scan(spots=(), greys=()).astype(np.float64)
    for (row, column, sigma), peak in spots:
        expected += peak * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * sigma**2))
    return np.random.default_rng(seed).poisson(expected)


def wrapped(levels: NDArray[np.int64]) -> NDArray[np.uint8]:
    return (levels % 256).astype(np.uint8)


def save(pixels: NDArray[Any], path: Path) -> Path:
    Image.fromarray(pixels).save(path, quality=92)
    return path


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp"])
@pytest.mark.parametrize(
    ("spots", "number"),
    [
        pytest.param([(BLADDER, 700.0)], 1, id="a bladder"),
        pytest.param([(INJECTION, 400.0)], 1, id="an injection site"),
        pytest.param([(BLADDER, 1400.0)], 1, id="a bladder that wrapped five times"),
        pytest.param([(BLADDER, 500.0), (INJECTION, 900.0)], 2, id="both"),
    ],
)
def test_wrapped_spots_are_fixed_and_reported(
    spots: list[tuple[tuple[int, int, float], float]], number: int, suffix: str, tmp_path: Path
) -> None:
    levels = levels_of(*spots)
    (scan,) = read_scans(save(wrapped(levels), tmp_path / f"7_anterior{suffix}"))
    spot = "hot spot" if number == 1 else "hot spots"
    assert scan.notes == (f"grey levels past 255 wrapped in {number} {spot}; fixed",)
    for (row, column, _), _ in spots:
        assert scan.pixels[row - 1 : row + 2, column - 1 : column + 2].min() == 255
    error = np.abs(scan.pixels.astype(np.int64) - np.minimum(levels, 255))[levels > 255]
    assert error.mean() < 10


def test_dark_on_white_and_colour_mode_are_fixed_alike(tmp_path: Path) -> None:
    pixels = wrapped(levels_of((BLADDER, 700.0)))
    (white,) = read_scans(save(255 - pixels, tmp_path / "white.png"))
    (rgb,) = read_scans(save(np.stack([pixels] * 3, axis=2), tmp_path / "rgb.png"))
    (grey,) = read_scans(save(pixels, tmp_path / "grey.png"))
    assert white.inverted
    assert np.array_equal(white.pixels, grey.pixels)
    assert np.array_equal(rgb.pixels, grey.pixels)


def test_wrapped_levels_are_kept_on_request(tmp_path: Path) -> None:
    pixels = wrapped(levels_of((BLADDER, 700.0)))
    (scan,) = read_scans(save(pixels, tmp_path / "7.png"), ReadOptions(keep_wrapped=True))
    assert np.array_equal(scan.pixels, pixels)
    assert scan.notes == ()


@pytest.mark.parametrize("peak", [0, 180, 250, 700, 3000])
def test_scans_cut_off_at_255_are_read_as_they_are(peak: float, tmp_path: Path) -> None:
    for seed in range(4):
        pixels = np.minimum(levels_of((BLADDER, peak), (INJECTION, peak), seed=seed), 255).astype(np.uint8)
        (scan,) = read_scans(save(pixels, tmp_path / "7.png"))
        assert np.array_equal(scan.pixels, pixels)
        assert scan.notes == ()


def test_counts_of_16_bit_do_not_wrap(tmp_path: Path) -> None:
    levels = levels_of((BLADDER, 700.0)).astype(np.uint16)
    (scan,) = read_scans(save(levels, tmp_path / "7.png"))
    assert np.array_equal(scan.pixels, levels.astype(np.float32))
    assert scan.notes == ()


@pytest.mark.parametrize("share", [0.02, 0.06, 0.3])
def test_noise_in_place_of_a_scan_is_not_taken_for_wrapped(share: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = np.where(rng.random((1024, 256)) < share, rng.integers(0, 256, (1024, 256)), 0).astype(np.uint8)
    (scan,) = read_scans(save(noise, tmp_path / "137.png"))
    assert not any("wrapped" in note for note in scan.notes)


def test_what_training_sees_is_what_prediction_sees(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number, peak in enumerate((700.0, 100.0, 400.0)):
        save(wrapped(levels_of((BLADDER, peak), seed=number)), source / f"{number}_ant.png")
        (source / f"{number}_ant.xml").write_text(
            f"<annotation><filename>{number}_ant.png</filename><object><name>normal</name><bndbox><xmin>108</xmin>"
            "<ymin>460</ymin><xmax>148</xmax><ymax>500</ymax></bndbox></object></annotation>"
        )
    assert main(["voc", str(source), "--out", str(tmp_path / "out"), "--strict"]) == 0
    report = json.loads((tmp_path / "out" / "convert_report.json").read_text())
    assert report["wraparound"]["scans"] == 2
    assert report["wraparound"]["mended"] is True
    images = list((tmp_path / "out" / "images").rglob("*.png"))
    assert len(images) == 3
    for image in images:
        (before,) = read_scans(source / f"{image.name[0]}_ant.png")
        assert np.array_equal(np.asarray(Image.open(image)), before.pixels)
