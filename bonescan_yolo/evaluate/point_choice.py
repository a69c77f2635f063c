"""Which thresholds an operating point has, on scans that a model has read.

By default balanced has the threshold of the highest F1 in each class, and the two other points have abnormal thresholds
at which there are SENSITIVE_RATIO and SPECIFIC_RATIO times as many false abnormal boxes. Or each point says how many
false abnormal boxes a scan may have on average; its abnormal threshold is the lowest that keeps to that. The threshold
of normal boxes is the one with the highest F1 at all points (`docs/explanation/statistics.md` says why). Of several
data sets, each counts the same: false boxes per scan and F1 are means over the data sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import numpy as np

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES, NORMAL
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hit_curve import HitCurve, hit_curve
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, MatchRule, count_true, hit_scores, pool_found
from bonescan_yolo.model.operating_points import POINT_NAMES, SENSITIVE, OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds

SENSITIVE_RATIO: Final = 2.0
SPECIFIC_RATIO: Final = 0.3
"""False abnormal boxes at these points, as multiples of those at balanced. Where balanced has one per scan, which is
about what the shipped model has on real scans, the points have 2, 1 and 0.3: a reader looks at twice as many for what
balanced misses, or at none in at least seven of ten scans. They are ratios because rates do not carry over: at one
threshold the shipped model has 0.07 per simulated scan and 1.0 per real scan (`docs/model-card.md`)."""

LEAST_FALSE_BOXES: Final = 10
"""A threshold for a number of false boxes is known well enough if the scans may have this number of them: a count of 10
has a standard deviation of 3."""

FALSE_BOXES_NEEDED: Final = ceil(LEAST_FALSE_BOXES / SPECIFIC_RATIO)
"""False abnormal boxes at balanced, on all scans together, with which those at specific are LEAST_FALSE_BOXES."""

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
        balanced_false: false abnormal boxes at balanced, on all scans of all data sets together.
    """

    points: OperatingPoints
    unreached: tuple[str, ...]
    balanced_false: int

    @property
    def ratios_are_known(self) -> bool:
        """Whether balanced has enough false abnormal boxes for a multiple of them to mean something."""
        return self.balanced_false >= FALSE_BOXES_NEEDED


def choose_by_f1(sets: DataSets, otherwise: Thresholds, rule: MatchRule = HIT_RULE) -> ChosenPoints:
    """Return the operating points of a model: balanced with the highest F1, the others around it.

    Args:
        sets: what it reads, at least one data set.
        otherwise: balanced thresholds of classes without a hit.
        rule: when a detection hits a true box.
    """
    return points_around(sets, _best_thresholds(sets, otherwise, rule), rule)


def points_around(sets: DataSets, balanced: Thresholds, rule: MatchRule = HIT_RULE) -> ChosenPoints:
    """Return the operating points around balanced thresholds, by the ratios of false abnormal boxes.

    Sensitive is never above balanced, and specific never below. Without false boxes at balanced both are equal to it.

    Args:
        sets: what the model reads, at least one data set.
        balanced: thresholds of this point.
        rule: when a detection hits a true box.
    """
    false = [_count_false(results, balanced, rule) for results in sets]
    rate = float(np.mean([number / len(results) for number, results in zip(false, sets, strict=True)]))
    if not rate:
        return ChosenPoints(OperatingPoints(balanced, balanced, balanced), (), 0)
    lower, higher = (abnormal_threshold(sets, ratio * rate, rule) for ratio in (SENSITIVE_RATIO, SPECIFIC_RATIO))
    points = OperatingPoints(
        sensitive=replace(balanced, abnormal=min(lower.value, balanced.abnormal)),
        balanced=balanced,
        specific=replace(balanced, abnormal=max(higher.value, balanced.abnormal)),
    )
    return ChosenPoints(points, () if lower.is_reached else (SENSITIVE,), sum(false))


def choose_by_rates(
    sets: DataSets, false_per_scan: Sequence[float], otherwise: Thresholds, rule: MatchRule = HIT_RULE
) -> ChosenPoints:
    """Return the operating points of a model that keep to rates of false abnormal boxes.

    Args:
        sets: what it reads, at least one data set.
        false_per_scan: at most this number of false abnormal boxes at each of POINT_NAMES, falling.
        otherwise: for normal boxes if none of them hits.
        rule: when a detection hits a true box.
    """
    found = [abnormal_threshold(sets, rate, rule) for rate in false_per_scan]
    normal = _best_thresholds(sets, otherwise, rule).normal
    points = OperatingPoints(*(Thresholds(each.value, normal) for each in found))
    unreached = tuple(name for name, each in zip(POINT_NAMES, found, strict=True) if not each.is_reached)
    return ChosenPoints(points, unreached, sum(_count_false(results, points.balanced, rule) for results in sets))


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


def f1_threshold(sets: DataSets, class_id: int, rule: MatchRule = HIT_RULE) -> float | None:
    """Return the threshold with the highest F1 of a class; None without hits.

    F1 is the mean over the data sets that have such boxes. Of equally good thresholds the highest is taken.
    """
    curve = _curve(sets, class_id, rule)
    if not curve.right.any():
        return None
    n_true = np.array([count_true(results, class_id) for results in sets])
    mean_f1 = curve.f1(n_true)[n_true > 0].mean(axis=0)
    return curve.threshold_of(int(mean_f1.argmax()), LEAST_CONFIDENCE)


def _best_thresholds(sets: DataSets, otherwise: Thresholds, rule: MatchRule) -> Thresholds:
    """Return for each class the threshold with the highest F1; that of `otherwise` without hits."""
    best = [f1_threshold(sets, class_id, rule) for class_id in (ABNORMAL, NORMAL)]
    return Thresholds(*(known if each is None else each for each, known in zip(best, otherwise.by_class, strict=True)))


def _count_false(results: Sequence[ScanResult], thresholds: Thresholds, rule: MatchRule) -> int:
    """Return the number of false abnormal boxes above the thresholds."""
    return hit_scores(results, thresholds, rule)[CLASS_NAMES[ABNORMAL]].false_positives


def _curve(sets: DataSets, class_id: int, rule: MatchRule) -> HitCurve:
    """Return boxes of a class above LEAST_CONFIDENCE and hits by confidence, a group for each data set."""
    found = [pool_found(results, rule).above(LEAST_CONFIDENCE).of_class(class_id) for results in sets]
    owners = np.repeat(np.arange(len(sets)), [len(each.right) for each in found])
    return hit_curve(
        np.concatenate([each.confidences for each in found]),
        np.concatenate([each.right for each in found]),
        owners == np.arange(len(sets))[:, None],
    )
