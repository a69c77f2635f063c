"""Contrast: by hand, and against means taken pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.scan.surroundings import FLOOR_GREY, RING_PX, contrasts


def test_worked_by_hand() -> None:
    """A spot of 39 on a body of 9: (39 + 1) / (9 + 1)."""
    scan = np.full((64, 64), 9, np.uint8)
    scan[20:30, 20:30] = 39
    assert contrasts(scan, np.array([[20, 20, 30, 30]], dtype=np.float32)) == pytest.approx([4])


def test_beside_nothing_it_has_a_bound() -> None:
    scan = np.zeros((64, 64), np.uint8)
    scan[20:30, 20:30] = 99
    assert contrasts(scan, np.array([[20, 20, 30, 30]], dtype=np.float32)) == pytest.approx([100])
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
