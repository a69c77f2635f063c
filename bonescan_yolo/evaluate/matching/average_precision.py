"""Detection metrics by the COCO protocol, computed by faster-coco-eval on the scans' own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import areas
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult

MAX_DETECTIONS = 300
"""Per scan. COCO's own limit of 100 is less than the boxes of a superscan at low confidence."""


@dataclass(frozen=True)
class ClassMetrics:
    """Average precision of one class; None if the data has no box of it.

    Attributes:
        true_boxes: number of boxes in the truth.
        ap50: average precision at IoU 0.5, in [0, 1].
        ap50_95: mean over IoU 0.5, 0.55, ... 0.95, in [0, 1].
    """

    true_boxes: int
    ap50: float | None
    ap50_95: float | None


@dataclass(frozen=True)
class SizeRange:
    """Boxes whose square root of the area, in pixels, is at least `low` and below `high`."""

    low: float
    high: float

    @property
    def areas(self) -> list[float]:
        """Smallest and largest area in square pixels, both inside the range, in the form that COCO takes."""
        return [self.low**2, self.high**2 - AREA_EDGE]


AREA_EDGE = 1e-6
"""Square pixels. COCO counts a box of exactly a limit's size in both ranges; here it is in the larger one only."""

SIZES = {
    "all": SizeRange(0, 1e5),
    "small": SizeRange(0, 8),
    "medium": SizeRange(8, 16),
    "large": SizeRange(16, 1e5),
}
"""COCO's own limits, 32 and 96 px, would call nearly every hot spot small: half of BS-80K's boxes are under 11 px."""


def average_precision(results: Sequence[ScanResult]) -> dict[str, ClassMetrics]:
    """Return the average precision of each class by name, over boxes of all sizes."""
    return average_precision_by_size(results)["all"]


def average_precision_by_size(results: Sequence[ScanResult]) -> dict[str, dict[str, ClassMetrics]]:
    """Return the average precision by name in SIZES and by class.

    COCO's protocol (Lin et al., 2014): predictions of all scans sorted by confidence, matched greedily one to one by
    IoU, precision interpolated at 101 recalls. Boxes of other sizes are ignored.
    """
    counts = _count_true(results)
    annotations = _annotations(results)
    predictions = _predictions(results)
    if not annotations or not predictions:
        return {size: {name: _unfound(number) for name, number in numbers.items()} for size, numbers in counts.items()}
    precision = _precision(results, annotations, predictions)
    return {
        size: {
            name: ClassMetrics(
                counts[size][name], _mean(precision[0, :, class_id, row]), _mean(precision[:, :, class_id, row])
            )
            for class_id, name in enumerate(CLASS_NAMES)
        }
        for row, size in enumerate(SIZES)
    }


def _precision(
    results: Sequence[ScanResult], annotations: list[dict[str, object]], predictions: list[dict[str, object]]
) -> NDArray[np.float64]:
    """Return the evaluator's precision, (IoUs, recalls, classes, sizes) float64; -1 without true boxes."""
    from faster_coco_eval import COCO, COCOeval_faster

    images = [{"id": index + 1, "width": result.width, "height": result.height} for index, result in enumerate(results)]
    categories = [{"id": class_id + 1, "name": name} for class_id, name in enumerate(CLASS_NAMES)]
    with redirect_stdout(StringIO()):  # the evaluator reports to standard output, where our own data goes
        truth = COCO({"images": images, "annotations": annotations, "categories": categories})
        evaluation = COCOeval_faster(truth, truth.loadRes(predictions), "bbox")
        evaluation.params.maxDets = [1, 10, MAX_DETECTIONS]
        evaluation.params.areaRng = [size.areas for size in SIZES.values()]
        evaluation.params.areaRngLbl = list(SIZES)
        evaluation.evaluate()
        evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"])[..., -1]


def _count_true(results: Sequence[ScanResult]) -> dict[str, dict[str, int]]:
    """Return the number of true boxes by name in SIZES and by class."""
    area = np.concatenate([np.zeros(0), *(areas(result.true_boxes.astype(np.float64)) for result in results)])
    classes = np.concatenate([np.zeros(0, np.int64), *(result.true_classes for result in results)])
    return {
        size: {
            name: int(((classes == class_id) & (area >= span.areas[0]) & (area <= span.areas[1])).sum())
            for class_id, name in enumerate(CLASS_NAMES)
        }
        for size, span in SIZES.items()
    }


def _unfound(true_boxes: int) -> ClassMetrics:
    """Return the metrics of a class of which nothing is found or nothing is in the truth."""
    precision = 0.0 if true_boxes else None
    return ClassMetrics(true_boxes, precision, precision)


def _mean(precision: NDArray[np.float64]) -> float | None:
    """Return the mean precision; None if COCO marks a class without true boxes by -1."""
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
