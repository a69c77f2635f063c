"""The rule that calls a scan abnormal: by hand, and against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.measure.scan_rule import ScanRule, fit_scan_rule


def test_by_hand() -> None:
    """At 0.6 and above: 2 of 3 abnormal, 1 of 4 normal; at 0.3: 3 of 3, 2 of 4; at 0.8: 1 of 3, 0 of 4."""
    confidences = np.array([0.8, 0.6, 0.3, 0.7, 0.4, 0.2, 0.1])
    rule = fit_scan_rule(confidences, np.array([1, 1, 1, 0, 0, 0, 0], bool))
    assert rule.threshold == pytest.approx(0.25)  # Youden 0.5 there, 0.42 at 0.6, 0.33 at 0.8
    assert (rule.sensitivity, rule.specificity) == (1.0, 0.5)
    assert (rule.n_abnormal, rule.n_normal) == (3, 4)
    assert rule.is_abnormal(0.25)
    assert not rule.is_abnormal(0.249)


def test_of_equally_good_thresholds_the_highest() -> None:
    rule = fit_scan_rule(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False]))
    assert rule.threshold == pytest.approx(0.7)


def test_the_last_confidence_has_0_below_it() -> None:
    assert fit_scan_rule(np.array([0.4, 0.0]), np.array([True, False])).threshold == pytest.approx(0.2)
    rule = fit_scan_rule(np.array([0.4, 0.6]), np.array([True, False]))
    assert (rule.threshold, rule.sensitivity, rule.specificity) == (pytest.approx(0.2), 1.0, 0.0)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=40))
def test_against_scikit_learn(scans: list[tuple[int, bool]]) -> None:
    confidences = np.array([level / 20 for level, _ in scans])
    abnormal = np.array([truth for _, truth in scans])
    if abnormal.all() or not abnormal.any():
        with pytest.raises(BonescanError, match=r"there are no (ab)?normal scans to fit it on"):
            fit_scan_rule(confidences, abnormal)
        return
    rule = fit_scan_rule(confidences, abnormal)
    false_rates, true_rates, _ = roc_curve(abnormal, confidences, drop_intermediate=False)
    assert rule.sensitivity + rule.specificity - 1 == pytest.approx((true_rates - false_rates)[1:].max())
    called = np.array([rule.is_abnormal(confidence) for confidence in confidences])
    assert called[abnormal].mean() == pytest.approx(rule.sensitivity)
    assert (~called[~abnormal]).mean() == pytest.approx(rule.specificity)


def test_the_record_goes_through_json() -> None:
    rule = ScanRule(0.25, 1.0, 0.5, 3, 4)
    assert ScanRule.from_record(json.loads(json.dumps(rule.as_record()))) == rule


@pytest.mark.parametrize("change", [{"threshold": 2}, {"threshold": None}, {"extra": 1}])
def test_other_records_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BonescanError, match="is no scan rule; fit it again"):
        ScanRule.from_record({**ScanRule(0.25, 1.0, 0.5, 3, 4).as_record(), **change})
