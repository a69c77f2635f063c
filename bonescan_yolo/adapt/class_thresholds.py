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

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import Weights, draw_weights, number_patients, totals
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan, ScanResult
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, match_scan
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
    found = [_threshold(results, owners, weights, class_id) for class_id in range(len(CLASS_NAMES))]
    return Thresholds(
        *(known if chosen is None else chosen for chosen, known in zip(found, otherwise.by_class, strict=True))
    )


def _threshold(
    results: Sequence[ScanResult], owners: NDArray[np.int64], weights: Weights, class_id: int
) -> float | None:
    """Return the threshold of a class; None if no detection hits.

    Args:
        results: of the scans.
        owners: (scans,) index of each scan's patient.
        weights: (1 + draws, patients), how often each patient counts.
        class_id: of the class.
    """
    of_class = [one.classes == class_id for one in results]
    right = np.concatenate([(match_scan(one) != NO_MATCH)[own] for one, own in zip(results, of_class, strict=True)])
    if not right.any():
        return None
    confidences = np.concatenate([one.confidences[own] for one, own in zip(results, of_class, strict=True)])
    of_patient = np.repeat(owners, [int(own.sum()) for own in of_class])
    n_true = totals(weights, owners, np.array([float((one.true_classes == class_id).sum()) for one in results]))
    order = np.argsort(-confidences, kind="stable")
    confidences, each = confidences[order].astype(np.float64), weights[:, of_patient[order]]
    n_right = (each * right[order]).cumsum(axis=1)
    f1 = 2 * n_right / np.maximum(each.cumsum(axis=1) + n_true[:, None], 1)
    f1[:, :-1][:, confidences[:-1] == confidences[1:]] = 0  # boxes that are equally sure are shown together
    best = f1.argmax(axis=1)[n_right[:, -1] > 0]  # a draw without a hit says nothing
    below = np.append(confidences, LOWEST_CONFIDENCE)[best + 1]
    middle = np.clip((confidences[best] + below) / 2, LEAST_THRESHOLD, 1 - LEAST_THRESHOLD)
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
