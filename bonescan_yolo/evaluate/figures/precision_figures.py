"""Average precision by the COCO protocol with intervals: by class, over all boxes, by size and by view.

The value of a figure is the evaluator's (`average_precision`); its draws, in which patients count several times or not
at all, are counted here. Recall grows only where a detection matches a true box, so a draw's curve is needed only
there; of all other detections it is enough to know how many come before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, for_each_draw
from bonescan_yolo.evaluate.matching.average_precision import SIZES, ClassMetrics, average_precision_by_size
from bonescan_yolo.evaluate.matching.coco_matching import IOUS, RIGHT, WRONG, Matching, match_class
from bonescan_yolo.evaluate.matching.pool import CLASSES, PooledScans
from bonescan_yolo.scan.identity.names import VIEWS

RECALLS = np.linspace(0, 1, 101)
"""Recalls at which COCO reads precision."""

SUBSETS = (*SIZES, *VIEWS)
"""Parts of the data with figures of their own: all boxes, the boxes of a size, all boxes of the scans of a view."""


def coco_precision(pool: PooledScans) -> dict[str, dict[str, ClassMetrics]]:
    """Return the evaluator's average precision by name in SUBSETS and by class."""
    metrics = average_precision_by_size([scan.result for scan in pool.scans])
    for view in VIEWS:
        seen = [scan.result for scan in pool.scans if scan.view == view]
        metrics[view] = average_precision_by_size(seen)["all"]
    return metrics


def detection_figures(
    pool: PooledScans, weights: Weights, metrics: dict[str, dict[str, ClassMetrics]]
) -> dict[str, Sampled]:
    """Return AP50 and AP50-95 by class and subset.

    Args:
        pool: the scans.
        weights: how often each patient counts.
        metrics: of `coco_precision`, the value of each figure.
    """
    results = [scan.result for scan in pool.scans]
    figures: dict[str, Sampled] = {}
    for class_id, name in CLASSES:
        matching = match_class(results, class_id)
        for subset in SUBSETS:
            scans = np.array([subset in SIZES or scan.view == subset for scan in pool.scans], dtype=bool)
            size = subset if subset in SIZES else "all"
            drawn = sampled_precision(matching, weights, pool.patients, scans, size)
            missing = f"no {name} box in the truth{'' if subset == 'all' else f' ({subset})'}"
            metric = metrics[subset][name]
            figures[f"detection/ap50/{name}/{subset}"] = _sampled(metric.ap50, drawn[:, 0], missing)
            figures[f"detection/ap50_95/{name}/{subset}"] = _sampled(metric.ap50_95, drawn.mean(axis=1), missing)
    return figures


def _sampled(value: float | None, drawn: NDArray[np.float64], missing: str) -> Sampled:
    """Return the evaluator's value with the draws."""
    return Sampled(np.append(np.nan if value is None else value, drawn[1:]), missing)


def sampled_precision(
    matching: Matching, weights: Weights, patients: NDArray[np.int64], scans: NDArray[np.bool_], size: str
) -> NDArray[np.float64]:
    """Return the average precision of a class at each of IOUS, (1 + draws, overlaps) float64; NaN without true boxes.

    Args:
        matching: of the class.
        weights: how often each patient counts.
        patients: (scans,) int64, index of each scan's patient.
        scans: (scans,) bool, the scans that count, such as those of one view.
        size: a key of SIZES.
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
    """Return the mean precision at RECALLS at each overlap, (overlaps,).

    Args:
        hits: (overlaps, S) right detections down to each that matches a true box.
        false: (overlaps, S) false detections down to each of these.
        n_true: number of true boxes.
    """
    precision = hits / np.maximum(hits + false, 1)
    best_after = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    best_after = np.concatenate([best_after, np.zeros((len(hits), 1))], axis=1)
    return np.array(
        [line[np.searchsorted(found / n_true, RECALLS)].mean() for line, found in zip(best_after, hits, strict=True)]
    )
