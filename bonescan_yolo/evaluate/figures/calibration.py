"""Calibration: whether seven of ten boxes with a confidence of 0.7 are right.

Detections are sorted into bins by confidence. The expected calibration error is the mean distance between a bin's share
of right ones and its mean confidence, weighted by its number of detections (Naeini et al., AAAI 2015; for detections:
Kueppers et al., CVPR workshops 2020). A temperature T divides the logit of every confidence, which keeps their order
(Guo et al., ICML 2017). It is fitted on one split, as the one with the highest likelihood, and judged on another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.pool import PooledScans

BINS = 10
"""Of equal width, from 0 to 1; a confidence on an edge is in the upper bin."""

LEAST_CONFIDENCE = 0.05
"""Detections with a lower confidence are left out: they are never shown, and so numerous that they would decide the
figure."""

TEMPERATURES = (0.05, 20.0)
"""Range in which the temperature is fitted."""

EDGE = 1e-6
"""Confidences are kept this far from 0 and 1, where the logit is infinite."""

NONE_CONFIDENT = f"no detection has a confidence of {LEAST_CONFIDENCE} or more"


@dataclass(frozen=True, eq=False)
class Judged:
    """N detections that are confident enough to be judged.

    Attributes:
        confidences: (N,) float64 in [0, 1].
        right: (N,) bool, whether the detection hits a true box.
        patients: (N,) int64, index of the patient.
    """

    confidences: NDArray[np.float64]
    right: NDArray[np.bool_]
    patients: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Detections by bin of confidence, for each draw.

    Attributes:
        confidence: (1 + draws, BINS) float64, mean confidence; NaN in an empty bin.
        share_right: (1 + draws, BINS) float64, share of right detections; NaN in an empty bin.
        numbers: (1 + draws, BINS) float64, number of detections.
    """

    confidence: NDArray[np.float64]
    share_right: NDArray[np.float64]
    numbers: NDArray[np.float64]

    def error(self) -> NDArray[np.float64]:
        """Return the expected calibration error, (1 + draws,) float64 in [0, 1]; NaN without detections.

        Drawing patients adds noise to every bin and so to the error: most of its draws are above its value.
        """
        gaps = np.nansum(self.numbers * np.abs(self.share_right - self.confidence), axis=1)
        return divide(gaps, self.numbers.sum(axis=1))


@dataclass(frozen=True)
class Temperature:
    """A fitted temperature.

    Attributes:
        value: above 1 it moves confidences towards 0.5, below 1 away from it; None if it cannot be fitted.
        missing: why it is None, in words; empty otherwise.
    """

    value: float | None
    missing: str


def judge(pool: PooledScans) -> Judged:
    """Return the detections of all classes that are confident enough."""
    chosen = pool.confidences >= LEAST_CONFIDENCE
    return Judged(pool.confidences[chosen].astype(np.float64), pool.is_hit[chosen], pool.detections.patients[chosen])


def reliability(judged: Judged, weights: Weights, temperature: float = 1.0) -> Reliability:
    """Return the detections by bin of their confidence at a temperature."""
    confidences = at_temperature(judged.confidences, temperature)
    bins = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    numbers, sums, rights = (np.zeros((len(weights), BINS)) for _ in range(3))
    for index in range(BINS):
        inside = bins == index
        patients = judged.patients[inside]
        numbers[:, index] = totals(weights, patients)
        sums[:, index] = totals(weights, patients, confidences[inside])
        rights[:, index] = totals(weights, patients, judged.right[inside].astype(np.float64))
    return Reliability(divide(sums, numbers), divide(rights, numbers), numbers)


def fit_temperature(judged: Judged) -> Temperature:
    """Return the temperature with which right and wrong detections have the highest likelihood."""
    from scipy.optimize import minimize_scalar

    if not len(judged.right):
        return Temperature(None, NONE_CONFIDENT)
    if judged.right.all() or not judged.right.any():
        every = "right" if judged.right.all() else "wrong"
        return Temperature(None, f"every detection is {every}, so that no temperature is the best")
    logits = _logit(judged.confidences)

    def unlikeliness(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0, scaled) - judged.right * scaled))

    fitted = minimize_scalar(unlikeliness, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return Temperature(float(np.exp(fitted.x)), "")


def at_temperature(confidences: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return confidences, (N,), whose logits are divided by a temperature."""
    if temperature == 1.0:
        return confidences
    cooled: NDArray[np.float64] = 1 / (1 + np.exp(-_logit(confidences) / temperature))
    return cooled


def calibration_figures(raw: Reliability, fitted: Reliability | None, why_unfitted: str) -> dict[str, Sampled]:
    """Return the calibration error of the model's own confidences, and that at the fitted temperature.

    Args:
        raw: of the model's own confidences.
        fitted: at the fitted temperature; None without one.
        why_unfitted: why there is no temperature; empty if there is one.
    """
    after = np.full(len(raw.numbers), np.nan) if fitted is None else fitted.error()
    return {
        "calibration/error": Sampled(raw.error(), NONE_CONFIDENT),
        "calibration/error_at_temperature": Sampled(after, why_unfitted or NONE_CONFIDENT),
    }


def _logit(confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(confidences, EDGE, 1 - EDGE)
    logits: NDArray[np.float64] = np.log(kept / (1 - kept))
    return logits
