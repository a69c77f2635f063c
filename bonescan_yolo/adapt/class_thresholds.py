"""The thresholds of both classes that are best on scans a model has not been trained on.

The threshold with the highest F1 on some twenty scans depends on a few boxes. So it is looked for on many draws of the
patients, with replacement, and the mean of the log-odds is taken (bagging: Breiman 1996). On readings of a simulated
hospital, thresholds chosen on 20 scans in this way lost 0.030 and 0.018 of F1 (abnormal, normal) against the best ones
for 480 others, those with the highest F1 on the 20 scans 0.050 and 0.028 (`docs/research/experiments/adapting.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Values, Weights, draw_weights, number_patients, totals
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan, ScanResult
from bonescan_yolo.evaluate.matching.hit_curve import hit_curve
from bonescan_yolo.evaluate.matching.hits import FoundBoxes, pool_found
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE
from bonescan_yolo.model.thresholds import Thresholds

DRAWS: Final = 200
SEED: Final = 0
"""Of the draws."""

DECIMALS: Final = 3
"""More would say nothing."""

LEAST_THRESHOLD: Final = 0.01
"""Log-odds fall without limit towards 0, so thresholds stay this far from 0 and 1."""


def choose_thresholds(results: Sequence[ScanResult], patients: Sequence[str], otherwise: Thresholds) -> Thresholds:
    """Return for each class the threshold that is likely to have the highest F1 on other scans.

    Args:
        results: of scans that were read with a model not trained on them.
        patients: name of each scan's patient.
        otherwise: for a class that no detection hits.
    """
    names, owners = number_patients(patients)
    weights = draw_weights(len(names), DRAWS, SEED)
    found = pool_found(results)
    chosen = []
    for class_id, known in enumerate(otherwise.by_class):
        n_true = np.array([float((one.true_classes == class_id).sum()) for one in results])
        best = _threshold(found.of_class(class_id), owners, weights, totals(weights, owners, n_true))
        chosen.append(known if best is None else best)
    return Thresholds(*chosen)


def _threshold(found: FoundBoxes, owners: NDArray[np.int64], weights: Weights, n_true: Values) -> float | None:
    """Return the threshold of a class; None if no detection hits.

    Args:
        found: detections of the class.
        owners: (scans,) index of each scan's patient.
        weights: (1 + draws, patients), how often each patient counts.
        n_true: (1 + draws,) number of true boxes of the class.
    """
    if not found.right.any():
        return None
    curve = hit_curve(found.confidences, found.right, weights[:, owners[found.scans]])
    best = curve.f1(n_true).argmax(axis=1)[curve.right[:, -1] > 0]  # a draw without a hit says nothing
    confidences = np.append(curve.confidences.astype(np.float64), LOWEST_CONFIDENCE)
    middle = np.clip((confidences[best] + confidences[best + 1]) / 2, LEAST_THRESHOLD, 1 - LEAST_THRESHOLD)
    return round(float(1 / (1 + np.exp(-np.log(middle / (1 - middle)).mean()))), DECIMALS)


def only_shown(scan: EvaluatedScan, thresholds: Thresholds) -> EvaluatedScan:
    """Return a scan with the boxes above the thresholds of their classes only."""
    result = scan.result
    kept = thresholds.above(result.confidences, result.classes)
    boxes, confidences, classes = result.boxes[kept], result.confidences[kept], result.classes[kept]
    return replace(
        scan,
        result=replace(result, boxes=boxes, confidences=confidences, classes=classes),
        places=scan.places.only(kept),
    )
