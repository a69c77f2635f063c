"""Pixel IoU, from masks and areas written down by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate.bootstrap import summarise
from bonescan_yolo.evaluate.figures.pixel_iou import (
    PUBLISHED,
    class_masks,
    object_class_masks,
    pixel_iou,
    pixel_iou_figures,
    pixel_overlaps,
    read_object_numbers,
)
from bonescan_yolo.evaluate.matching.evaluated_scan import PixelOverlap
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from tests.evaluate.builders import record, result
from tests.factories import save
from tests.measure.conftest import Read

EMPTY = result([], [])


def test_sums_are_divided_and_not_averaged() -> None:
    scans = [
        record(EMPTY, "1", "anterior", overlaps=(PixelOverlap(10, 20), PixelOverlap(0, 0))),
        record(EMPTY, "2", "anterior", overlaps=(PixelOverlap(0, 30), PixelOverlap(0, 0))),
        record(EMPTY, "2", "posterior", overlaps=(PixelOverlap(5, 5), PixelOverlap(1, 4))),
    ]
    figures = pixel_iou_figures(pool_scans(scans, HIT_RULE), np.array([[1, 1], [2, 0]], np.int32))
    assert set(figures) == set(PUBLISHED)
    assert figures["pixel_iou/abnormal/anterior"].values == pytest.approx([10 / 50, 20 / 40])
    assert figures["pixel_iou/normal/posterior"].values[0] == pytest.approx(1 / 4)
    nothing = summarise(figures["pixel_iou/normal/anterior"])
    assert (nothing.value, nothing.missing) == (None, "no normal hot spot on anterior scans, true or found")


def test_no_figures_unless_every_scan_is_outlined() -> None:
    outlined = record(EMPTY, overlaps=(PixelOverlap(1, 2), PixelOverlap(0, 0)))
    weights = np.ones((1, 1), np.int32)
    assert pixel_iou_figures(pool_scans([outlined, record(EMPTY)], HIT_RULE), weights) == {}
    assert pixel_iou_figures(pool_scans([], HIT_RULE), np.ones((1, 0), np.int32)) == {}


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
    with pytest.raises(BonescanError, match=r"1\.png: is not a mask of 1 objects"):
        read_object_numbers(path, 1)
