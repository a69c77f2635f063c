"""The choice of thresholds for a number of false boxes per scan, and of the best for normal boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import hit_scores
from bonescan_yolo.evaluate.point_choice import (
    FALSE_PER_SCAN,
    LEAST_CONFIDENCE,
    RateThreshold,
    abnormal_threshold,
    choose_points,
    normal_threshold,
)
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


def test_normal_boxes_have_the_threshold_of_the_highest_mean_f1() -> None:
    found = [(SQUARE, 0.8, 1), (moved(SQUARE, 40), 0.6, 1), (moved(SQUARE, 80), 0.4, 1)]
    true = [(SQUARE, 1), (moved(SQUARE, 40), 1)]
    assert normal_threshold([[result(true, found)]]) == 0.5
    assert normal_threshold([[result([], found)]]) is None
    without = [result([(SQUARE, 0)], [(moved(SQUARE, 40), 0.9, 1)])]
    assert normal_threshold([[result(true, found)], without]) == 0.5  # a set without normal boxes says nothing


def test_all_points_have_the_same_threshold_of_normal_boxes() -> None:
    chosen = choose_points([[scan(0.8, 0.4, 0.2), scan(0.6)]], FALSE_PER_SCAN, OTHERWISE)
    assert {chosen.points.at(name).normal for name in ("sensitive", "balanced", "specific")} == {0.45}
    assert chosen.points.are_valid
    assert chosen.unreached == ()
    assert choose_points([[scan(0.8)]], FALSE_PER_SCAN, OTHERWISE).unreached == ("sensitive",)


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
