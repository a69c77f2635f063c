"""Detection metrics by the COCO protocol, computed by faster-coco-eval on the scans' own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.classes import CLASS_NAMES

MAX_DETECTIONS = 300
"""A scan; COCO's own 100 is less than the boxes of a superscan at low confidence."""


@dataclass(frozen=True, eq=False)
class ScanResult:
    """Truth and prediction of one scan.

    Attributes:
        width, height: pixels of the scan.
        true_boxes: (N, 4) x1 y1 x2 y2.
        true_classes: (N,).
        boxes: (M, 4) predicted, down to a very low confidence.
        confidences: (M,) in [0, 1].
        classes: (M,).
    """

    width: int
    height: int
    true_boxes: Boxes
    true_classes: NDArray[np.int64]
    boxes: Boxes
    confidences: NDArray[np.float32]
    classes: NDArray[np.int64]


@dataclass(frozen=True)
class ClassMetrics:
    """Average precision of one class; None where the data has no box of it.

    Attributes:
        true_boxes: number of boxes in the truth.
        ap50: average precision at IoU 0.5, in [0, 1].
        ap50_95: mean over IoU 0.5, 0.55, ... 0.95.
    """

    true_boxes: int
    ap50: float | None
    ap50_95: float | None


def average_precision(results: Sequence[ScanResult]) -> dict[str, ClassMetrics]:
    """Return the average precision of each class by name.

    COCO's protocol (Lin et al., 2014): predictions of all scans sorted by confidence, matched greedily one to one by
    IoU, precision interpolated at 101 recalls.
    """
    from faster_coco_eval import COCO, COCOeval_faster

    counts = [
        sum(int((result.true_classes == class_id).sum()) for result in results) for class_id in range(len(CLASS_NAMES))
    ]
    annotations = _annotations(results)
    predictions = _predictions(results)
    if not annotations or not predictions:
        zero = 0.0 if annotations else None
        return {
            name: ClassMetrics(count, zero if count else None, zero if count else None)
            for name, count in zip(CLASS_NAMES, counts, strict=True)
        }
    images = [{"id": index + 1, "width": result.width, "height": result.height} for index, result in enumerate(results)]
    categories = [{"id": class_id + 1, "name": name} for class_id, name in enumerate(CLASS_NAMES)]
    with redirect_stdout(StringIO()):  # the evaluator reports to standard output, which is our data's
        truth = COCO({"images": images, "annotations": annotations, "categories": categories})
        evaluation = COCOeval_faster(truth, truth.loadRes(predictions), "bbox")
        evaluation.params.maxDets = [1, 10, MAX_DETECTIONS]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = np.asarray(evaluation.eval["precision"])[..., 0, -1]  # IoU, recall, class; all areas, all detections
    return {
        name: ClassMetrics(counts[class_id], _mean(precision[0, :, class_id]), _mean(precision[:, :, class_id]))
        for class_id, name in enumerate(CLASS_NAMES)
    }


def _mean(precision: NDArray[np.float64]) -> float | None:
    """Return the mean precision, None where COCO marks a class without truth by -1."""
    known = precision[precision > -1]
    return float(known.mean()) if known.size else None


def _annotations(results: Sequence[ScanResult]) -> list[dict[str, object]]:
    """Return the truth as COCO annotations."""
    entries: list[dict[str, object]] = []
    for index, result in enumerate(results):
        for box, class_id in zip(result.true_boxes, result.true_classes, strict=True):
            x1, y1, x2, y2 = (float(edge) for edge in box)
            entries.append(
                {
                    "id": len(entries) + 1,
                    "image_id": index + 1,
                    "category_id": int(class_id) + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                }
            )
    return entries


def _predictions(results: Sequence[ScanResult]) -> list[dict[str, object]]:
    """Return the predictions as COCO results."""
    entries: list[dict[str, object]] = []
    for index, result in enumerate(results):
        for box, confidence, class_id in zip(result.boxes, result.confidences, result.classes, strict=True):
            x1, y1, x2, y2 = (float(edge) for edge in box)
            entries.append(
                {
                    "image_id": index + 1,
                    "category_id": int(class_id) + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "score": float(confidence),
                }
            )
    return entries
