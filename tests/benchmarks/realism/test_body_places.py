"""Where landmarks and boxes lie on a body."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.realism.body_places import SPINE, box_sizes_by_place, boxes_by_place, landmarks, place_of, spine_width
from benchmarks.realism.boxed_scans import BoxedScan

TOP, HEIGHT = 20, 980


def plank(*bands: tuple[float, float], boxes: list[tuple[bool, int, int, int, int]] | None = None) -> BoxedScan:
    """A grey plank for a body, with bands of flank that are brighter; `bands` in parts of its height."""
    pixels = np.zeros((1024, 256), np.uint8)
    pixels[TOP : TOP + HEIGHT, 80:176] = 12
    for first, last in bands:
        pixels[TOP + int(first * HEIGHT) : TOP + int(last * HEIGHT), 80:176] = 40
    return BoxedScan(pixels, "anterior", boxes or [])


def test_landmarks_are_the_bright_rows_of_a_body() -> None:
    bands = ((0.18, 0.19), (0.41, 0.43), (0.5, 0.51), (0.73, 0.74), (0.94, 0.95))
    found = {name.split(",")[0]: value for name, value in landmarks(plank(*bands))}
    assert found["shoulders"] == pytest.approx(18.5, abs=0.6)
    assert found["iliac crests"] == pytest.approx(41.0, abs=0.6)
    assert found["hips"] == pytest.approx(50.5, abs=0.6)
    assert found["knees"] == pytest.approx(73.5, abs=0.6)
    assert found["ankles"] == pytest.approx(94.5, abs=0.6)


def test_the_waist_is_the_darkest_row_below_the_ribs() -> None:
    found = {name.split(",")[0]: value for name, value in landmarks(plank((0.3, 0.37), (0.38, 0.45)))}
    assert found["waist"] == pytest.approx(37.5, abs=0.6)


@pytest.mark.parametrize(("shift", "width"), [(0, 17), (6, 24), (-8, 9)])
def test_the_spine_is_as_wide_as_its_bright_columns(shift: int, width: int) -> None:
    scan = plank()
    grey = scan.grey.copy()
    first = 128 + shift - width // 2
    grey[TOP : TOP + HEIGHT // 2, first : first + width] = 60
    assert spine_width(BoxedScan(grey, "posterior", []), SPINE["chest"]) == width
    assert spine_width(BoxedScan(grey, "posterior", []), SPINE["loin"]) == width


@pytest.mark.parametrize(
    ("along", "aside_px", "name"),
    [
        (0.03, 5.0, "skull"),
        (0.1, 5.0, "face"),
        (0.2, 60.0, "shoulders"),
        (0.25, 30.0, "ribs"),
        (0.36, 90.0, "elbows, hands"),
        (0.36, 5.0, "lumbar spine"),
        (0.5, 3.0, "bladder"),
        (0.5, 30.0, "pelvis"),
        (0.44, 5.0, "pelvis"),
        (0.56, 3.0, "urine"),
        (0.73, 40.0, "knees"),
        (0.95, 40.0, "ankles, feet"),
    ],
)
def test_each_part_of_the_body_has_its_name(along: float, aside_px: float, name: str) -> None:
    place = place_of(along, aside_px)
    assert place is not None
    assert place.name == name


def test_a_thigh_is_no_place() -> None:
    assert place_of(0.6, 40.0) is None


def test_boxes_are_counted_by_place_and_class() -> None:
    knee, bladder = (True, 90, 730, 100, 740), (False, 122, 505, 134, 515)
    counts = dict(boxes_by_place(plank(boxes=[knee, knee, bladder])))
    assert counts["anterior knees: abnormal boxes"] == 2
    assert counts["anterior bladder: normal boxes"] == 1
    assert sum(counts.values()) == 3


def test_sizes_of_boxes_stand_by_place_and_class() -> None:
    knee, large_knee, thigh = (True, 90, 730, 100, 740), (True, 90, 730, 94, 746), (True, 80, 620, 100, 640)
    assert list(box_sizes_by_place(plank(boxes=[knee, large_knee, thigh]))) == [
        ("knees: abnormal, px", 10),
        ("knees: abnormal, px", 8),
    ]
