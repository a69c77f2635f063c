"""False boxes at equal sensitivity, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.networks import comparison
from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.evaluate.bootstrap import draw_weights
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.model.rescoring import Rescoring
from bonescan_yolo.model.runtime import Detections


def scan(true: int, hits: list[float], misses: list[float]) -> ScanResult:
    """Return a scan with abnormal boxes side by side, of which some are hit, and false boxes elsewhere."""
    places = np.arange(max(true, len(misses)))[:, None] * 20.0
    box = np.array([[0.0, 0.0, 10.0, 10.0]]) + places * [1, 0, 1, 0]
    boxes = np.concatenate([box[: len(hits)], box[: len(misses)] + np.array([0, 100, 0, 100])]).astype(np.float32)
    return ScanResult(
        width=256,
        height=1024,
        true_boxes=box[:true].astype(np.float32),
        true_classes=np.full(true, ABNORMAL),
        boxes=boxes,
        confidences=np.array([*hits, *misses], np.float32),
        classes=np.full(len(boxes), ABNORMAL),
    )


def false_of(results: list[ScanResult]) -> float:
    patients = np.arange(len(results))
    return float(comparison._false_at_sensitivity(results, patients, draw_weights(len(results), 0, 0))[0])


def test_false_boxes_above_the_confidence_of_each_sensitivity() -> None:
    """Ten true boxes: 4 are found above 0.6, 5 above 0.5, 6 above 0.4; false boxes above them are 1, 2 and 4."""
    results = [
        scan(5, [0.9, 0.7, 0.5], [0.65, 0.45]),
        scan(5, [0.8, 0.6, 0.4], [0.55, 0.42, 0.1]),
    ]
    assert false_of(results) == pytest.approx((1 + 2 + 4) / 3 / 2)


def test_normal_boxes_do_not_count() -> None:
    results = [scan(5, [0.9, 0.7, 0.5], [0.65])]
    normal = [*results, scan(1, [0.9], [0.8, 0.7])]
    normal[1].classes[:] = NORMAL
    normal[1].true_classes[:] = NORMAL
    assert false_of(normal) == pytest.approx(false_of(results) / 2)


def test_rescored_boxes_are_best_first() -> None:
    """A normal box stays, a lone abnormal one falls behind it."""
    boxes = np.array([[0, 0, 10, 10], [0, 100, 10, 110]], np.float32)
    found = Detections(boxes, np.array([0.6, 0.5], np.float32), np.array([ABNORMAL, NORMAL]), 0.6)
    rescored = comparison._rescored(found, Rescoring(0.3, 0.4))
    assert rescored.classes.tolist() == [NORMAL, ABNORMAL]
    assert rescored.boxes.tolist() == boxes[::-1].tolist()
    assert rescored.confidences == pytest.approx([0.5, 0.375])  # odds of 1.5 x 0.4
