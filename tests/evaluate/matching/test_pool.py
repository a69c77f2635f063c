"""The flat tables: a case written down by hand, and hits counted from them against `hit_scores`."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.evaluate.bootstrap import draw_weights
from bonescan_yolo.evaluate.figures.shown_boxes import hit_figures
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, NO_MATCH, hit_scores, parse_rule
from bonescan_yolo.evaluate.matching.pool import NEVER, pool_scans
from bonescan_yolo.model.thresholds import Thresholds
from tests.evaluate.builders import AT_30, SQUARE, moved, random_records, record, result

FAR = moved(SQUARE, 50)


def test_worked_by_hand() -> None:
    """The first scan has nothing at all; on the second one box is taken, one called the other class, one missed."""
    true = [(SQUARE, 0), (FAR, 0), (moved(SQUARE, 90), 1)]
    found = [(FAR, 0.7, 1), (SQUARE, 0.9, 0), (moved(SQUARE, 20), 0.3, 0)]
    pool = pool_scans([record(result([], []), "b"), record(result(true, found), "a")], HIT_RULE)
    assert pool.patient_names == ("a", "b")
    assert pool.patients.tolist() == [1, 0]
    assert pool.truth.scans.tolist() == [1, 1, 1]
    assert pool.truth.patients.tolist() == [0, 0, 0]
    assert pool.matches.tolist() == [NO_MATCH, 0, NO_MATCH]
    assert pool.hit_confidences == pytest.approx([0.9, NEVER, NEVER])
    assert pool.hits_other_class.tolist() == [True, False, False]
    assert pool.other_class_confidences == pytest.approx([NEVER, 0.7, NEVER])
    assert pool.truth.sides == pytest.approx([10, 10, 10])
    assert pool.count_true(0).tolist() == [0, 2]
    assert pool.count_found(0, AT_30).tolist() == [0, 1]


def test_each_class_is_shown_above_its_own_threshold() -> None:
    """One box of each class is found with 0.5, one is called the other class with 0.4."""
    true = [(SQUARE, 0), (FAR, 1), (moved(SQUARE, 90), 0)]
    found = [(SQUARE, 0.5, 0), (FAR, 0.5, 1), (moved(SQUARE, 90), 0.4, 1)]
    pool = pool_scans([record(result(true, found))], HIT_RULE)
    strict, mild = Thresholds(abnormal=0.6, normal=0.3), Thresholds(abnormal=0.3, normal=0.5)
    assert pool.shown(strict).tolist() == [False, True, True]
    assert pool.hit(strict).tolist() == [False, True, False]
    assert pool.shown_as_other(strict).tolist() == [False, False, True]
    assert pool.shown(mild).tolist() == [True, False, False]  # 0.5 is not above 0.5
    assert pool.hit(mild).tolist() == [True, False, False]
    assert not pool.shown_as_other(mild).any()
    assert [pool.count_found(class_id, strict).tolist() for class_id in (0, 1)] == [[0], [2]]


def test_no_scans() -> None:
    pool = pool_scans([], HIT_RULE)
    assert (len(pool.truth.scans), len(pool.matches), pool.patient_names) == (0, 0, ())


@pytest.mark.parametrize("thresholds", [Thresholds.both(0.4), Thresholds(abnormal=0.6, normal=0.2)], ids=str)
@pytest.mark.parametrize("rule", ["hit", "iou:0.5", "center"])
def test_hits_are_those_counted_scan_by_scan(rule: str, thresholds: Thresholds) -> None:
    """Of patients that count several times: as if their scans were there that often."""
    records = random_records(np.random.default_rng(8), 10)
    weights = draw_weights(10, 15, seed=0)
    pool = pool_scans(records, parse_rule(rule))
    figures = hit_figures(pool, weights, thresholds)
    for draw, row in enumerate(weights):
        repeated = [each.result for each in records for _ in range(int(row[pool.patient_names.index(each.patient)]))]
        for name, score in hit_scores(repeated, thresholds, parse_rule(rule)).items():
            for key in ("precision", "recall", "f1", "false_per_scan"):
                expected = getattr(score, key)
                ours = figures[f"hits/{key}/{name}"].values[draw]
                assert ours == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
