"""The choice of operating points: by the highest F1 and ratios of false boxes, or by false boxes per scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import hit_scores
from bonescan_yolo.evaluate.point_choice import (
    FALSE_BOXES_NEEDED,
    LEAST_CONFIDENCE,
    SENSITIVE_RATIO,
    SPECIFIC_RATIO,
    RateThreshold,
    abnormal_threshold,
    choose_by_f1,
    choose_by_rates,
    f1_threshold,
    points_around,
)
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds
from tests.evaluate.builders import SQUARE, moved, random_result, result

OTHERWISE = Thresholds.both(0.45)


def scan(*false: float, hit: float = 0.95) -> ScanResult:
    """Return a scan with an abnormal hit, and false abnormal boxes at these confidences."""
    away = [(moved(SQUARE, 20 * (number + 1)), confidence, 0) for number, confidence in enumerate(false)]
    return result([(SQUARE, 0)], [(SQUARE, hit, 0), *away])


def false_per_scan(sets: Sequence[Sequence[ScanResult]], threshold: float) -> float:
    """Return the mean over data sets of the false abnormal boxes per scan."""
    scores = [hit_scores(results, Thresholds.both(threshold))["abnormal"] for results in sets]
    return float(np.mean([score.false_per_scan for score in scores if score.false_per_scan is not None]))


def test_the_threshold_is_midway_to_the_first_false_box_too_many() -> None:
    scans = [scan(0.8, 0.4, 0.2), scan(0.6)]
    assert abnormal_threshold([scans], 1.5) == RateThreshold(0.3, is_reached=True)
    assert abnormal_threshold([scans], 0.5).value == pytest.approx(0.7)
    assert abnormal_threshold([scans], 0.3).value == pytest.approx(0.875)  # none is allowed: midway to the hit


def test_hits_between_two_false_boxes_are_shown() -> None:
    assert abnormal_threshold([[scan(0.8, 0.3, hit=0.5)]], 1).value == pytest.approx(0.4)


def test_a_rate_that_no_confidence_reaches_has_the_lowest_threshold() -> None:
    scans = [scan(0.8, 0.4), scan()]
    assert abnormal_threshold([scans], 1) == RateThreshold(LEAST_CONFIDENCE, is_reached=True)
    assert abnormal_threshold([scans], 2) == RateThreshold(LEAST_CONFIDENCE, is_reached=False)
    assert abnormal_threshold([[scan(0.009)]], 0.5) == RateThreshold(LEAST_CONFIDENCE, is_reached=False)
    assert abnormal_threshold([[result([(SQUARE, 0)], [])]], 1) == RateThreshold(LEAST_CONFIDENCE, is_reached=False)


def test_data_sets_weigh_the_same_whatever_their_size() -> None:
    small, large = [scan(0.7, 0.5)], [scan(0.3)] * 9
    assert abnormal_threshold([small, large], 1).value == pytest.approx(0.4)  # 2 and 0 are 1 on average
    assert abnormal_threshold([small + large], 0.2).value == pytest.approx(0.4)


@pytest.mark.parametrize("class_id", [ABNORMAL, NORMAL])
def test_a_class_has_the_threshold_of_the_highest_mean_f1(class_id: int) -> None:
    found = [(SQUARE, 0.8, class_id), (moved(SQUARE, 40), 0.6, class_id), (moved(SQUARE, 80), 0.4, class_id)]
    true = [(SQUARE, class_id), (moved(SQUARE, 40), class_id)]
    assert f1_threshold([[result(true, found)]], class_id) == 0.5
    assert f1_threshold([[result([], found)]], class_id) is None
    without = [result([(SQUARE, 1 - class_id)], [(moved(SQUARE, 40), 0.9, class_id)])]
    assert f1_threshold([[result(true, found)], without], class_id) == 0.5  # a set without such boxes says nothing


def test_by_rates_all_points_have_the_same_threshold_of_normal_boxes() -> None:
    chosen = choose_by_rates([[scan(0.8, 0.4, 0.2), scan(0.6)]], (2, 1, 0.3), OTHERWISE)
    assert {chosen.points.at(name).normal for name in ("sensitive", "balanced", "specific")} == {0.45}
    assert chosen.points.are_valid
    assert (chosen.unreached, chosen.balanced_false) == ((), 2)
    assert choose_by_rates([[scan(0.8)]], (2, 1, 0.3), OTHERWISE).unreached == ("sensitive",)


def test_by_f1_balanced_is_the_best_of_each_class() -> None:
    normal = [result([(SQUARE, NORMAL)], [(SQUARE, 0.8, NORMAL), (moved(SQUARE, 40), 0.4, NORMAL)])]
    sets = [[scan(0.6, 0.4, 0.3, 0.2, hit=0.5)], normal]
    chosen = choose_by_f1(sets, OTHERWISE)
    assert chosen.points.balanced == Thresholds(0.45, 0.6)
    assert chosen.points.sensitive == Thresholds(0.35, 0.6)  # 2 of the first set in place of 1
    assert chosen.points.specific == Thresholds(0.8, 0.6)  # 0.3 of one box is none
    assert (chosen.unreached, chosen.balanced_false) == ((), 1)


def test_by_f1_a_class_without_hits_keeps_its_threshold() -> None:
    sets = [[result([(SQUARE, ABNORMAL)], [(moved(SQUARE, 40), 0.6, ABNORMAL), (moved(SQUARE, 80), 0.3, ABNORMAL)])]]
    chosen = choose_by_f1(sets, OTHERWISE)
    assert chosen.points.balanced == OTHERWISE
    assert chosen.points.sensitive == Thresholds(LEAST_CONFIDENCE, 0.45)


def test_ratios_are_of_the_mean_rate_of_the_data_sets() -> None:
    few, many = [scan(0.6, 0.55, 0.3, 0.2)], [scan(0.35)] * 9
    points = points_around([few, many], Thresholds(0.45, 0.7)).points  # 2 and 0 false boxes per scan
    assert points.sensitive == Thresholds(0.25, 0.7)  # 3 and 1
    assert points.specific == Thresholds(0.775, 0.7)


def test_without_false_boxes_at_balanced_all_points_are_the_same() -> None:
    balanced = Thresholds(0.7, 0.6)
    chosen = points_around([[scan(0.5, 0.4)] * 20], balanced)
    assert chosen.points == OperatingPoints(balanced, balanced, balanced)
    assert (chosen.unreached, chosen.balanced_false, chosen.ratios_are_known) == ((), 0, False)


def test_too_few_weak_boxes_for_sensitive_are_named() -> None:
    chosen = points_around([[scan(0.8, 0.7, 0.3)]], Thresholds.both(0.6))
    assert (chosen.points.sensitive.abnormal, chosen.unreached) == (LEAST_CONFIDENCE, ("sensitive",))


def test_ratios_are_known_from_a_number_of_false_boxes_on() -> None:
    assert FALSE_BOXES_NEEDED * SPECIFIC_RATIO >= 10
    for number in (FALSE_BOXES_NEEDED - 1, FALSE_BOXES_NEEDED):
        chosen = points_around([[scan(0.6, 0.2)] * (number - 1), [scan(0.6)]], Thresholds.both(0.5))
        assert chosen.balanced_false == number
        assert chosen.ratios_are_known == (number == FALSE_BOXES_NEEDED)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.floats(0, 1))
def test_points_around_any_thresholds_keep_to_the_ratios(seed: int, sizes: list[int], balanced: float) -> None:
    random = np.random.default_rng(seed)
    sets = [[random_result(random) for _ in range(size)] for size in sizes]
    points = points_around(sets, Thresholds.both(balanced)).points
    assert points.are_valid
    assert points.balanced == Thresholds.both(balanced)
    low, middle, high = (
        false_per_scan(sets, points.at(name).abnormal) for name in ("sensitive", "balanced", "specific")
    )
    assert low <= SENSITIVE_RATIO * middle + 1e-9 or points.sensitive == points.balanced
    assert high <= SPECIFIC_RATIO * middle + 1e-9


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.floats(0.05, 4))
def test_the_rate_is_kept_and_no_lower_threshold_keeps_it(seed: int, sizes: list[int], rate: float) -> None:
    random = np.random.default_rng(seed)
    sets = [[random_result(random) for _ in range(size)] for size in sizes]
    chosen = abnormal_threshold(sets, rate)
    assert false_per_scan(sets, chosen.value) <= rate + 1e-9
    confidences = np.concatenate([one.confidences for results in sets for one in results])
    lower = [float(each) for each in confidences if each < chosen.value]
    if chosen.value > LEAST_CONFIDENCE:
        assert any(false_per_scan(sets, max(each - 0.001, 0.0)) > rate for each in lower)
    elif not chosen.is_reached:
        assert false_per_scan(sets, LEAST_CONFIDENCE) < rate
