"""Pixel IoU, from areas written down by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.evaluate.bootstrap import summarise
from bonescan_yolo.evaluate.figures.pixel_iou import PUBLISHED, pixel_iou_figures
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pixel_overlap import PixelOverlap
from bonescan_yolo.evaluate.matching.pool import pool_scans
from tests.evaluate.builders import record, result

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
