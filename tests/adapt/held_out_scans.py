"""Scans as models read them, with a wanted number of hits, misses and false boxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bonescan_yolo.adapt.annotated_scans import AnnotatedScan
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from tests.evaluate.builders import SQUARE, Box, record, result

OTHER: Box = (40.0, 500.0, 60.0, 520.0)
AWAY: Box = (200.0, 900.0, 215.0, 915.0)
EMPTY = np.zeros((1024, 256), np.uint8)


def read_scan(patient: str, hit: float, false: float) -> EvaluatedScan:
    """A scan with a box of each class, both hit at a confidence, and a false abnormal box at another."""
    found = [(SQUARE, hit, 0), (OTHER, hit, 1), (AWAY, false, 0)]
    return record(result([(SQUARE, 0), (OTHER, 1)], found), patient)


def annotated(patient: str, n_abnormal: int, view: str = "anterior") -> AnnotatedScan:
    """A scan of a patient with a number of abnormal boxes."""
    boxes = np.tile(np.array([SQUARE], np.float32), (n_abnormal, 1))
    scan = TrainingScan(EMPTY, boxes, np.zeros(n_abnormal, np.int64))
    return AnnotatedScan(Path(f"{patient}_{view}.png"), patient, scan)
