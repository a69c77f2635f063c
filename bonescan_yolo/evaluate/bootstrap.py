"""Figures and their intervals, by bootstrap over patients.

A figure is a function of how often each patient counts. Every patient once gives its value. Patients drawn with
replacement give the values that other samples of patients might have; the 2.5th and 97.5th percentile of these are the
ends of its 95 % interval (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). Patients are
drawn, not boxes or scans, since the boxes of a patient resemble each other. Two models measured with the same draws
give a paired difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
"""With this number the ends of an interval vary by about a tenth of its width from seed to seed."""

INTERVAL = (2.5, 97.5)
"""Per cent of the draws below each end of an interval."""

LEAST_PATIENTS = 2
"""One patient says nothing about others."""

WORKERS = 2
"""Threads that share the draws; numpy releases Python's lock."""

Values = NDArray[np.float64]
"""(1 + draws,) float64: the figure with every patient once, then that of each draw; NaN if it is not defined."""

Weights = NDArray[np.int32]
"""(1 + draws, patients) int32: how often each patient counts; in the first row once each."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """A figure with its bootstrap draws.

    Attributes:
        values: (1 + draws,) float64, the figure, then its draws.
        missing: in words why there is no value, if `values[0]` is NaN.
    """

    values: Values
    missing: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure as it is written down.

    Attributes:
        value: None if it is not defined.
        low, high: 95 % interval over patients; None without a value, or if there is only one patient.
        missing: why something is None; empty if nothing is.
    """

    value: float | None
    low: float | None
    high: float | None
    missing: str


Samples = Mapping[str, Sampled]
"""Figures by key, such as `froc/mean_sensitivity/abnormal`."""


def draw_weights(patients: int, draws: int, seed: int) -> Weights:
    """Return how often each patient counts, (1 + draws, patients) int32: once each, then as drawn with replacement.

    With fewer than two patients there are no draws, (1, patients).
    """
    once = np.ones((1, patients), np.int32)
    if patients < LEAST_PATIENTS:
        return once
    random = np.random.default_rng(seed)
    drawn = random.multinomial(patients, np.full(patients, 1 / patients), draws)
    return np.concatenate([once, drawn.astype(np.int32)])


def totals(weights: Weights, patients: NDArray[np.int64], amounts: NDArray[np.float64] | None = None) -> Values:
    """Return the weighted sum over things that each belong to a patient, (1 + draws,).

    Args:
        weights: how often each patient counts.
        patients: (N,) int64, index of the patient of each thing.
        amounts: (N,) float64, how much each adds; None counts them.
    """
    of_patients = np.bincount(patients, weights=amounts, minlength=weights.shape[1])
    return np.matmul(weights, of_patients.astype(np.float64), dtype=np.float64)


def divide(part: Values, whole: Values) -> Values:
    """Return quotients, NaN where the divisor is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole != 0)


def for_each_draw(weights: Weights, measure: Callable[[NDArray[np.int32]], NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the results of `measure` for each row of weights, (1 + draws, ...) float64; threads share the rows.

    For figures that need a sorted pass over all detections, so that one product of matrices is not enough.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        return np.array(list(pool.map(measure, weights)))


def summarise(sampled: Sampled) -> Figure:
    """Return a figure with its interval, the percentiles of the draws in which it is defined."""
    value, drawn = float(sampled.values[0]), sampled.values[1:]
    if np.isnan(value):
        return Figure(None, None, None, sampled.missing or "not defined on these scans")
    defined = drawn[~np.isnan(drawn)]
    if not len(defined):
        return Figure(value, None, None, "one patient alone gives no interval")
    low, high = np.percentile(defined, INTERVAL)
    return Figure(value, float(low), float(high), "")


def differences(first: Samples, second: Samples) -> dict[str, Sampled]:
    """Return the second model's figures minus the first's, draw by draw, for the keys that both have."""
    return {
        key: Sampled(second[key].values - first[key].values, second[key].missing or first[key].missing)
        for key in first
        if key in second
    }


def number_patients(names: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the patients' names, sorted, and for each scan the index of its patient, (scans,) int64."""
    unique, indices = np.unique(np.array(names, dtype=str), return_inverse=True)
    return tuple(str(name) for name in unique), indices.astype(np.int64)
