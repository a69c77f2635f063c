"""What a network is worth on a set: average precision, F1 and false abnormal boxes, each with draws over patients.

All networks are measured with the same draws of patients, so that differences and quotients of them are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import Values, Weights, divide, draw_weights, number_patients, totals
from bonescan_yolo.evaluate.figures.precision_figures import sampled_precision
from bonescan_yolo.evaluate.matching.coco_matching import IOUS, match_class
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, best_by_class, match_scan
from bonescan_yolo.model.thresholds import Thresholds

MEAN: Final = "mean"
"""In place of a class: the mean of both."""

AP50: Final = 0
"""Place of an IoU of 0.5 among IOUS."""

OWN, BEST = "own", "best"
"""Thresholds of a network: its own, and those of each class with the highest F1 on the set itself."""


def thresholds_of(results: Sequence[ScanResult], own: Thresholds) -> dict[str, Thresholds]:
    """Return the thresholds of a network and the best ones on a set, as OWN and BEST."""
    return {OWN: own, BEST: best_thresholds(results, own)}


def best_thresholds(results: Sequence[ScanResult], own: Thresholds) -> Thresholds:
    """Return for each class the threshold with the highest F1; for a class without a hit its own one."""
    best = {name: threshold for name, threshold in best_by_class(results).items() if threshold is not None}
    return Thresholds(**{**own.as_record(), **best})


def measure(
    results: Sequence[ScanResult], patients: Sequence[str], thresholds: Mapping[str, Thresholds], weights: Weights
) -> dict[str, Values]:
    """Return every figure by key, (1 + draws,) each: the figure, then its draws.

    Keys are `ap50/CLASS`, and for each threshold `f1_THRESHOLD/CLASS` and `false_abnormal_THRESHOLD` per scan; CLASS
    may be MEAN.

    Args:
        results: true and predicted boxes of each scan.
        patients: name of each scan's patient.
        thresholds: by name; detections above that of their class are shown.
        weights: how often each patient counts, in the order of their sorted names.
    """
    _, indices = number_patients(patients)
    figures = _precision(results, indices, weights)
    for name, each in thresholds.items():
        figures |= _hits(results, indices, each, weights, name)
    return figures


def measure_once(
    results: Sequence[ScanResult], patients: Sequence[str], thresholds: Mapping[str, Thresholds]
) -> dict[str, float]:
    """Return every figure of `measure` by key, without draws."""
    once = draw_weights(len(set(patients)), draws=0, seed=0)
    return {name: float(values[0]) for name, values in measure(results, patients, thresholds, once).items()}


def _precision(results: Sequence[ScanResult], patients: NDArray[np.int64], weights: Weights) -> dict[str, Values]:
    """Return AP50 by class, and their mean."""
    if not np.isclose(IOUS[AP50], 0.5):
        raise ValueError("the first IoU is not 0.5")
    everything = np.ones(len(results), bool)
    figures = {}
    for class_id, name in enumerate(CLASS_NAMES):
        matching = match_class(results, class_id)
        drawn = sampled_precision(matching, weights, patients, everything, "all")
        figures[f"ap50/{name}"] = drawn[:, AP50]
    return _with_mean(figures, "ap50")


def _hits(
    results: Sequence[ScanResult], patients: NDArray[np.int64], thresholds: Thresholds, weights: Weights, name: str
) -> dict[str, Values]:
    """Return F1 by class and its mean, and false abnormal boxes per scan, at the thresholds that have a name."""
    figures = {}
    counts = np.zeros((len(CLASS_NAMES), 3, len(results)))  # shown, right and true boxes of each scan
    for index, result in enumerate(results):
        shown = thresholds.above(result.confidences, result.classes)
        right = match_scan(result) != NO_MATCH
        for class_id in range(len(CLASS_NAMES)):
            own = shown & (result.classes == class_id)
            counts[class_id, :, index] = own.sum(), (own & right).sum(), (result.true_classes == class_id).sum()
    for class_id, class_name in enumerate(CLASS_NAMES):
        found, right, true = (totals(weights, patients, amounts) for amounts in counts[class_id])
        figures[f"f1_{name}/{class_name}"] = divide(2 * right, found + true)
        if class_id == ABNORMAL:
            false_per_scan = divide(found - right, totals(weights, patients))
    return {**_with_mean(figures, f"f1_{name}"), f"false_abnormal_{name}": false_per_scan}


def _with_mean(figures: dict[str, Values], key: str) -> dict[str, Values]:
    """Return the figures of the classes and the mean of both."""
    both = [figures[f"{key}/{name}"] for name in CLASS_NAMES]
    return {**figures, f"{key}/{MEAN}": np.mean(both, axis=0)}
