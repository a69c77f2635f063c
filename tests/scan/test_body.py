"""The body, its midline and its extent, on shapes that are known by construction."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.scan.body import BodyExtent, Midline, find_body, find_extent, find_mask, rows_to_show
from tests.factories import grey_scan


@pytest.mark.parametrize("slope", [-0.05, 0.0, 0.03])
@pytest.mark.parametrize("column", [110.0, 131.5])
@pytest.mark.parametrize("scale", [1, 40])
def test_the_midline_of_a_leaning_body(column: float, slope: float, scale: int) -> None:
    """Limbs and ribs in pairs, counts with noise, and an arm and a bladder that are not symmetric."""
    rows, columns = np.indices((1024, 256))
    beside = columns - (column + slope * (rows - 500))
    level = 30.0 * (np.abs(beside) < 12) * (np.abs(rows - 400) < 300)
    level += 20.0 * (np.abs(np.abs(beside) - 35) < 8) * (rows > 200) * (rows < 900)
    level += 5.0 * ((beside / 60) ** 2 + ((rows - 450) / 400) ** 2 < 1)
    level[300:420, 20:32] = 20
    level[620:650, int(column) + 5 : int(column) + 35] = 900
    pixels = np.random.default_rng(0).poisson(level * scale).astype(np.float32)
    body = find_body(pixels)
    assert body.midline is not None
    for row in (150, 500, 850):
        assert body.midline.at(row) == pytest.approx(column + slope * (row - 500), abs=2.0)


def test_where_the_body_is() -> None:
    grey = grey_scan([], [])
    body = find_body(grey)
    assert (body.mask == (grey > 0)).mean() > 0.98


def test_an_empty_scan_has_no_body() -> None:
    body = find_body(np.zeros((64, 64), np.uint8))
    assert body.midline is None
    assert not body.mask.any()


def test_mirroring_by_hand_and_twice() -> None:
    rows, columns = np.array([10, 20]), np.array([3, 7])
    mirrored = Midline(10.0, 0.0).mirror(rows, columns)
    assert [axis.tolist() for axis in mirrored] == [[10, 20], [17, 13]]
    leaning = Midline(40.0, 0.04)
    again = leaning.mirror(*leaning.mirror(np.arange(500), np.full(500, 12)))
    np.testing.assert_allclose(again[0], np.arange(500), atol=1)
    np.testing.assert_allclose(again[1], 12, atol=1)


@pytest.mark.parametrize("scan", [grey_scan(), np.zeros((64, 64), np.uint8)])
def test_the_mask_alone_is_that_of_the_body(scan: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(find_mask(scan), find_body(scan).mask)


def test_the_extent_of_the_body() -> None:
    """The ellipse of the factory: rows 80 to 880, its middle in column 128."""
    body = find_extent(grey_scan((), ()))
    assert body.top == pytest.approx(81, abs=3)
    assert body.top + body.height == pytest.approx(880, abs=3)
    assert body.middle == pytest.approx(128.5, abs=1)


def test_single_noisy_pixels_do_not_extend_the_body() -> None:
    scan = grey_scan((), ())
    scan[5, 10] = scan[1000, 200] = 200
    assert find_extent(scan) == find_extent(grey_scan((), ()))


def test_the_extent_of_an_empty_scan_is_the_whole_frame() -> None:
    assert find_extent(np.zeros((1024, 256), np.uint8)) == BodyExtent(0, 1024, 128)


def test_body_and_boxes_are_shown_with_a_margin_of_40_rows() -> None:
    scan = np.zeros((1024, 256), np.uint8)
    assert rows_to_show(scan, empty_boxes()) == slice(0, 1024)
    scan[200:600, 100:150] = 30
    scan[700:900, 100:105] = 30  # 5 of 256 pixels: less than 2 %
    assert rows_to_show(scan, empty_boxes()) == slice(160, 639)
    assert rows_to_show(scan, np.float32([[10, 110, 20, 120], [10, 990, 20, 1000]])) == slice(70, 1024)
