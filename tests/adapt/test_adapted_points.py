"""Operating points of adapted files: around the thresholds chosen, at the wanted rates, none with few scans."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.adapt.adapted_points import SCANS_FOR_POINTS, points_around
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import hit_scores
from bonescan_yolo.model.thresholds import Thresholds
from tests.evaluate.builders import SQUARE, moved, result


def scan(*false: float) -> ScanResult:
    """Return a scan with a hit at 0.9 and false abnormal boxes at these confidences."""
    away = [(moved(SQUARE, 20 * (number + 1)), confidence, 0) for number, confidence in enumerate(false)]
    return result([(SQUARE, 0)], [(SQUARE, 0.9, 0), *away])


SCANS = [scan(0.3, 0.2, 0.1, 0.05)] * 24 + [scan(0.6, 0.2, 0.1, 0.05)] * 16


def test_each_point_has_its_rate_of_false_boxes() -> None:
    points = points_around(SCANS, Thresholds(0.25, 0.35))
    assert points is not None
    assert points.balanced == Thresholds(0.25, 0.35)
    rates = [hit_scores(SCANS, each)["abnormal"].false_per_scan for each in (points.sensitive, points.specific)]
    assert rates == [2, 0]  # the 16 boxes at 0.6 are more than 0.3 per scan
    assert points.sensitive.normal == points.specific.normal == 0.35


def test_few_scans_have_no_points() -> None:
    assert points_around(SCANS[: SCANS_FOR_POINTS - 1], Thresholds.both(0.25)) is None
    assert points_around(SCANS[:SCANS_FOR_POINTS], Thresholds.both(0.25)) is not None


@given(st.floats(0.01, 0.99))
def test_the_thresholds_never_fall_from_point_to_point(balanced: float) -> None:
    points = points_around(SCANS, Thresholds.both(balanced))
    assert points is not None
    assert points.are_valid
