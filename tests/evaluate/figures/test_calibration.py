"""Calibration: by hand, and against scikit-learn's calibration curve and logistic regression."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from bonescan_yolo.evaluate.bootstrap import draw_weights, summarise
from bonescan_yolo.evaluate.figures.calibration import (
    BINS,
    Judged,
    at_temperature,
    calibration_figures,
    fit_temperature,
    judge,
    reliability,
)
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from tests.evaluate.builders import SQUARE, moved, record, result

ONCE = np.ones((1, 1), np.int32)


def judged(confidences: list[float], right: list[bool]) -> Judged:
    return Judged(np.array(confidences), np.array(right, dtype=bool), np.zeros(len(right), np.int64))


def drawn(number: int, sharpness: float) -> Judged:
    """Return detections whose logits are `sharpness` times those of their chance to be right."""
    random = np.random.default_rng(1)
    logits = random.normal(0, 1.2, number)
    right = random.random(number) < 1 / (1 + np.exp(-logits))
    return Judged(1 / (1 + np.exp(-sharpness * logits)), right, np.arange(number) // 5)


def test_error_worked_by_hand() -> None:
    """Bin 0.9: four, three right, mean 0.95: 0.2 off. Bin 0.2: one, wrong, 0.25 off. (4 x 0.2 + 0.25) / 5."""
    bins = reliability(judged([0.94, 0.94, 0.96, 0.96, 0.25], [True, True, True, False, False]), ONCE)
    assert bins.error()[0] == pytest.approx((4 * 0.2 + 0.25) / 5)
    assert bins.numbers[0].tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0, 4]
    assert np.isnan(bins.share_right[0, 0])


def test_the_curve_is_scikit_learns() -> None:
    subject = drawn(500, 1.7)
    weights = draw_weights(100, 5, seed=0)
    bins = reliability(subject, weights)
    for draw, row in enumerate(weights):
        times = row[subject.patients]
        right, confidences = np.repeat(subject.right, times), np.repeat(subject.confidences, times)
        share, mean = calibration_curve(right, confidences, n_bins=BINS)
        known = bins.numbers[draw] > 0
        np.testing.assert_allclose(bins.share_right[draw, known], share)
        np.testing.assert_allclose(bins.confidence[draw, known], mean)


def test_the_temperature_is_scikit_learns() -> None:
    """Logistic regression on the logit alone, without intercept and penalty, has the slope 1 / T."""
    subject = drawn(4000, 1.7)
    logits = np.log(subject.confidences / (1 - subject.confidences))
    theirs = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-8).fit(logits[:, None], subject.right)
    ours = fit_temperature(subject).value
    assert ours is not None
    assert ours == pytest.approx(1 / theirs.coef_[0, 0], rel=1e-3)
    assert ours == pytest.approx(1.7, rel=0.1)
    weights = draw_weights(800, 0, seed=0)
    assert reliability(subject, weights, ours).error()[0] < reliability(subject, weights).error()[0]


def test_a_temperature_keeps_the_order() -> None:
    confidences = np.array([0.0, 0.2, 0.5, 0.9, 1.0])
    np.testing.assert_array_equal(at_temperature(confidences, 1.0), confidences)
    cooled = at_temperature(confidences, 2.0)
    assert (np.diff(cooled) > 0).all()
    assert cooled[2:4] == pytest.approx([0.5, 3 / (1 + 3)])  # odds of 9 become odds of 3


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        (judged([], []), "no detection has a confidence of 0.05 or more"),
        (judged([0.5], [True]), "every detection is right"),
        (judged([0.5], [False]), "every detection is wrong"),
    ],
)
def test_nothing_to_fit(subject: Judged, message: str) -> None:
    fitted = fit_temperature(subject)
    assert fitted.value is None
    assert message in fitted.missing


def test_what_is_missing_is_told() -> None:
    figures = calibration_figures(reliability(judged([], []), ONCE), None, "every detection is right")
    assert summarise(figures["calibration/error"]).missing == "no detection has a confidence of 0.05 or more"
    assert summarise(figures["calibration/error_at_temperature"]).missing == "every detection is right"


def test_faint_detections_are_left_out() -> None:
    scan = result([(SQUARE, 0)], [(SQUARE, 0.8, 0), (moved(SQUARE, 40), 0.04, 0), (moved(SQUARE, 60), 0.06, 1)])
    subject = judge(pool_scans([record(scan)], HIT_RULE))
    assert subject.confidences == pytest.approx([0.8, 0.06])
    assert subject.right.tolist() == [True, False]
