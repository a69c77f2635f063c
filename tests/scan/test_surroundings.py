"""Rings and contrasts: by hand, and against means taken pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.scan.surroundings import FLOOR_GREY, RING_PX, contrasts, peak_contrast, ring


def test_worked_by_hand() -> None:
    """A spot of 39 on a body of 9: (39 + 1) / (9 + 1)."""
    scan = np.full((64, 64), 9, np.uint8)
    scan[20:30, 20:30] = 39
    assert contrasts(scan, np.float32([[20, 20, 30, 30]])) == pytest.approx([4])


def test_beside_nothing_it_has_a_bound() -> None:
    scan = np.zeros((64, 64), np.uint8)
    scan[20:30, 20:30] = 99
    assert contrasts(scan, np.float32([[20, 20, 30, 30]])) == pytest.approx([100])
    assert contrasts(scan, np.zeros((0, 4), np.float32)).shape == (0,)


@given(st.integers(0, 2**32 - 1))
def test_agrees_with_means_of_pixels(seed: int) -> None:
    """Boxes anywhere on the scan, whole pixels or not, some without area."""
    random = np.random.default_rng(seed)
    scan = random.integers(0, 256, (40, 50)).astype(np.uint8)
    corners = random.uniform([0, 0], [50, 40], (6, 2))
    boxes = np.concatenate([corners, corners + random.uniform(0, 12, (6, 2))], axis=1)
    boxes = np.float32(boxes.clip(0, [50, 40, 50, 40]))
    for box, ours in zip(boxes, contrasts(scan, boxes), strict=True):
        left, top = min(int(box[0]), 49), min(int(box[1]), 39)
        right, bottom = max(int(np.ceil(box[2])), left + 1), max(int(np.ceil(box[3])), top + 1)
        inside = np.zeros(scan.shape, bool)
        inside[top:bottom, left:right] = True
        ring = np.zeros(scan.shape, bool)
        ring[max(top - RING_PX, 0) : bottom + RING_PX, max(left - RING_PX, 0) : right + RING_PX] = True
        expected = (scan[inside].mean() + FLOOR_GREY) / (scan[ring & ~inside].mean() + FLOOR_GREY)
        assert ours == pytest.approx(expected, rel=1e-5)


def test_a_ring_lies_between_two_rectangles_and_is_cut_at_the_frame() -> None:
    mask = np.zeros((20, 30), bool)
    mask[8:10, 10:13] = True
    expected = np.zeros_like(mask)
    expected[4:14, 6:17] = True
    expected[6:12, 8:15] = False
    np.testing.assert_array_equal(ring(mask, 2, 4), expected)
    np.testing.assert_array_equal(ring(mask, 0, 100), ~mask)
    assert not ring(np.zeros((5, 5), bool), 0, 3).any()


def test_a_peak_over_the_median_and_the_bright_part_of_what_no_box_holds() -> None:
    """A peak of 80 on a ground of 10; a stripe of 40 beside it; the hot rest belongs to another box."""
    pixels = np.full((60, 60), 10, np.float32)
    pixels[25, 25] = 80
    pixels[15:35, 31:34] = 40
    pixels[:16] = 250
    taken = np.zeros(pixels.shape, bool)
    taken[20:30, 20:30] = taken[:16] = True
    box = (20, 20, 30, 30)
    assert peak_contrast(pixels, box, taken, 0.5) == pytest.approx(8)
    assert peak_contrast(pixels, box, taken, 0.95) == pytest.approx(2)
    assert peak_contrast(np.where(taken, pixels, 0), box, taken, 0.5) == pytest.approx(80)
    assert peak_contrast(pixels, box, np.ones_like(taken), 0.5) is None
