"""The honest figure: thresholds come from other folds, both models read the same scans, and better means better."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.adapt.adapt_outcome import Kept
from bonescan_yolo.adapt.adapt_run import what_to_keep
from bonescan_yolo.adapt.fold_figures import F1, PRECISION, SCORE, compare, mean_of, nested_thresholds
from bonescan_yolo.evaluate.bootstrap import Sampled
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.point_choice import FALSE_BOXES_NEEDED
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.thresholds import Thresholds
from tests.adapt.held_out_scans import read_scan
from tests.evaluate.builders import record, result

CARD = ModelCard(trained_on="test", confidence=0.45)


def folds(hit: float, false: float) -> list[list[EvaluatedScan]]:
    """Three folds of two patients."""
    return [[read_scan(f"{fold}-{one}", hit, false) for one in (1, 2)] for fold in range(3)]


def test_a_folds_thresholds_do_not_see_its_own_scans() -> None:
    strange = [[read_scan("1", hit=0.9, false=0.1)], [read_scan("2", 0.5, 0.1)], [read_scan("3", 0.5, 0.1)]]
    limits = nested_thresholds(strange, Thresholds.both(0.45))
    changed = [[read_scan("1", hit=0.2, false=0.19)], *strange[1:]]
    assert nested_thresholds(changed, Thresholds.both(0.45))[0] == limits[0]
    assert nested_thresholds(changed, Thresholds.both(0.45))[1] != limits[1]


def test_a_model_with_fewer_false_boxes_is_better_and_sure() -> None:
    compared = compare(folds(hit=0.5, false=0.6), folds(hit=0.8, false=0.1), CARD, seed=0)
    assert compared.is_better
    assert compared.is_sure
    assert compared.adapted["hits/f1/abnormal"].value == 1
    assert compared.adapted["hits/false_per_scan/abnormal"].value == 0
    assert compared.start["hits/f1/abnormal"].value == pytest.approx(2 / 3)
    assert compared.adapted["detection/ap50/abnormal/all"].value == pytest.approx(1)
    assert 0.1 < compared.thresholds.abnormal < 0.8


def test_the_start_model_is_shown_at_its_own_thresholds_too() -> None:
    compared = compare(folds(hit=0.4, false=0.1), folds(hit=0.4, false=0.1), CARD, seed=0)
    assert compared.at_own["hits/recall/abnormal"].value == 0
    assert compared.start["hits/recall/abnormal"].value == 1
    assert compared.by_thresholds["hits/recall/abnormal"].value == 1
    assert compared.thresholds_are_better
    assert compared.start_thresholds == compared.thresholds  # the readings are the same
    good = ModelCard(trained_on="test", confidence=0.3)
    assert not compare(folds(hit=0.4, false=0.1), folds(hit=0.4, false=0.1), good, seed=0).thresholds_are_better


def test_enough_false_boxes_give_operating_points_around_the_thresholds() -> None:
    few = compare(folds(0.5, 0.6), folds(0.8, 0.1), CARD, seed=0)
    assert (few.points, few.start_points) == (None, None)
    good, poor = (
        [[read_scan(f"{fold}-{one}", 0.5, false) for one in range(FALSE_BOXES_NEEDED // 2)] for fold in range(2)]
        for false in (0.1, 0.6)
    )
    compared = compare(poor, good, CARD, seed=0)
    assert compared.points is None  # the scans are as many, but none has a false box
    assert compared.start_points is not None
    assert compared.start_points.balanced == compared.start_thresholds
    assert compared.start_points.specific.abnormal > 0.6


def test_the_same_readings_are_not_better() -> None:
    compared = compare(folds(0.5, 0.6), folds(0.5, 0.6), CARD, seed=0)
    assert compared.difference[SCORE].value == 0
    assert not compared.is_better
    assert not compare(folds(0.8, 0.1), folds(0.5, 0.6), CARD, seed=0).is_better


def test_what_is_better_is_kept() -> None:
    better, worse, same = folds(0.8, 0.1), folds(0.5, 0.6), folds(0.4, 0.1)
    assert what_to_keep(None) is Kept.WEIGHTS
    assert what_to_keep(compare(worse, better, CARD, seed=0)) is Kept.WEIGHTS
    assert what_to_keep(compare(better, worse, CARD, seed=0)) is Kept.NOTHING
    assert what_to_keep(compare(same, same, CARD, seed=0)) is Kept.THRESHOLDS


def test_scans_without_any_box_give_no_score_and_nothing_is_better() -> None:
    empty = [[record(result([], []), patient)] for patient in ("1", "2")]
    compared = compare(empty, empty, CARD, seed=0)
    assert compared.difference[SCORE].value is None
    assert not compared.is_better
    assert not compared.is_sure


def test_the_score_is_the_mean_of_the_figures_that_are_defined() -> None:
    samples = {
        key: Sampled(np.array([value, value])) for key, value in zip((*PRECISION, *F1), (1, 0.5, 0.3, 0.2), strict=True)
    }
    assert mean_of(samples, (*PRECISION, *F1)).values.tolist() == pytest.approx([0.5, 0.5])
    samples[PRECISION[1]] = Sampled(np.array([np.nan, np.nan]), "no normal box in the truth")
    assert mean_of(samples, PRECISION).values.tolist() == [1, 1]
    only = [[record(result([((100, 100, 110, 110), 0)], [((100, 100, 110, 110), 0.9, 0)]), name)] for name in "12"]
    assert compare(only, only, CARD, seed=0).start[SCORE].value == pytest.approx(1)
