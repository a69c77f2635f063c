"""Average precision by the COCO protocol when patients count several times or not at all.

With every patient once it is what `average_precision` has from the evaluator. A draw's curve is needed only where a
detection matches a true box, for recall grows there alone; of all others it is enough to know how many come before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Weights, for_each_draw
from bonescan_yolo.evaluate.matching.average_precision import SIZES
from bonescan_yolo.evaluate.matching.coco_matching import IOUS, RIGHT, WRONG, Matching

RECALLS = np.linspace(0, 1, 101)
"""At which COCO reads precision."""


def sampled_precision(
    matching: Matching, weights: Weights, patients: NDArray[np.int64], scans: NDArray[np.bool_], size: str
) -> NDArray[np.float64]:
    """Return the average precision of a class at each of IOUS, (1 + draws, overlaps); NaN without truth.

    Args:
        matching: of the class.
        weights: how often each patient counts.
        patients: (scans,) index of each scan's patient.
        scans: (scans,) bool, those that count, such as those of one view.
        size: in SIZES.
    """
    row = list(SIZES).index(size)
    counted = scans[matching.scans]
    touches = np.zeros(len(counted), bool)
    touches[matching.touching] = True
    order = np.argsort(-matching.confidences, kind="stable")
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    plain = np.flatnonzero(counted & ~touches & matching.inside[row])
    plain = plain[np.argsort(ranks[plain])]
    in_scans = counted[matching.touching]
    special = np.argsort(ranks[matching.touching][in_scans])
    states = matching.states[row][:, in_scans][:, special]
    touching = matching.touching[in_scans][special]
    before = np.searchsorted(ranks[plain], ranks[touching])
    plain = plain[: before.max(initial=0)]
    plain_patients, touching_patients = patients[matching.scans[plain]], patients[matching.scans[touching]]
    true_patients = patients[matching.true_scans[scans[matching.true_scans] & matching.true_inside[row]]]
    right, wrong = states == RIGHT, states == WRONG

    def measure(draw: NDArray[np.int32]) -> NDArray[np.float64]:
        n_true = int(draw[true_patients].sum())
        if not n_true:
            return np.full(len(IOUS), np.nan)
        plain_before = np.append(0, np.cumsum(draw[plain_patients]))[before]
        times = draw[touching_patients]
        hits = np.cumsum(times * right, axis=1)
        false = np.cumsum(times * wrong, axis=1) + plain_before
        return _interpolated(hits, false, n_true)

    return for_each_draw(weights, measure)


def _interpolated(hits: NDArray[np.int64], false: NDArray[np.int64], n_true: int) -> NDArray[np.float64]:
    """Return the mean precision at RECALLS at each overlap, given hits and false ones so far, (overlaps, S)."""
    precision = hits / np.maximum(hits + false, 1)
    best_after = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    best_after = np.concatenate([best_after, np.zeros((len(hits), 1))], axis=1)
    return np.array(
        [line[np.searchsorted(found / n_true, RECALLS)].mean() for line, found in zip(best_after, hits, strict=True)]
    )
