"""FROC: by hand, and against scikit-learn's counts of right and false detections at each threshold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from bonescan_yolo.evaluate.bootstrap import draw_weights, summarise
from bonescan_yolo.evaluate.figures.froc import CURVE_RATES, RATES, froc_figures, sensitivities
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, NO_MATCH, match_scan
from bonescan_yolo.evaluate.matching.pool import pool_scans
from tests.evaluate.builders import SQUARE, moved, random_records, record, result

FAR = moved(SQUARE, 50)
ONCE = draw_weights(1, 0, 0)


def at(rate: float) -> int:
    return CURVE_RATES.index(rate)


def test_rates_are_on_the_curve() -> None:
    assert set(RATES) < set(CURVE_RATES)


def test_worked_by_hand() -> None:
    """Two scans, three boxes; by confidence: right, false, right, false, false: a rate of 1/2 a scan is one false box.

    Before any false box one of three is found; with one false box two of three; the third never.
    """
    scans = [
        record(result([(SQUARE, 0), (FAR, 0)], [(SQUARE, 0.9, 0), (moved(SQUARE, 80), 0.8, 0), (FAR, 0.7, 0)]), "1"),
        record(result([(SQUARE, 0)], [(FAR, 0.6, 0), (moved(SQUARE, 80), 0.5, 0)]), "1", "posterior"),
    ]
    curve = sensitivities(pool_scans(scans, HIT_RULE), ONCE, 0)
    assert curve.shape == (1, len(CURVE_RATES))
    expected = {0.125: 1 / 3, 0.25: 1 / 3, 0.5: 2 / 3, 1: 2 / 3, 8: 2 / 3}
    assert {rate: curve[0, at(rate)] for rate in expected} == pytest.approx(expected)
    mean = froc_figures({"abnormal": curve})["froc/mean_sensitivity/abnormal"]
    assert mean.values[0] == pytest.approx((2 * 1 / 3 + 5 * 2 / 3) / 7)


def test_equal_confidences_stand_or_fall_together() -> None:
    """A right and a false box of equal confidence: at half a false box a scan neither may be shown."""
    scan = record(result([(SQUARE, 0)], [(SQUARE, 0.9, 0), (FAR, 0.9, 0)]))
    curve = sensitivities(pool_scans([scan], HIT_RULE), ONCE, 0)
    assert (curve[0, at(0.5)], curve[0, at(1)]) == (0, 1)


def test_without_truth_there_is_no_curve() -> None:
    curve = sensitivities(pool_scans([record(result([], [(SQUARE, 0.9, 0)]))], HIT_RULE), ONCE, 0)
    figure = summarise(froc_figures({"abnormal": curve})["froc/sensitivity_at_1/abnormal"])
    assert (figure.value, figure.missing) == (None, "no abnormal box in the truth")


def test_nothing_found() -> None:
    curve = sensitivities(pool_scans([record(result([(SQUARE, 0)], []))], HIT_RULE), ONCE, 0)
    assert (curve == 0).all()


@pytest.mark.parametrize("class_id", [0, 1])
def test_agrees_with_scikit_learn_on_patients_that_count_several_times(class_id: int) -> None:
    """Its ROC curve over detections gives the shares of right and false ones; times their number they are FROC's."""
    records = random_records(np.random.default_rng(5), 15)
    weights = draw_weights(15, 20, seed=1)
    pool = pool_scans(records, HIT_RULE)
    ours = sensitivities(pool, weights, class_id)
    for row, curve in zip(weights, ours, strict=True):
        of_scan = [int(row[pool.patient_names.index(each.patient)]) for each in records]
        right, scores, n_true = [], [], 0
        for each, times in zip(records, of_scan, strict=True):
            chosen = each.result.classes == class_id
            right += [match_scan(each.result)[chosen] != NO_MATCH] * times
            scores += [each.result.confidences[chosen]] * times
            n_true += times * int((each.result.true_classes == class_id).sum())
        labels = np.concatenate(right)
        false_share, right_share, _ = roc_curve(labels, np.concatenate(scores), drop_intermediate=False)
        false_a_scan = false_share * (~labels).sum() / sum(of_scan)
        theirs = [right_share[false_a_scan <= rate + 1e-9].max() * labels.sum() / n_true for rate in CURVE_RATES]
        np.testing.assert_allclose(curve, theirs)
