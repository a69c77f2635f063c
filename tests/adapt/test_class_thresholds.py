"""Thresholds of each class: the best of its own, the known one where a class is never hit, and what is shown."""

from __future__ import annotations

from bonescan_yolo.adapt.class_thresholds import choose_thresholds, only_shown
from bonescan_yolo.model.thresholds import Thresholds
from tests.adapt.held_out_scans import AWAY, OTHER, read_scan
from tests.evaluate.builders import SQUARE, record, result

OTHERWISE = Thresholds(0.45, 0.35)


def test_each_class_gets_the_threshold_that_separates_its_hits_from_the_rest() -> None:
    scan = record(
        result([(SQUARE, 0), (OTHER, 1)], [(SQUARE, 0.8, 0), (AWAY, 0.6, 0), (OTHER, 0.3, 1), (AWAY, 0.1, 1)])
    )
    chosen = choose_thresholds([scan], OTHERWISE)
    assert 0.6 < chosen.abnormal < 0.8
    assert 0.1 < chosen.normal < 0.3


def test_a_class_that_is_never_hit_keeps_its_threshold() -> None:
    scan = record(result([(SQUARE, 0)], [(SQUARE, 0.8, 0), (OTHER, 0.9, 1)]))
    assert choose_thresholds([scan], OTHERWISE).normal == 0.35


def test_only_boxes_above_the_thresholds_are_left() -> None:
    shown = only_shown(read_scan("1", hit=0.5, false=0.2), Thresholds(0.3, 0.6))
    assert shown.result.classes.tolist() == [0]
    assert shown.result.boxes.tolist() == [list(SQUARE)]
    assert len(shown.places.sites) == len(shown.places.contrasts) == 1
    assert len(shown.result.true_boxes) == 2
