"""Thresholds of each class: the best of its own, the known one where a class is never hit, and what is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bonescan_yolo.adapt.class_thresholds import choose_thresholds, only_shown
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.model.thresholds import Thresholds
from tests.adapt.held_out_scans import AWAY, OTHER, read_scan
from tests.evaluate.builders import SQUARE, record, result

OTHERWISE = Thresholds(0.45, 0.35)


def chosen(scans: Sequence[EvaluatedScan], otherwise: Thresholds) -> Thresholds:
    return choose_thresholds([scan.result for scan in scans], [scan.patient for scan in scans], otherwise)


def test_each_class_gets_the_threshold_that_separates_its_hits_from_the_rest() -> None:
    scan = record(
        result([(SQUARE, 0), (OTHER, 1)], [(SQUARE, 0.8, 0), (AWAY, 0.6, 0), (OTHER, 0.3, 1), (AWAY, 0.1, 1)])
    )
    best = chosen([scan], OTHERWISE)
    assert 0.6 < best.abnormal < 0.8
    assert 0.1 < best.normal < 0.3


def test_a_class_that_is_never_hit_keeps_its_threshold() -> None:
    scan = record(result([(SQUARE, 0)], [(SQUARE, 0.8, 0), (OTHER, 0.9, 1)]))
    assert chosen([scan], OTHERWISE).normal == 0.35


def test_the_threshold_is_the_mean_over_draws_of_the_patients() -> None:
    """Each patient alone would have another threshold, 0.5 and 0.05 in the middle of hit and false box."""
    scans = [read_scan("1", hit=0.9, false=0.1), read_scan("2", hit=0.08, false=0.02)]
    alone = [chosen([scan], OTHERWISE).abnormal for scan in scans]
    assert alone == pytest.approx([0.5, 0.05])
    both = chosen(scans, OTHERWISE).abnormal
    assert alone[1] < both < alone[0]
    assert chosen(list(reversed(scans)), OTHERWISE).abnormal == pytest.approx(both)


def test_one_odd_patient_hardly_moves_the_threshold() -> None:
    scans = [read_scan(str(number), hit=0.8, false=0.2) for number in range(20)]
    alike = chosen(scans, OTHERWISE).abnormal
    with_odd = chosen([*scans, read_scan("odd", hit=0.3, false=0.25)], OTHERWISE).abnormal
    assert alike == pytest.approx(0.5)
    assert abs(with_odd - alike) < 0.3


def test_boxes_that_are_equally_sure_are_shown_together() -> None:
    scan = record(result([(SQUARE, 0)], [(SQUARE, 0.5, 0), (AWAY, 0.5, 0), (OTHER, 0.1, 0)]))
    assert 0.1 < chosen([scan], OTHERWISE).abnormal < 0.5


def test_only_boxes_above_the_thresholds_are_left() -> None:
    shown = only_shown(read_scan("1", hit=0.5, false=0.2), Thresholds(0.3, 0.6))
    assert shown.result.classes.tolist() == [0]
    assert shown.result.boxes.tolist() == [list(SQUARE)]
    assert shown.places.regions is not None
    assert len(shown.places.regions) == len(shown.places.contrasts) == 1
    assert len(shown.result.true_boxes) == 2
