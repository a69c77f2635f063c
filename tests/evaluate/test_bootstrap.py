"""Weights of patients and intervals: by hand, and against scipy's bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bonescan_yolo.evaluate.bootstrap import (
    Figure,
    Sampled,
    differences,
    divide,
    draw_weights,
    for_each_draw,
    number_patients,
    summarise,
    totals,
)


def test_every_patient_counts_once_first_and_each_draw_has_as_many_patients() -> None:
    weights = draw_weights(7, 50, seed=3)
    assert weights.shape == (51, 7)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 7).all()
    assert len(np.unique(weights[1:], axis=0)) > 40
    np.testing.assert_array_equal(weights, draw_weights(7, 50, seed=3))
    assert (weights != draw_weights(7, 50, seed=4)).any()


def test_totals_worked_by_hand() -> None:
    """Three things: two of the first patient, one of the third."""
    weights = np.array([[1, 1, 1], [2, 0, 1], [0, 3, 0]], np.int32)
    patients = np.array([0, 2, 0])
    np.testing.assert_array_equal(totals(weights, patients), [3, 5, 0])
    np.testing.assert_array_equal(totals(weights, patients, np.array([1.0, 10.0, 0.5])), [11.5, 13, 0])
    np.testing.assert_array_equal(totals(weights, np.zeros(0, np.int64)), [0, 0, 0])


def test_a_quotient_of_nothing_is_not_defined() -> None:
    np.testing.assert_array_equal(divide(np.array([1.0, 0.0]), np.array([2.0, 0.0])), [0.5, np.nan])


def test_the_interval_is_scipys() -> None:
    """The mean of 60 numbers, one a patient: both draw 4,000 times, so that the ends agree to a few hundredths."""
    numbers = np.random.default_rng(1).exponential(size=60)
    weights = draw_weights(60, 4000, seed=0)
    everybody = np.arange(60)
    figure = summarise(Sampled(divide(totals(weights, everybody, numbers), totals(weights, everybody))))
    theirs = stats.bootstrap((numbers,), np.mean, n_resamples=4000, method="percentile", rng=5).confidence_interval
    assert figure.value == pytest.approx(numbers.mean())
    assert figure.low == pytest.approx(theirs.low, abs=0.02)
    assert figure.high == pytest.approx(theirs.high, abs=0.02)


def test_patients_are_drawn_not_scans() -> None:
    """Ten scans of equal result per patient add nothing to one: the interval is as wide."""
    numbers = np.random.default_rng(2).normal(size=40)
    weights = draw_weights(40, 500, seed=0)
    one, ten = np.arange(40), np.repeat(np.arange(40), 10)
    single = divide(totals(weights, one, numbers), totals(weights, one))
    many = divide(totals(weights, ten, np.repeat(numbers, 10)), totals(weights, ten))
    np.testing.assert_allclose(many, single)


def test_what_is_missing_is_told() -> None:
    assert summarise(Sampled(np.array([np.nan, 1.0]), "no box")) == Figure(None, None, None, "no box")
    assert summarise(Sampled(np.array([0.5]))) == Figure(0.5, None, None, "one patient alone gives no interval")
    assert draw_weights(1, 100, seed=0).tolist() == [[1]]
    some = summarise(Sampled(np.array([0.5, np.nan, 0.4, 0.6])))
    assert (some.low, some.high) == pytest.approx((0.405, 0.595))


def test_differences_are_paired() -> None:
    first = {"a": Sampled(np.array([1.0, 2.0, 3.0])), "only": Sampled(np.zeros(3))}
    second = {"a": Sampled(np.array([1.5, 2.5, 3.5]), "why"), "other": Sampled(np.zeros(3))}
    found = differences(first, second)
    assert list(found) == ["a"]
    assert summarise(found["a"]) == Figure(0.5, 0.5, 0.5, "")


def test_each_draw_in_its_order() -> None:
    weights = draw_weights(3, 20, seed=0)
    np.testing.assert_array_equal(for_each_draw(weights, lambda row: row.astype(float)), weights)


def test_patients_by_number() -> None:
    names, numbers = number_patients(["b", "a", "b"])
    assert names == ("a", "b")
    assert numbers.tolist() == [1, 0, 1]
