"""Hits: by hand, and against a slow count of the detections above each threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import (
    NO_MATCH,
    HitScore,
    best_by_class,
    best_threshold,
    hit_scores,
    match_scan,
    parse_rule,
)
from bonescan_yolo.model.thresholds import Thresholds
from tests.evaluate.builders import Box, moved, result

BOX = (100.0, 100.0, 112.0, 112.0)
"""Moved by d of its 12 px the IoU is (12 - d) / (12 + d): 0.2 at d = 8, where the centre is out (d > 6)."""


def matches(true: Sequence[tuple[Box, int]], found: Sequence[tuple[Box, float, int]]) -> list[int]:
    return match_scan(result(true, found)).tolist()


@pytest.mark.parametrize(
    ("box", "hits"),
    [
        (BOX, True),
        (moved(BOX, 7.5), True),
        (moved(BOX, 8), True),  # IoU 0.2, no less
        (moved(BOX, 8.25), False),
        (moved(BOX, 30), False),
        ((105, 105, 107, 107), True),  # IoU 4/144, centre inside
        ((46, 46, 166, 166), True),  # IoU 144/14400, centre inside
        ((100, 100, 124, 112), True),  # IoU 0.5, centre on the edge
        ((111, 111, 113, 113), True),  # IoU 1/147, centre on the corner
        ((111.5, 111.5, 113, 113), False),  # centre just beyond the corner
        ((106, 106, 106, 106), True),  # no area at all, centre inside
    ],
)
def test_what_hits(box: Box, hits: bool) -> None:
    assert matches([(BOX, 0)], [(box, 0.9, 0)]) == [0 if hits else NO_MATCH]


def test_the_wrong_class_hits_nothing() -> None:
    assert matches([(BOX, 0)], [(BOX, 0.9, 1)]) == [NO_MATCH]
    assert matches([(BOX, 0), (BOX, 1)], [(BOX, 0.9, 1)]) == [1]


def test_the_most_confident_of_two_on_one_box_takes_it() -> None:
    assert matches([(BOX, 0)], [(BOX, 0.3, 0), (moved(BOX, 5), 0.9, 0)]) == [NO_MATCH, 0]


def test_equally_confident_the_earlier_takes_it() -> None:
    assert matches([(BOX, 0)], [(moved(BOX, 5), 0.5, 0), (BOX, 0.5, 0)]) == [0, NO_MATCH]


def test_of_two_boxes_the_one_of_higher_iou_is_taken() -> None:
    """The detection's centre is in both boxes; the second then has only the worse one left."""
    true = [(moved(BOX, 4), 0), (moved(BOX, -2), 0)]
    assert matches(true, [(BOX, 0.9, 0)]) == [1]
    assert matches(true, [(BOX, 0.9, 0), (BOX, 0.8, 0), (BOX, 0.7, 0)]) == [1, 0, NO_MATCH]


def test_a_nearer_box_of_the_other_class_does_not_block() -> None:
    assert matches([(BOX, 1), (moved(BOX, 6), 0)], [(BOX, 0.9, 0)]) == [1]


def test_counts_worked_by_hand() -> None:
    """Two scans, three abnormal boxes: two hit, one missed, one detection in vain and one a duplicate."""
    far = moved(BOX, 60)
    results = [
        result([(BOX, 0), (far, 0)], [(BOX, 0.9, 0), (BOX, 0.8, 0), (moved(far, 7), 0.3, 0)]),
        result([(BOX, 0)], [(far, 0.7, 0)]),
    ]
    scores = hit_scores(results, Thresholds.both(0.25))
    assert scores == {"abnormal": HitScore(2, 2, 1, 2), "normal": HitScore(0, 0, 0, 2)}
    abnormal, normal = scores["abnormal"], scores["normal"]
    assert (abnormal.precision, abnormal.recall) == pytest.approx((2 / 4, 2 / 3))
    assert abnormal.f1 == pytest.approx(4 / 7)
    assert abnormal.false_per_scan == 1
    assert (normal.precision, normal.recall, normal.f1, normal.false_per_scan) == (None, None, None, 0)


def test_a_detection_counts_above_the_threshold_and_not_at_it() -> None:
    """As in Detector, which compares in float32."""
    scan = result([(BOX, 0)], [(BOX, 0.3, 0)])
    assert hit_scores([scan], Thresholds.both(0.3))["abnormal"] == HitScore(0, 0, 1, 1)
    assert hit_scores([scan], Thresholds.both(0.2999))["abnormal"] == HitScore(1, 0, 0, 1)


def test_nothing_to_find_and_nothing_found() -> None:
    found_in_vain = hit_scores([result([], [(BOX, 0.9, 0)])], Thresholds.both(0.25))["abnormal"]
    assert found_in_vain == HitScore(0, 1, 0, 1)
    assert (found_in_vain.precision, found_in_vain.recall, found_in_vain.f1) == (0, None, 0)
    missed = hit_scores([result([(BOX, 0)], [])], Thresholds.both(0.25))["abnormal"]
    assert missed == HitScore(0, 0, 1, 1)
    assert (missed.precision, missed.recall, missed.f1) == (None, 0, 0)
    assert hit_scores([result([], [])], Thresholds.both(0.25))["abnormal"] == HitScore(0, 0, 0, 1)
    nothing = hit_scores([], Thresholds.both(0.25))["abnormal"]
    assert nothing == HitScore(0, 0, 0, 0)
    assert nothing.false_per_scan is None


def test_best_threshold_worked_by_hand() -> None:
    """Abnormal is best from 0.8 to 0.4, normal from 0.6 to 0.2: together from 0.6 to 0.4, with 0.5 midway."""
    far, farther = moved(BOX, 40), moved(BOX, 80)
    true = [(BOX, 0), (far, 1)]
    found = [(BOX, 0.8, 0), (far, 0.6, 1), (farther, 0.4, 0), (farther, 0.2, 1)]
    assert best_threshold([result(true, found)]) == 0.5
    assert best_by_class([result(true, found)]) == {"abnormal": 0.6, "normal": 0.4}


def test_best_threshold_below_every_detection() -> None:
    """Where all are right it lies midway to the confidence down to which the detections are known."""
    scan = result([(BOX, 0)], [(BOX, 0.4, 0)])
    assert best_threshold([scan]) == 0.2
    assert best_threshold([scan], lowest=0.1) == 0.25
    assert best_threshold([scan], lowest=0.4) is None
    assert best_by_class([scan], lowest=0.1) == {"abnormal": 0.25, "normal": None}
    assert best_by_class([scan], lowest=0.4) == {"abnormal": None, "normal": None}


def test_best_threshold_ignores_a_class_without_truth() -> None:
    """Normal has no box and two false alarms: F1 of abnormal alone decides."""
    far = moved(BOX, 40)
    found = [(far, 0.9, 1), (BOX, 0.8, 0), (far, 0.7, 1), (far, 0.2, 0)]
    assert best_threshold([result([(BOX, 0)], found)]) == 0.75
    assert best_by_class([result([(BOX, 0)], found)]) == {"abnormal": 0.5, "normal": None}


def test_of_equal_thresholds_the_highest_is_taken() -> None:
    """Two of three boxes: one hit alone has F1 2/4; with the second hit and three false alarms 4/8."""
    far = moved(BOX, 40)
    vain = [(moved(BOX, 80), confidence, 0) for confidence in (0.7, 0.6, 0.5)]
    scan = result([(BOX, 0), (far, 0), (moved(BOX, 120), 0)], [(BOX, 0.9, 0), *vain, (far, 0.4, 0)])
    assert best_threshold([scan]) == 0.8


@pytest.mark.parametrize("scans", [[], [result([], [(BOX, 0.9, 0)])], [result([(BOX, 0)], [])]])
def test_no_best_threshold_where_nothing_is_hit(scans: list[ScanResult]) -> None:
    assert best_threshold(scans) is None
    assert best_by_class(scans) == {"abnormal": None, "normal": None}


@pytest.mark.parametrize("start", [0.29999998, 0.3, 0.3004, 0.3337, 0.9999])
@pytest.mark.parametrize("steps", [1, 2, 1000])
def test_best_threshold_between_close_confidences(start: float, steps: int) -> None:
    """However close the two are, also neighbours among the float32 numbers, one is above it and one not."""
    lower = np.float32(start)
    upper = (lower.view(np.int32) + np.int32(steps)).view(np.float32)
    scan = result([(BOX, 0)], [(BOX, float(upper), 0), (moved(BOX, 40), float(lower), 0)])
    threshold = best_threshold([scan])
    assert threshold is not None
    assert hit_scores([scan], Thresholds.both(threshold))["abnormal"] == HitScore(1, 0, 0, 1)


@st.composite
def scans(draw: st.DrawFn) -> ScanResult:
    """Return a small crowded scan; corners at quarters of a pixel, so that float32 is exact, few confidences."""

    def boxes(count: int) -> list[Box]:
        numbers = [[draw(st.integers(1, 80)) / 4 for _ in range(4)] for _ in range(count)]
        return [(x, y, x + width, y + height) for x, y, width, height in numbers]

    classes = st.integers(0, 1)
    return result(
        [(box, draw(classes)) for box in boxes(draw(st.integers(0, 5)))],
        [(box, draw(st.integers(1, 9)) / 10, draw(classes)) for box in boxes(draw(st.integers(0, 8)))],
    )


def slow_scores(results: Sequence[ScanResult], threshold: float) -> list[tuple[int, int, int]]:
    """Return right, false and missed by class, counted one detection after the other in plain Python."""
    counts = []
    for class_id in (0, 1):
        right = false = missed = 0
        for scan in results:
            true = [
                box.tolist() for box, owner in zip(scan.true_boxes, scan.true_classes, strict=True) if owner == class_id
            ]
            found = [
                (float(confidence), box.tolist())
                for box, confidence, owner in zip(scan.boxes, scan.confidences, scan.classes, strict=True)
                if owner == class_id and confidence > np.float32(threshold)
            ]
            for _, box in sorted(found, key=lambda pair: -pair[0]):
                hit = [other for other in true if _hits(box, other)]
                if hit:
                    true.remove(max(hit, key=lambda other: _overlap(box, other)))
                    right += 1
                else:
                    false += 1
            missed += len(true)
        counts.append((right, false, missed))
    return counts


def _overlap(first: list[float], second: list[float]) -> np.float32:
    width = max(min(first[2], second[2]) - max(first[0], second[0]), 0)
    height = max(min(first[3], second[3]) - max(first[1], second[1]), 0)
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (first, second)]
    return np.float32(width * height / (sum(areas) - width * height))


def _hits(box: list[float], true: list[float]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(_overlap(box, true) >= np.float32(0.2)) or (true[0] <= x <= true[2] and true[1] <= y <= true[3])


def slow_mean_f1(results: Sequence[ScanResult], threshold: float) -> float:
    """Return the mean F1 of the classes with truth; there must be one."""
    scores = [score for score in slow_scores(results, threshold) if score[0] + score[2]]
    return sum(2 * right / (2 * right + false + missed) for right, false, missed in scores) / len(scores)


@given(st.lists(scans(), max_size=3), st.integers(0, 10))
def test_scores_are_those_of_the_detections_above_the_threshold(results: list[ScanResult], tenths: int) -> None:
    scores = hit_scores(results, Thresholds.both(tenths / 10))
    expected = [HitScore(*counts, scans=len(results)) for counts in slow_scores(results, tenths / 10)]
    assert list(scores.values()) == expected


@given(st.lists(scans(), max_size=3), st.integers(0, 10), st.integers(0, 10))
def test_each_class_is_scored_at_its_own_threshold(results: list[ScanResult], abnormal: int, normal: int) -> None:
    scores = hit_scores(results, Thresholds(abnormal / 10, normal / 10))
    assert scores["abnormal"] == hit_scores(results, Thresholds.both(abnormal / 10))["abnormal"]
    assert scores["normal"] == hit_scores(results, Thresholds.both(normal / 10))["normal"]


@given(st.lists(scans(), max_size=3))
def test_a_mirror_image_scores_the_same(results: list[ScanResult]) -> None:
    mirrored = [
        replace(
            scan,
            boxes=_mirror(scan.boxes, scan.width),
            true_boxes=_mirror(scan.true_boxes, scan.width),
        )
        for scan in results
    ]
    assert hit_scores(mirrored, Thresholds.both(0.3)) == hit_scores(results, Thresholds.both(0.3))


def _mirror(boxes: np.ndarray, width: int) -> np.ndarray:
    return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)


@given(st.lists(scans(), max_size=3))
def test_no_threshold_is_better_than_the_best(results: list[ScanResult]) -> None:
    thresholds = [0.05 + tenths / 10 for tenths in range(10)]
    best = best_threshold(results)
    if best is None:
        assert all(right == 0 for right, _, _ in slow_scores(results, 0))
        return
    means = [slow_mean_f1(results, threshold) for threshold in thresholds]
    assert slow_mean_f1(results, best) == pytest.approx(max(means))


@given(st.lists(scans(), max_size=3))
def test_no_threshold_of_a_class_is_better_than_its_best(results: list[ScanResult]) -> None:
    def f1(class_id: int, threshold: float) -> float:
        right, false, missed = slow_scores(results, threshold)[class_id]
        return 2 * right / max(2 * right + false + missed, 1)

    for class_id, best in enumerate(best_by_class(results).values()):
        highest = max(f1(class_id, 0.05 + tenths / 10) for tenths in range(10))
        assert f1(class_id, 1.0 if best is None else best) == pytest.approx(highest)


@pytest.mark.parametrize(
    ("rule", "box", "hits"),
    [
        ("iou:0.2", moved(BOX, 8), True),  # IoU 0.2, no less
        ("iou:0.2", (105, 105, 107, 107), False),  # centre inside, IoU 4/144
        ("iou:0.5", moved(BOX, 4), True),  # IoU 8/16
        ("iou:0.5", moved(BOX, 4.25), False),
        ("center", (105, 105, 107, 107), True),
        ("center", moved(BOX, 6), True),  # on the edge
        ("center", moved(BOX, 6.25), False),  # IoU 0.31
        ("hit", moved(BOX, 6.25), True),
    ],
)
def test_rules(rule: str, box: Box, hits: bool) -> None:
    assert match_scan(result([(BOX, 0)], [(box, 0.9, 0)]), parse_rule(rule)).tolist() == [0 if hits else NO_MATCH]


def test_a_rule_in_words() -> None:
    assert str(parse_rule("iou:0.50")) == (
        "IoU of at least 0.5 with a true box of the class; one to one, most confident first"
    )
    assert str(parse_rule("center")).startswith("centre inside a true box of the class; one to one")
    assert str(parse_rule("hit")).startswith("IoU of at least 0.2 with a true box of the class, or centre inside it;")
    assert parse_rule("iou:0.50").name == "iou:0.5"


@pytest.mark.parametrize("text", ["", "iou", "iou:", "iou:0", "iou:1.1", "iou:nan", "giou:0.5", "centers"])
def test_no_rule(text: str) -> None:
    with pytest.raises(BonescanError, match="is not a rule; give hit, center, or an overlap such as"):
        parse_rule(text)
