"""Scans and detections that the tests of the harness share."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.adapting.scan_sets import ScanSet
from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.model.runtime import Detections

STUDIES = 12


@pytest.fixture
def scans() -> ScanSet:
    """Return both scans of some studies, with none to three boxes."""
    random = np.random.default_rng(0)
    boxes, classes = [], []
    for index in range(2 * STUDIES):
        number = index % 4
        corners = random.integers(0, 100, (number, 2)) + np.arange(number)[:, None] * (0, 150)
        boxes.append(np.concatenate([corners, corners + 10], axis=1).astype(np.float32).reshape(-1, 4))
        classes.append(random.integers(0, 2, number))
    return ScanSet(
        pixels=random.integers(0, 255, (2 * STUDIES, 64, 16)).astype(np.uint8),
        patients=tuple(f"p{index // 2}" for index in range(2 * STUDIES)),
        boxes=tuple(boxes),
        classes=tuple(classes),
    )


@pytest.fixture
def found(scans: ScanSet) -> list[Detections]:
    """Return most true boxes, a little off, and some false ones; nothing on the first scan."""
    random = np.random.default_rng(1)
    detections = [Detections(empty_boxes(), np.zeros(0, np.float32), np.zeros(0, np.int64), 0.0)]
    for boxes, classes in zip(scans.boxes[1:], scans.classes[1:], strict=True):
        false = np.array([[200, 900, 220, 920]], np.float32)
        corners = np.concatenate([boxes + random.integers(0, 3, boxes.shape).astype(np.float32), false])
        confidences = np.sort(random.uniform(0.01, 0.99, len(corners)).astype(np.float32))[::-1].copy()
        detections.append(Detections(corners, confidences, np.append(classes, 0), float(confidences[0])))
    return detections
