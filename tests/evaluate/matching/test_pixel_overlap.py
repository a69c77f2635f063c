"""Pixel IoU by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate.matching.pixel_overlap import (
    PixelOverlap,
    class_masks,
    object_class_masks,
    pixel_iou,
    pixel_overlaps,
    read_object_numbers,
)
from tests.factories import save
from tests.measure.conftest import Read


def row(*values: int) -> np.ndarray:
    return np.array([values], dtype=bool)


def test_overlaps_and_their_ratio() -> None:
    first = pixel_overlaps((row(1, 1, 0, 0), row(0, 0, 0, 0)), (row(0, 1, 1, 0), row(0, 0, 0, 0)))
    second = pixel_overlaps((row(1, 1, 1, 1), row(0, 0, 0, 0)), (row(1, 1, 1, 1), row(0, 0, 0, 0)))
    assert first == (PixelOverlap(1, 3), PixelOverlap(0, 0))
    assert pixel_iou([first, second]) == {"abnormal": pytest.approx(5 / 7), "normal": None}
    assert pixel_iou([]) == {"abnormal": None, "normal": None}


def test_masks_by_class(read: Read) -> None:
    reading = read({"left": 200, "right": 100}, {"right": 1})
    abnormal, normal = class_masks(reading.scan.pixels, reading.boxes, reading.classes)
    assert abnormal[305, 95]
    assert normal[305, 170]
    assert not (abnormal & normal).any()
    none = class_masks(reading.scan.pixels, reading.boxes[:0], reading.classes[:0])
    assert not any(mask.any() for mask in none)


def test_objects_of_the_simulators_masks() -> None:
    abnormal, normal = object_class_masks(np.uint8([[0, 1, 2, 3, 1]]), np.array([1, 0, 1]))
    assert abnormal.tolist() == [[False, False, True, False, False]]
    assert normal.tolist() == [[False, True, False, True, True]]


def test_masks_of_more_objects_are_refused(tmp_path: Path) -> None:
    numbers = np.zeros((64, 64), np.uint8)
    numbers[3:5, 3:9] = 2
    path = save(tmp_path / "1.png", numbers)
    np.testing.assert_array_equal(read_object_numbers(path, 2), numbers)
    with pytest.raises(BonescanError, match=r"1\.png: is no mask of 1 objects"):
        read_object_numbers(path, 1)
