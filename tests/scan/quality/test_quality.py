"""What makes pixels doubtful as a whole-body bone scan, and what does not."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from bonescan_yolo.scan import Scan, read_scans
from bonescan_yolo.scan.quality.quality import assess
from bonescan_yolo.scan.record import normalise_pixels
from tests.factories import count_scan, grey_scan
from tests.scan.quality.quality_pictures import FOLDER, body, grey, pictures

CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))["cases"]


def codes(pixels: Any) -> list[str]:
    """Return the codes of the doubts about an array as `Detector` takes it."""
    return [doubt.code for doubt in assess(normalise_pixels(np.ascontiguousarray(pixels), "x")[0]).doubts]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_the_pictures_shared_with_the_page_are_doubted_as_their_table_says(case: dict[str, Any]) -> None:
    (scan,) = read_scans(FOLDER / case["file"])
    quality = scan.quality
    assert ([doubt.code for doubt in quality.doubts], quality.refused) == (case["codes"], case["refused"])


def test_every_shared_picture_is_in_the_table() -> None:
    assert {case["file"] for case in CASES} == {path.name for path in FOLDER.glob("*.png")}
    assert {case["file"].removesuffix(".png") for case in CASES} == set(pictures())


def test_what_is_a_scan_passes_and_what_is_none_does_not() -> None:
    for case in CASES:
        assert case["refused"] != case["file"].startswith("body"), case["file"]


@pytest.mark.parametrize("pixels", [grey_scan(), grey_scan([], []), count_scan(), 255 - grey_scan()])
def test_a_plain_ellipse_with_hot_spots_is_not_doubted(pixels: Any) -> None:
    assert codes(pixels) == []


def test_a_bar_in_place_of_a_body_is_not_doubted() -> None:
    pixels = np.zeros((1024, 256), np.uint8)
    pixels[100:900, 100:156] = 23
    assert codes(pixels) == []
    pixels[300:310, 120:130] = 250
    assert codes(pixels) == []


def test_a_bone_scan_of_pydicom_is_not_doubted() -> None:
    path = get_testdata_file("JPGExtended.dcm")
    assert isinstance(path, str)
    assert [scan.quality.doubts for scan in read_scans(path)] == [()]


@pytest.mark.parametrize("factor", [1e-3, 0.1, 1.0, 7.0, 1e5])
def test_the_scale_of_values_does_not_matter(factor: float) -> None:
    """Float values that are no whole numbers may have any scale; whole numbers are counts."""
    shifted = body(2).astype(np.float64) * factor + 1e-4 * factor
    assert codes(shifted) == []
    assert codes(np.rot90(shifted)) == ["lying"]


def test_few_counts_are_said_with_their_number() -> None:
    counts = body(counts=0.25)
    (doubt,) = assess(counts.astype(np.float32)).doubts
    assert (doubt.code, doubt.refuses) == ("few_counts", False)
    assert doubt.message == f"has {int(counts.sum()):,} counts; with less than 500,000 hot spots are easily missed"


def test_pixels_that_are_not_square_are_measured_in_millimetres() -> None:
    squashed = np.asarray(Image.fromarray(grey(2)).resize((128, 170)))
    assert assess(squashed).refused
    assert not assess(squashed, pixel_spacing_mm=(6.0, 2.0)).refused
    assert not Scan(squashed, pixel_spacing_mm=(6.0, 2.0)).quality.refused


@pytest.mark.parametrize("shape", [(32, 32), (32, 3000), (3000, 32), (33, 47), (1000, 1000), (257, 255)])
def test_any_size_and_content_is_judged(shape: tuple[int, int]) -> None:
    draw = np.random.default_rng(1)
    for pixels in (
        np.zeros(shape, np.uint8),
        np.full(shape, 255, np.uint8),
        draw.integers(0, 256, shape, dtype=np.uint8),
        draw.poisson(0.01, shape).astype(np.float32),
        draw.random(shape, dtype=np.float32) * np.float32(1e30),
    ):
        assert assess(pixels).refused


def test_it_takes_a_few_milliseconds() -> None:
    pixels = np.repeat(np.repeat(grey(), 4, axis=0), 4, axis=1)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        assess(pixels)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.01  # 1 ms on an idle core of 2020


@pytest.mark.parametrize("shape", [(32767, 64), (64, 32767), (60000, 16), (16, 16)])
def test_a_strip_of_any_sides_is_assessed(shape: tuple[int, int]) -> None:
    pixels = np.zeros(shape, np.float32)
    pixels[shape[0] // 3 :, shape[1] // 3 :] = 50
    assess(pixels)
