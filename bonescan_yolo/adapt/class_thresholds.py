"""The thresholds of both classes that are best on scans a model has not been trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.matching.evaluated_scan import BoxPlaces, EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import best_by_class
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE
from bonescan_yolo.model.thresholds import Thresholds


def choose_thresholds(scans: Sequence[EvaluatedScan], otherwise: Thresholds) -> Thresholds:
    """Return for each class the threshold with the highest F1.

    Args:
        scans: that were read with a model not trained on them.
        otherwise: for a class that no detection hits.
    """
    best = best_by_class([scan.result for scan in scans], LOWEST_CONFIDENCE)
    found = [best[name] for name in CLASS_NAMES]
    return Thresholds(
        *(known if chosen is None else chosen for chosen, known in zip(found, otherwise.by_class, strict=True))
    )


def only_shown(scan: EvaluatedScan, thresholds: Thresholds) -> EvaluatedScan:
    """Return a scan with the boxes above the thresholds of their classes only."""
    result = scan.result
    kept = thresholds.above(result.confidences, result.classes)
    boxes, confidences, classes = result.boxes[kept], result.confidences[kept], result.classes[kept]
    return replace(
        scan,
        result=replace(result, boxes=boxes, confidences=confidences, classes=classes),
        places=BoxPlaces(scan.places.sites[kept], scan.places.contrasts[kept]),
    )
