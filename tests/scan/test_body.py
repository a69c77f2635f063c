"""The body and its midline, on shapes that are symmetric by construction."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.scan.body import Midline, find_body
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
