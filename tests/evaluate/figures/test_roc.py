"""ROC over scans and patients: by hand, and against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score, roc_curve

from bonescan_yolo.evaluate.bootstrap import draw_weights, summarise
from bonescan_yolo.evaluate.figures.roc import (
    CURVE_RATES,
    Cases,
    OperatingPoint,
    choose_point,
    patient_cases,
    roc_curves,
    roc_figures,
    scan_cases,
)
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from tests.evaluate.builders import SQUARE, record, result

ONCE = np.ones((1, 4), np.int32)


def cases(scores: list[float], diseased: list[bool], patients: list[int] | None = None) -> Cases:
    everybody = np.arange(len(scores)) if patients is None else np.array(patients)
    return Cases("scan", np.array(scores), np.array(diseased), everybody)


def test_scans_and_patients() -> None:
    """A patient is diseased if a scan of his is, and scores as his highest scan."""
    scans = [
        record(result([(SQUARE, 0)], [(SQUARE, 0.4, 0)]), "b", "anterior"),
        record(result([(SQUARE, 1)], [(SQUARE, 0.9, 1), (SQUARE, 0.6, 0)]), "b", "posterior"),
        record(result([], []), "a"),
    ]
    pool = pool_scans(scans, HIT_RULE)
    by_scan, by_patient = scan_cases(pool), patient_cases(pool)
    assert by_scan.scores == pytest.approx([0.4, 0.6, 0])
    assert by_scan.diseased.tolist() == [True, False, False]
    assert by_patient.scores == pytest.approx([0, 0.6])
    assert by_patient.diseased.tolist() == [False, True]


def test_area_worked_by_hand() -> None:
    """Of four pairs the diseased scores higher in two and as high in one: (2 + 1/2) / 4."""
    area, curve = roc_curves(cases([0.9, 0.5, 0.5, 0.7], [True, True, False, False]), ONCE)
    assert area[0] == pytest.approx(2.5 / 4)
    assert curve[0, 0] == pytest.approx(0.5)
    assert curve[0, CURVE_RATES.index(0.5)] == pytest.approx(0.5)
    assert curve[0, CURVE_RATES.index(0.75)] == pytest.approx(0.75)


def test_agrees_with_scikit_learn_on_patients_that_count_several_times() -> None:
    random = np.random.default_rng(4)
    scores, diseased, patients = random.integers(0, 20, 60) / 20, random.random(60) < 0.4, np.arange(60) // 2
    weights = draw_weights(30, 25, seed=2)
    area, curve = roc_curves(Cases("scan", scores, diseased, patients), weights)
    for row, ours, sensitivity in zip(weights, area, curve, strict=True):
        times = row[patients]
        assert ours == pytest.approx(roc_auc_score(diseased, scores, sample_weight=times))
        false, right, _ = roc_curve(diseased, scores, sample_weight=times, drop_intermediate=False)
        upper = np.append(np.diff(false) > 1e-12, True)
        np.testing.assert_allclose(sensitivity, np.interp(CURVE_RATES, false[upper], right[upper]), atol=1e-9)


def test_the_point_of_the_highest_youden_index() -> None:
    """At 0.6 both diseased and one of three healthy are called, J = 2/3; at 0.9 one diseased and none, J = 1/2."""
    chosen = choose_point(cases([0.9, 0.6, 0.7, 0.4, 0.1], [True, True, False, False, False]))
    between: Any = pytest.approx((0.6 + 0.4) / 2)
    assert chosen == OperatingPoint(between, "")
    assert choose_point(cases([0.9, 0.4], [True, False])).threshold == pytest.approx(0.65)
    assert choose_point(cases([0.8, 0.0], [True, False])).threshold == pytest.approx(0.4)


def test_no_point_where_all_are_of_one_kind() -> None:
    assert choose_point(cases([0.1], [False])) == OperatingPoint(None, "no scan with an abnormal box in the truth")
    assert choose_point(cases([0.1], [True])) == OperatingPoint(None, "no scan without an abnormal box in the truth")


def test_figures_at_a_point_agree_with_scikit_learn() -> None:
    random = np.random.default_rng(6)
    scores, diseased = random.random(50), random.random(50) < 0.5
    weights = draw_weights(50, 10, seed=0)
    subject = Cases("patient", scores, diseased, np.arange(50))
    area, _ = roc_curves(subject, weights)
    figures = roc_figures(subject, area, OperatingPoint(0.4, ""), weights)
    for draw, row in enumerate(weights):
        (left, false), (missed, hit) = confusion_matrix(diseased, scores >= 0.4, sample_weight=row)
        expected = {
            "sensitivity": hit / (hit + missed),
            "specificity": left / (left + false),
            "ppv": hit / (hit + false),
            "npv": left / (left + missed),
        }
        assert {key: figures[f"patient/{key}"].values[draw] for key in expected} == pytest.approx(expected)


def test_what_is_missing_is_told() -> None:
    healthy = cases([0.1, 0.2], [False, False])
    weights = np.ones((1, 2), np.int32)
    figures = roc_figures(healthy, roc_curves(healthy, weights)[0], OperatingPoint(0.5, ""), weights)
    assert summarise(figures["scan/auc"]).missing == "no scan with an abnormal box in the truth"
    assert summarise(figures["scan/ppv"]).missing == "no scan is called abnormal"
    assert summarise(figures["scan/specificity"]).value == 1
    unchosen = roc_figures(healthy, roc_curves(healthy, weights)[0], OperatingPoint(None, "no scan"), weights)
    assert "no operating point" in summarise(unchosen["scan/specificity"]).missing
