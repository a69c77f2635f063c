"""The figures of hot squares on a flat body, which can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.measure.hot_spots import NO_BODY_OPPOSITE, NO_MIDLINE, NO_SURROUNDINGS, ON_MIDLINE, measure
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.scan import Scan
from tests.measure.conftest import BODY, SIDE, Read


def test_area_peak_and_ratios(read: Read) -> None:
    measures = measure(read({"left": 200}, pixel_spacing_mm=(2.0, 3.0)))
    (spot,) = measures.hot_spots
    assert spot.outline.area_px == pytest.approx(SIDE**2, abs=2 * SIDE)
    assert spot.area_mm2 == spot.outline.area_px * 6.0
    assert (spot.peak, spot.saturated_px) == (200, 0)
    inside = spot.total / spot.outline.area_px
    assert spot.to_surroundings.value == pytest.approx(inside / BODY)
    assert spot.to_other_side.value == pytest.approx(inside / BODY)
    assert spot.to_surroundings.missing is None


def test_the_other_side_is_as_hot(read: Read) -> None:
    left, right = measure(read({"left": 200, "right": 100})).hot_spots
    assert left.to_other_side.value == pytest.approx(2.0, rel=0.15)
    assert right.to_other_side.value == pytest.approx(0.5, rel=0.15)
    assert left.to_surroundings.value == pytest.approx(left.total / left.outline.area_px / BODY)


def test_why_a_ratio_is_missing(read: Read) -> None:
    middle, far = measure(read({"middle": 200, "far": 250})).hot_spots
    assert (middle.to_other_side.value, middle.to_other_side.missing) == (None, ON_MIDLINE)
    assert (far.to_other_side.value, far.to_other_side.missing) == (None, NO_BODY_OPPOSITE)
    assert (far.to_surroundings.value, far.to_surroundings.missing) == (None, NO_SURROUNDINGS)


def test_an_empty_scan() -> None:
    scan = Scan(np.eye(64, dtype=np.uint8) * 0)
    reading = Reading(
        np.array([[5, 5, 20, 20]], dtype=np.float32), np.array([0.5], dtype=np.float32), np.array([0]), 0.5, scan
    )
    measures = measure(reading)
    assert measures.abnormal_share is None
    assert measures.hot_spots[0].to_surroundings.value is None
    assert NO_MIDLINE == "no body on the scan"


def test_the_share_of_the_body_counts_abnormal_pixels_once(read: Read) -> None:
    measures = measure(read({"left": 200, "right": 100}, {"right": 1}))
    left, _ = measures.hot_spots
    assert measures.abnormal_share == pytest.approx(left.total / measures.body_total)
    twice = measures.reading
    doubled = Reading(np.concatenate([twice.boxes[:1]] * 2), twice.confidences, np.array([0, 0]), 0.9, twice.scan)
    assert measure(doubled).abnormal_share == pytest.approx(measures.abnormal_share)


def test_no_boxes_and_saturation(read: Read) -> None:
    none = measure(read({}))
    assert (none.hot_spots, none.abnormal_share) == ((), 0.0)
    assert len(none.reading.boxes) == len(empty_boxes())
    assert measure(read({"left": 255})).hot_spots[0].saturated_px == SIDE**2
