"""Brightness across and down the body."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.realism.body_profiles import COLUMNS_PX, HEIGHTS, across, down, profile, trunk_rows
from benchmarks.realism.boxed_scans import BoxedScan

MIDDLE = 128
FEMUR_PX = (40, 50)


def body(femur: int = 60, view: str = "anterior") -> BoxedScan:
    """A plank of 12 grey levels, 160 pixels wide, with two brighter bars in its lower half."""
    grey = np.zeros((1024, 256), np.uint8)
    grey[20:1000, MIDDLE - 80 : MIDDLE + 80] = 12
    for sign in (-1, 1):
        first, last = sorted(MIDDLE + sign * edge for edge in FEMUR_PX)
        grey[500:1000, first:last] = femur
    return BoxedScan(grey, view, [])


def test_a_bright_bar_shows_in_its_column_and_height_alone() -> None:
    scan = body()
    thigh, chest = (profile(scan, HEIGHTS[name]) * scan.level for name in ("thighs", "chest"))
    assert thigh == pytest.approx([12, 12, 12, 12, 60, 12, 12, 12, 0, 0], abs=0.01)
    assert chest == pytest.approx([12] * 8 + [0, 0], abs=0.01)


def test_a_set_gives_the_median_of_its_scans_for_each_view() -> None:
    found = across([body(30), body(60), body(200), body(90, "posterior")])
    assert set(found) == {f"{view} {name}" for view in ("anterior", "posterior") for name in HEIGHTS}
    assert found["anterior thighs"] == pytest.approx(profile(body(60), HEIGHTS["thighs"]), rel=0.2)


def test_a_bright_organ_shows_in_its_column_and_rows_alone() -> None:
    scan = body()
    grey = scan.grey.copy()
    grey[20 + round(0.31 * 980) : 20 + round(0.35 * 980), MIDDLE + 20 : MIDDLE + 36] = 100
    found = down([BoxedScan(grey, "posterior", [])])
    assert set(found) == {f"posterior {name}" for name in COLUMNS_PX}
    kidneys, midline = found["posterior kidneys"], found["posterior midline"]
    assert trunk_rows()[kidneys > 2 * np.median(kidneys)] == pytest.approx([0.31, 0.33])
    assert midline == pytest.approx(np.full(len(midline), midline[0]))
