"""Whether a confidence of 0.7 means that seven boxes of ten are right.

Detections are put into bins by confidence; the expected calibration error is the mean distance of a bin's share of
right ones from its mean confidence, weighted by its number of detections (Naeini et al., AAAI 2015; of detections:
Kueppers et al., CVPR workshops 2020). A temperature T divides the logit of every confidence and keeps their order (Guo
et al., ICML 2017); it is fitted on one split, by the likelihood of right and wrong, and judged on another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.pool import Pool

BINS = 10
"""Of equal width, from 0 to 1; a confidence on an edge belongs to the upper bin."""

LEAST_CONFIDENCE = 0.05
"""Detections below are left out: nobody is shown them, and there are so many that they would be all that counts."""

TEMPERATURES = (0.05, 20.0)
"""Where the fitted temperature is looked for."""

EDGE = 1e-6
"""Confidences are kept this far from 0 and 1, where the logit has no value."""

NONE_CONFIDENT = f"no detection has a confidence of {LEAST_CONFIDENCE} or more"


@dataclass(frozen=True, eq=False)
class Judged:
    """Detections that are confident enough to be judged.

    Attributes:
        confidences: (N,) float64 in [0, 1].
        right: (N,) bool.
        patients: (N,).
    """

    confidences: NDArray[np.float64]
    right: NDArray[np.bool_]
    patients: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Detections by bin of confidence, for each draw.

    Attributes:
        confidence, share_right: (1 + draws, BINS) mean confidence, and share of right ones; NaN in an empty bin.
        numbers: (1 + draws, BINS) detections.
    """

    confidence: NDArray[np.float64]
    share_right: NDArray[np.float64]
    numbers: NDArray[np.float64]

    def error(self) -> NDArray[np.float64]:
        """Return the expected calibration error, (1 + draws,) in [0, 1]; NaN without detections.

        Drawing anew adds noise to every bin, and so to the error: its draws lie above it on the whole.
        """
        gaps = np.nansum(self.numbers * np.abs(self.share_right - self.confidence), axis=1)
        return divide(gaps, self.numbers.sum(axis=1))


@dataclass(frozen=True)
class Temperature:
    """A fitted temperature; above 1 it draws confidences towards 0.5. None, with a reason, where none can be fitted."""

    value: float | None
    missing: str


def judge(pool: Pool) -> Judged:
    """Return the detections of all classes that are confident enough."""
    chosen = pool.confidences >= LEAST_CONFIDENCE
    return Judged(pool.confidences[chosen].astype(np.float64), pool.right[chosen], pool.detections.patients[chosen])


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
    """Return the temperature at which right and wrong detections are most likely."""
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
    """Return confidences whose logits are divided by a temperature."""
    if temperature == 1.0:
        return confidences
    cooled: NDArray[np.float64] = 1 / (1 + np.exp(-_logit(confidences) / temperature))
    return cooled


def calibration_figures(raw: Reliability, fitted: Reliability | None, why_unfitted: str) -> dict[str, Sampled]:
    """Return the calibration error as the model gives its confidences, and at the fitted temperature."""
    after = np.full(len(raw.numbers), np.nan) if fitted is None else fitted.error()
    return {
        "calibration/error": Sampled(raw.error(), NONE_CONFIDENT),
        "calibration/error_at_temperature": Sampled(after, why_unfitted or NONE_CONFIDENT),
    }


def _logit(confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(confidences, EDGE, 1 - EDGE)
    logits: NDArray[np.float64] = np.log(kept / (1 - kept))
    return logits
