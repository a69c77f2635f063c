"""Whether there is disease: ROC over scans, and over patients with all their views together.

The score of a scan is the highest confidence of any abnormal box, that of a patient the highest of all scans. Diseased
means an abnormal box in the truth. The area under the curve is the probability that a diseased case has a higher score
than a healthy one, where ties count half (Hanley and McNeil, Radiology 143, 1982).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.evaluate.bootstrap import Sampled, Values, Weights, divide, for_each_draw, totals
from bonescan_yolo.evaluate.matching.pool import PooledScans

CURVE_RATES = tuple(float(rate) for rate in np.linspace(0, 1, 101))
"""Shares of healthy cases called diseased (1 - specificity) at which the curve is drawn."""


@dataclass(frozen=True, eq=False)
class Cases:
    """N scans, or N patients, to be called healthy or diseased.

    Attributes:
        level: `scan` or `patient`.
        scores: (N,) float64 in [0, 1].
        diseased: (N,) bool, by the truth.
        patients: (N,) int64, index of the patient of each.
    """

    level: str
    scores: NDArray[np.float64]
    diseased: NDArray[np.bool_]
    patients: NDArray[np.int64]

    @property
    def missing(self) -> str:
        """Why there is no ROC curve, in words; empty if there is one."""
        if not self.diseased.any():
            return f"no {self.level} with an abnormal box in the truth"
        return f"no {self.level} without an abnormal box in the truth" if self.diseased.all() else ""


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold chosen on one split to be reported on another.

    Attributes:
        threshold: cases with at least this score are called diseased, in [0, 1]; None if none could be chosen.
        missing: why it is None, in words; empty otherwise.
    """

    threshold: float | None
    missing: str


def scan_cases(pool: PooledScans) -> Cases:
    """Return the scans as cases."""
    scores = np.array([record.abnormal_confidence for record in pool.scans], dtype=np.float64)
    return Cases("scan", scores, pool.count_true(ABNORMAL) > 0, pool.patients)


def patient_cases(pool: PooledScans) -> Cases:
    """Return the patients as cases, all views of one together."""
    scans = scan_cases(pool)
    scores = np.zeros(len(pool.patient_names))
    np.maximum.at(scores, pool.patients, scans.scores)
    diseased = np.zeros(len(pool.patient_names), bool)
    np.logical_or.at(diseased, pool.patients, scans.diseased)
    return Cases("patient", scores, diseased, np.arange(len(pool.patient_names)))


def choose_point(cases: Cases) -> OperatingPoint:
    """Return the threshold with the highest Youden index, sensitivity + specificity - 1 (Youden, Cancer 3, 1950).

    It is midway between two neighbouring scores, below the last one midway to 0; of equal thresholds the highest is
    taken.
    """
    if cases.missing:
        return OperatingPoint(None, cases.missing)
    order = np.argsort(-cases.scores, kind="stable")
    scores, diseased = cases.scores[order], cases.diseased[order]
    ends = _run_ends(scores)
    sensitivity = np.cumsum(diseased)[ends] / diseased.sum()
    false = np.cumsum(~diseased)[ends] / (~diseased).sum()
    end = int(ends[np.argmax(sensitivity - false)])
    below = scores[end + 1] if end + 1 < len(scores) else 0.0
    return OperatingPoint(float((scores[end] + below) / 2), "")


def roc_curves(cases: Cases, weights: Weights) -> tuple[Values, NDArray[np.float64]]:
    """Return the area under the curve, (1 + draws,), and the sensitivity at each of CURVE_RATES, (1 + draws, rates).

    Both are float64, and NaN for draws without diseased or without healthy cases.
    """
    order = np.argsort(-cases.scores, kind="stable")
    diseased, patients, scores = cases.diseased[order], cases.patients[order], cases.scores[order]
    ends = _run_ends(scores)

    def measure(row: NDArray[np.int32]) -> NDArray[np.float64]:
        counted = row[patients]
        hits = np.append(0, np.cumsum(counted * diseased)[ends]).astype(np.float64)
        false = np.append(0, np.cumsum(counted * ~diseased)[ends]).astype(np.float64)
        if not hits[-1] or not false[-1]:
            return np.full(1 + len(CURVE_RATES), np.nan)
        sensitivity, rate = hits / hits[-1], false / false[-1]
        area = float(np.sum(np.diff(rate) * (sensitivity[1:] + sensitivity[:-1]) / 2))
        highest = np.append(np.diff(rate) != 0, True)  # where the curve rises straight up, its upper end
        return np.append(area, np.interp(CURVE_RATES, rate[highest], sensitivity[highest]))

    values = for_each_draw(weights, measure)
    return values[:, 0], values[:, 1:]


def roc_figures(cases: Cases, area: Values, point: OperatingPoint, weights: Weights) -> dict[str, Sampled]:
    """Return the area under the curve, and sensitivity, specificity and predictive values at the operating point."""
    level = cases.level
    figures = {f"{level}/auc": Sampled(area, cases.missing)}
    if point.threshold is None:
        undefined = np.full(len(weights), np.nan)
        why = f"no operating point: in the split to choose it on there is {point.missing}"
        return figures | {f"{level}/{name}": Sampled(undefined, why) for name in _POINT_FIGURES}
    called = cases.scores >= point.threshold
    both = {
        (is_called, is_diseased): totals(
            weights, cases.patients[(called == is_called) & (cases.diseased == is_diseased)]
        )
        for is_called in (True, False)
        for is_diseased in (True, False)
    }
    hit, false, missed, left = both[True, True], both[True, False], both[False, True], both[False, False]
    reasons = {
        "sensitivity": (divide(hit, hit + missed), f"no {level} with an abnormal box in the truth"),
        "specificity": (divide(left, left + false), f"no {level} without an abnormal box in the truth"),
        "ppv": (divide(hit, hit + false), f"no {level} is called abnormal"),
        "npv": (divide(left, left + missed), f"no {level} is called free of disease"),
    }
    return figures | {f"{level}/{name}": Sampled(*reasons[name]) for name in _POINT_FIGURES}


def _run_ends(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the index of the last of each run of equal scores, given sorted ones."""
    return np.flatnonzero(np.append(np.diff(scores) != 0, len(scores) > 0))


_POINT_FIGURES = ("sensitivity", "specificity", "ppv", "npv")
