"""Figures of the boxes shown: agreement of their number by hand, and against Pearson's correlation of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bonescan_yolo.evaluate.bootstrap import draw_weights, summarise
from bonescan_yolo.evaluate.figures.shown_boxes import number_figures
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.model.thresholds import Thresholds
from tests.evaluate.builders import SQUARE, moved, record, result

AT_50 = Thresholds.both(0.5)


def numbered(true: list[int], found: list[int]) -> list[EvaluatedScan]:
    """Return one scan per patient with these numbers of true and found abnormal boxes; a weaker one is not shown."""
    scans = []
    for patient, (n_true, n_found) in enumerate(zip(true, found, strict=True)):
        shown = [(moved(SQUARE, 5.0 * index), 0.9, 0) for index in range(n_found)]
        scan = result([(moved(SQUARE, 5.0 * index), 0) for index in range(n_true)], [*shown, (SQUARE, 0.2, 0)])
        scans.append(record(scan, str(patient)))
    return scans


def test_worked_by_hand() -> None:
    """1, 2, 3 against 2, 3, 4: both variances 2/3, covariance 2/3, bias 1: (2 x 2/3) / (2/3 + 2/3 + 1) = 4/7."""
    figures = number_figures(pool_scans(numbered([1, 2, 3], [2, 3, 4]), HIT_RULE), np.ones((1, 3), np.int32), AT_50)
    expected = {"concordance": 4 / 7, "bias": 1, "limit_low": 1, "limit_high": 1}
    assert {key: figures[f"number/{key}/abnormal"].values[0] for key in expected} == pytest.approx(expected)
    none = summarise(figures["number/concordance/normal"])
    assert (none.value, none.missing) == (None, "every scan has the same number of normal boxes, true and predicted")
    assert summarise(figures["number/bias/normal"]).value == 0


def test_agrees_with_scipy_on_patients_that_count_several_times() -> None:
    """Concordance is Pearson's correlation times how near slope and place are to the line of equality (Lin, 1989)."""
    random = np.random.default_rng(3)
    true = random.integers(0, 9, 30)
    found = (true + random.integers(-2, 3, 30)).clip(0)
    weights = draw_weights(30, 20, seed=0)
    figures = number_figures(pool_scans(numbered(true.tolist(), found.tolist()), HIT_RULE), weights, AT_50)
    names = sorted(map(str, range(30)))
    for draw, row in enumerate(weights):
        times = [int(row[names.index(str(patient))]) for patient in range(30)]
        x, y = np.repeat(true, times), np.repeat(found, times)
        scale = np.std(y) / np.std(x)
        place = (x.mean() - y.mean()) / np.sqrt(np.std(x) * np.std(y))
        near = 2 / (scale + 1 / scale + place**2)
        concordance = stats.pearsonr(x, y).statistic * near
        assert figures["number/concordance/abnormal"].values[draw] == pytest.approx(concordance)
        assert figures["number/bias/abnormal"].values[draw] == pytest.approx((y - x).mean())
        upper = (y - x).mean() + 1.96 * np.std(y - x)
        assert figures["number/limit_high/abnormal"].values[draw] == pytest.approx(upper)
