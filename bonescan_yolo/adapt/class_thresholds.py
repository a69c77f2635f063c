"""The thresholds of both classes that are best on scans a model has not been trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES, NORMAL
from bonescan_yolo.evaluate.matching.evaluated_scan import BoxPlaces, EvaluatedScan, ScanResult
from bonescan_yolo.evaluate.matching.hits import best_threshold
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE
from bonescan_yolo.model.card import ModelCard


@dataclass(frozen=True)
class ClassThresholds:
    """Confidences above which boxes are shown.

    Attributes:
        abnormal: of abnormal boxes, in [0, 1].
        normal: of normal boxes, in [0, 1].
    """

    abnormal: float
    normal: float

    def shown(self, scan: EvaluatedScan) -> EvaluatedScan:
        """Return a scan with the boxes above the thresholds only."""
        result = scan.result
        limits = np.where(result.classes == ABNORMAL, np.float32(self.abnormal), np.float32(self.normal))
        kept = result.confidences > limits
        places = BoxPlaces(scan.places.sites[kept], scan.places.contrasts[kept])
        boxes, confidences, classes = result.boxes[kept], result.confidences[kept], result.classes[kept]
        return replace(
            scan, result=replace(result, boxes=boxes, confidences=confidences, classes=classes), places=places
        )

    def as_record(self) -> dict[str, float]:
        """Return them by class name, for JSON."""
        return dict(zip(CLASS_NAMES, (self.abnormal, self.normal), strict=True))


def thresholds_of(card: ModelCard) -> ClassThresholds:
    """Return a model's own thresholds."""
    return ClassThresholds(card.confidence, card.confidence)


def with_thresholds(card: ModelCard, thresholds: ClassThresholds) -> ModelCard:
    """Return a card with other thresholds; a card has one, and that of abnormal boxes matters most."""
    return replace(card, confidence=thresholds.abnormal)


def choose_thresholds(scans: Sequence[EvaluatedScan], otherwise: ClassThresholds) -> ClassThresholds:
    """Return for each class the threshold with the highest F1.

    Args:
        scans: that were read with a model not trained on them.
        otherwise: for a class that no detection hits.
    """
    abnormal, normal = (
        best_threshold([_of_class(scan.result, class_id) for scan in scans], LOWEST_CONFIDENCE)
        for class_id in (ABNORMAL, NORMAL)
    )
    return ClassThresholds(
        otherwise.abnormal if abnormal is None else abnormal, otherwise.normal if normal is None else normal
    )


def _of_class(result: ScanResult, class_id: int) -> ScanResult:
    """Return a scan with the boxes of one class only."""
    true, found = result.true_classes == class_id, result.classes == class_id
    return replace(
        result,
        true_boxes=result.true_boxes[true],
        true_classes=result.true_classes[true],
        boxes=result.boxes[found],
        confidences=result.confidences[found],
        classes=result.classes[found],
    )
