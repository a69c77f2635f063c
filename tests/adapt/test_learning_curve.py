"""The learning curve: its points are on the same scans, and its sentence says no more than the figures."""

from __future__ import annotations

import pytest

from bonescan_yolo.adapt.fold_plan import FoldTraining
from bonescan_yolo.adapt.learning_curve import CurvePoint, LearningCurve, Read, learning_curve
from bonescan_yolo.evaluate.bootstrap import Figure
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from tests.adapt.held_out_scans import annotated, read_scan


def fold_of(fold: int, hit: float, false: float) -> list[EvaluatedScan]:
    return [read_scan(f"{fold}-{one}", hit, false) for one in range(3)]


def read(fold: int, part: float, hit: float, false: float) -> Read:
    scans = tuple(annotated(str(number), 1) for number in range(round(8 * part)))
    return FoldTraining(fold, part, scans, held_out=()), fold_of(fold, hit, false)


def test_points_are_those_of_the_curves_folds_from_the_start_model_to_all() -> None:
    start = [fold_of(fold, 0.5, 0.6) for fold in range(3)]
    whole = [read(0, 1.0, 0.8, 0.1), read(1, 1.0, 0.8, 0.1), read(2, 1.0, 0.1, 0.9)]
    curve = learning_curve(start, [*whole, read(0, 0.5, 0.5, 0.6), read(1, 0.5, 0.5, 0.6)], seed=0)
    assert curve is not None
    assert curve.folds == 2
    assert [(point.part, point.scans) for point in curve.points] == [(0.0, 0.0), (0.5, 4), (1.0, 8)]
    values = [point.precision.value for point in curve.points]
    assert values[0] == values[1]
    assert values[2] == pytest.approx(1)  # the third fold is not in the curve
    assert curve.last_gain.low is not None
    assert curve.last_gain.low > 0
    assert "still rising" in curve.words


def test_without_smaller_parts_there_is_no_curve() -> None:
    assert learning_curve([fold_of(0, 0.5, 0.6)], [read(0, 1.0, 0.8, 0.1)], seed=0) is None


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (Figure(0.05, 0.01, 0.09, ""), "more scans are likely to help"),
        (Figure(0.05, -0.01, 0.09, ""), "do not say whether more would help"),
        (Figure(-0.05, -0.09, -0.01, ""), "look at the annotations"),
        (Figure(0.05, None, None, "one patient alone gives no interval"), "too few to say"),
        (Figure(None, None, None, "no box in the truth"), "too few to say"),
    ],
)
def test_the_sentence_says_no_more_than_the_figures(gain: Figure, words: str) -> None:
    points = (CurvePoint(0.5, 4, Figure(0.6, 0.5, 0.7, "")), CurvePoint(1.0, 8, Figure(0.65, 0.6, 0.7, "")))
    assert words in LearningCurve(points, 2, gain).words
