"""Free-response ROC: the share of true boxes that are hit against false boxes per scan (Bunch et al., 1978).

As the threshold falls, more true boxes are hit and more false boxes are shown. Sensitivity at a rate of false boxes is
that of the lowest threshold with no more than this rate; after the last detection the curve stays level. The mean over
1/8, 1/4, 1/2, 1, 2, 4 and 8 is the score of LUNA16 (Setio et al., Medical Image Analysis 42, 2017).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, for_each_draw, totals
from bonescan_yolo.evaluate.matching.pool import PooledScans

RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False boxes per scan at which sensitivity is reported."""

CURVE_RATES = tuple(2.0 ** (step / 6) for step in range(-24, 25))
"""False boxes per scan at which the curve is drawn, 1/16 to 16; RATES are among them, to the last bit."""

SPARE = 2.0
"""Detections are kept up to this multiple of the highest rate, since draws differ in their number of false boxes."""


def sensitivities(pool: PooledScans, weights: Weights, class_id: int) -> NDArray[np.float64]:
    """Return the sensitivity of a class at each of CURVE_RATES, (1 + draws, rates) float64; NaN without true boxes."""
    order = _most_confident(pool, class_id)
    right, patients, confidences = pool.is_hit[order], pool.detections.patients[order], pool.confidences[order]
    ends = np.flatnonzero(np.append(np.diff(confidences) != 0, len(order) > 0))  # last of each run of equal confidences

    def measure(row: NDArray[np.int32]) -> NDArray[np.float64]:
        counted = row[patients]
        hits = np.cumsum(counted * right, dtype=np.int64)[ends]
        false = np.cumsum(counted * ~right, dtype=np.int64)[ends]
        return _hits_at_rates(hits, false, int(row[pool.patients].sum()))

    n_true = totals(weights, pool.truth.patients[pool.truth.classes == class_id])
    return divide(for_each_draw(weights, measure), np.broadcast_to(n_true[:, None], (len(weights), len(CURVE_RATES))))


def froc_figures(curves: Mapping[str, NDArray[np.float64]]) -> dict[str, Sampled]:
    """Return sensitivity at each of RATES, and its mean, by class; `curves` are `sensitivities` by class name."""
    figures = {}
    for name, curve in curves.items():
        missing = f"no {name} box in the truth"
        at_rates = [curve[:, CURVE_RATES.index(rate)] for rate in RATES]
        for rate, values in zip(RATES, at_rates, strict=True):
            figures[f"froc/sensitivity_at_{rate:g}/{name}"] = Sampled(values, missing)
        figures[f"froc/mean_sensitivity/{name}"] = Sampled(np.mean(at_rates, axis=0), missing)
    return figures


def _most_confident(pool: PooledScans, class_id: int) -> NDArray[np.int64]:
    """Return the indices of the detections of a class, most confident first, as many as any draw may need."""
    of_class = np.flatnonzero(pool.detections.classes == class_id)
    order = of_class[np.argsort(-pool.confidences[of_class], kind="stable")]
    most = SPARE * CURVE_RATES[-1] * len(pool.scans)
    return order[: int(np.searchsorted(np.cumsum(~pool.is_hit[order]), most, side="right"))]


def _hits_at_rates(hits: NDArray[np.int64], false: NDArray[np.int64], scans: int) -> NDArray[np.float64]:
    """Return how many true boxes are hit at each of CURVE_RATES, given hits and false boxes down to each threshold."""
    last = np.searchsorted(false, np.array(CURVE_RATES) * scans, side="right")
    return np.concatenate([[0], hits])[last].astype(np.float64)
