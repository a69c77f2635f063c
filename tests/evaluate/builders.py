"""Scans with true boxes and detections that are written down by hand, or drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.evaluate.bootstrap import draw_weights, summarise
from bonescan_yolo.evaluate.evaluation import DataFacts, Evaluation, ModelResult
from bonescan_yolo.evaluate.matching.evaluated_scan import BoxPlaces, EvaluatedScan, PixelOverlap, ScanResult
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.evaluate.measured import choose, measure
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.scan.identity.names import View

AT_30 = Thresholds.both(0.3)
SQUARE = (100.0, 100.0, 110.0, 110.0)
Box = tuple[float, float, float, float]


def moved(box: Box, right: float) -> Box:
    """Return a box moved to the right; by d of 10 px its IoU with the box is (10 - d) / (10 + d)."""
    return box[0] + right, box[1], box[2] + right, box[3]


def result(true: Sequence[tuple[Box, int]], found: Sequence[tuple[Box, float, int]]) -> ScanResult:
    """Return a scan of 256 x 1024 with these true boxes (box, class) and detections (box, confidence, class)."""
    return ScanResult(
        width=256,
        height=1024,
        true_boxes=_array([box for box, _ in true]),
        true_classes=np.array([class_id for _, class_id in true], dtype=np.int64),
        boxes=_array([box for box, _, _ in found]),
        confidences=np.array([confidence for _, confidence, _ in found], dtype=np.float32),
        classes=np.array([class_id for _, _, class_id in found], dtype=np.int64),
    )


def record(
    scan: ScanResult,
    patient: str = "1",
    view: View | None = "anterior",
    *,
    image: Path = Path("1_anterior.png"),
    overlaps: tuple[PixelOverlap, ...] | None = None,
) -> EvaluatedScan:
    """Return a scan as it was read; all boxes in the first region, the skull, and of contrast 2."""
    of_disease = scan.confidences[scan.classes == ABNORMAL]
    return EvaluatedScan(
        image=image,
        patient=patient,
        view=view,
        result=scan,
        abnormal_confidence=float(of_disease.max(initial=0)),
        true_places=places(len(scan.true_boxes)),
        places=places(len(scan.boxes)),
        pixel_overlaps=overlaps,
    )


def places(count: int) -> BoxPlaces:
    """Return the places of this number of boxes, all the same."""
    return BoxPlaces(np.zeros(count, np.int64), np.full(count, 2.0, np.float32))


def random_result(random: np.random.Generator) -> ScanResult:
    """Return a scan with a few boxes, most of them found more or less well, and some in vain."""
    corners = random.uniform([0, 0], [240, 1000], (random.integers(0, 8), 2))
    true = np.concatenate([corners, corners + random.uniform(4, 24, corners.shape)], axis=1)
    classes = random.integers(0, 2, len(true))
    found = np.concatenate([true + random.normal(0, 1.5, true.shape), true[: len(true) // 2]])
    found = np.concatenate([found, random.uniform(0, 200, (random.integers(0, 4), 4))])
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    guessed = np.where(random.random(len(found)) < 0.8, np.resize(np.append(classes, 0), len(found)), 1)
    return ScanResult(
        width=256,
        height=1024,
        true_boxes=true.astype(np.float32),
        true_classes=classes.astype(np.int64),
        boxes=found.astype(np.float32),
        confidences=(random.permutation(40)[: len(found)] + 1).astype(np.float32) / np.float32(41),
        classes=guessed.astype(np.int64),
    )


def random_records(random: np.random.Generator, patients: int) -> list[EvaluatedScan]:
    """Return scans of both views of this number of patients."""
    return [
        record(random_result(random), f"p{patient}", view, image=Path(f"p{patient}_{view}.png"))
        for patient in range(patients)
        for view in ("anterior", "posterior")
    ]


def evaluation_of(
    scans: list[EvaluatedScan], models: int = 1, name: str = "model", thresholds: Thresholds = AT_30
) -> Evaluation:
    """Return an evaluation of this number of models, all of which found the same."""
    pool = pool_scans(scans, HIT_RULE)
    weights = draw_weights(len(pool.patient_names), 30, 0)
    measured = measure(pool, choose(scans, "val", HIT_RULE), thresholds, weights)
    figures = {key: summarise(sampled) for key, sampled in measured.figures.items()}
    return Evaluation(
        data=DataFacts("data/x/dataset.yaml", "made up", "0" * 64, "test"),
        models=tuple(
            ModelResult(f"{name}-{number}.onnx", f"{name}.onnx", "1" * 64, "squares", None, measured, {}, figures)
            for number in range(models)
        ),
        rule=HIT_RULE,
        draws=30,
        seed=0,
        command="python -m bonescan_yolo.evaluate",
        versions={"bonescan_yolo": "1.0"},
    )


def _array(boxes: Sequence[Box]) -> NDArray[np.float32]:
    return np.array(boxes, dtype=np.float32).reshape(-1, 4)
