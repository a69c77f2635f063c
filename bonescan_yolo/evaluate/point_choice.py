"""Which thresholds an operating point has, on scans that a model has read.

A point says how many false abnormal boxes a scan may have on average. Its threshold of abnormal boxes is the lowest
that keeps to that. Its threshold of normal boxes is the one with the highest F1, the same at all points
(`docs/explanation/statistics.md` says why). Of several data sets, each counts the same: false boxes per scan and F1 are
means over the data sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hit_curve import HitCurve, hit_curve
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, MatchRule, count_true, pool_found
from bonescan_yolo.model.operating_points import POINT_NAMES, OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds

FALSE_PER_SCAN = (2.0, 1.0, 0.3)
"""False abnormal boxes per scan at each of POINT_NAMES."""

LEAST_CONFIDENCE = 0.01
"""No threshold is lower: below it are boxes that the network is sure are nothing."""

ROUNDING = 1e-9
"""By which a mean of quotients may exceed a rate that it equals."""

DataSets = Sequence[Sequence[ScanResult]]
"""For each data set its scans, at least one, as a model reads them."""


@dataclass(frozen=True)
class RateThreshold:
    """The threshold of abnormal boxes for a number of false ones.

    Attributes:
        value: in [LEAST_CONFIDENCE, 1].
        is_reached: False if even at LEAST_CONFIDENCE there are fewer false boxes than that; `value` is then the least.
    """

    value: float
    is_reached: bool


@dataclass(frozen=True)
class ChosenPoints:
    """Operating points that were chosen on scans.

    Attributes:
        points: their thresholds.
        unreached: names of those that have fewer false boxes than wanted at LEAST_CONFIDENCE already.
    """

    points: OperatingPoints
    unreached: tuple[str, ...]


def choose_points(
    sets: DataSets, false_per_scan: Sequence[float], otherwise: Thresholds, rule: MatchRule = HIT_RULE
) -> ChosenPoints:
    """Return the operating points of a model.

    Args:
        sets: what it reads, at least one data set.
        false_per_scan: at most this number of false abnormal boxes at each of POINT_NAMES, falling.
        otherwise: for normal boxes if none of them hits.
        rule: when a detection hits a true box.
    """
    found = [abnormal_threshold(sets, rate, rule) for rate in false_per_scan]
    best = normal_threshold(sets, rule)
    normal = otherwise.normal if best is None else best
    points = OperatingPoints(*(Thresholds(each.value, normal) for each in found))
    return ChosenPoints(
        points, tuple(name for name, each in zip(POINT_NAMES, found, strict=True) if not each.is_reached)
    )


def abnormal_threshold(sets: DataSets, false_per_scan: float, rule: MatchRule = HIT_RULE) -> RateThreshold:
    """Return the lowest threshold with at most this number of false abnormal boxes per scan."""
    curve = _curve(sets, ABNORMAL, rule)
    scans = np.array([len(results) for results in sets])
    rates = (curve.false / scans[:, None]).mean(axis=0)
    step = int(np.searchsorted(rates, false_per_scan + ROUNDING, side="right")) - 1
    if step + 1 < len(rates):
        return RateThreshold(curve.threshold_of(step, LEAST_CONFIDENCE), is_reached=True)
    total = float(rates[-1]) if len(rates) else 0.0
    return RateThreshold(LEAST_CONFIDENCE, is_reached=total >= false_per_scan - ROUNDING)


def normal_threshold(sets: DataSets, rule: MatchRule = HIT_RULE) -> float | None:
    """Return the threshold with the highest F1 of normal boxes, a mean over the sets that have such; None without hits.

    Of equally good thresholds the highest is taken.
    """
    curve = _curve(sets, NORMAL, rule)
    if not curve.right.any():
        return None
    n_true = np.array([count_true(results, NORMAL) for results in sets])
    mean_f1 = curve.f1(n_true)[n_true > 0].mean(axis=0)
    return curve.threshold_of(int(mean_f1.argmax()), LEAST_CONFIDENCE)


def _curve(sets: DataSets, class_id: int, rule: MatchRule) -> HitCurve:
    """Return boxes of a class above LEAST_CONFIDENCE and hits by confidence, a group for each data set."""
    found = [pool_found(results, rule).above(LEAST_CONFIDENCE).of_class(class_id) for results in sets]
    owners = np.repeat(np.arange(len(sets)), [len(each.right) for each in found])
    return hit_curve(
        np.concatenate([each.confidences for each in found]),
        np.concatenate([each.right for each in found]),
        owners == np.arange(len(sets))[:, None],
    )
