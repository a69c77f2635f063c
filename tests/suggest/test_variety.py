"""Which scans are suggested, of features made by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.suggest.looks import LOOK_SIZE
from bonescan_yolo.suggest.scores import ScanFeatures
from bonescan_yolo.suggest.variety import Coverage, choose, scaled_looks, stands_for


def features(look: Sequence[float], doubt: float = 1.0) -> ScanFeatures:
    """Return features with a look of a few numbers, the others 0."""
    values = np.zeros(LOOK_SIZE, np.float32)
    values[: len(look)] = look
    return ScanFeatures(doubt, 0.0, 0.0, 0, 0, 0, values)


def kinds(*sizes: int) -> list[ScanFeatures]:
    """Return scans of several kinds: those of a kind look nearly the same."""
    return [
        features([float(kind == own) + 0.01 * number for own in range(len(sizes))])
        for kind, size in enumerate(sizes)
        for number in range(size)
    ]


def test_of_three_kinds_three_scans_are_one_of_each() -> None:
    assert {scan // 10 for scan in choose(kinds(10, 10, 10), 3)} == {0, 1, 2}


def test_of_scans_that_look_alike_the_most_doubtful_is_taken() -> None:
    scans = [features([0.0], doubt) for doubt in (1, 3, 9, 2)] + [features([1.0], doubt) for doubt in (0, 0.5, 0)]
    assert choose(scans, 2) == [2, 5]


def test_doubt_alone_does_not_fill_the_list_with_one_kind() -> None:
    scans = [features([0.01 * number], 8) for number in range(10)] + [features([1.0], 0.1)] * 10
    assert {scan // 10 for scan in choose(scans, 2)} == {0, 1}


def test_an_odd_one_out_is_not_the_first() -> None:
    assert choose([*kinds(12, 8), features([0, 0, 9.0])], 3)[0] < 12


def test_odd_ones_out_stand_for_each_other() -> None:
    odd = [features([0, 0, 5.0 * number], 16) for number in range(4)]
    chosen = choose([*kinds(30, 20), *odd], 6)
    assert sum(scan >= 50 for scan in chosen) <= 3
    assert {scan >= 30 for scan in chosen if scan < 50} == {False, True}


def test_both_views_of_a_study_are_taken_and_counted() -> None:
    scans = kinds(4, 4, 4)
    studies = [[number, number + 1] for number in range(0, 12, 2)]
    chosen = choose(scans, 3, studies)
    assert len(chosen) == 4  # a study is not split
    assert [{scan // 2 for scan in chosen[start : start + 2]} for start in (0, 2)] == [
        {chosen[0] // 2},
        {chosen[2] // 2},
    ]
    assert len({scan // 4 for scan in chosen}) == 2


def test_the_more_doubtful_view_comes_first() -> None:
    assert choose([features([0], 1), features([0.1], 2)], 1, [[0, 1]]) == [1, 0]


def test_a_second_study_of_a_patient_waits_for_all_other_patients() -> None:
    scans = [features([0], 9), features([1], 9), features([0.1], 0.1), features([1.1], 0.1)]
    assert set(choose(scans, 3, patients=["a", "a", "b", "c"])[:3]) & {2, 3} == {2, 3}
    assert sorted(choose(scans, 4, patients=["a", "a", "b", "c"])) == [0, 1, 2, 3]


def test_annotated_scans_are_not_suggested_and_others_like_them_come_late() -> None:
    scans = kinds(5, 5, 5)
    chosen = choose(scans, 14, annotated=[0])
    assert 0 not in chosen
    assert len(chosen) == 14
    assert {scan // 5 for scan in chosen[:2]} == {1, 2}
    assert choose(scans, 2, patients=[scan % 5 for scan in range(15)], annotated=[1]) != choose(scans, 2)


@pytest.mark.parametrize("number", [1, 3, 100])
def test_never_more_than_there_are(number: int) -> None:
    assert len(choose(kinds(3), number)) == min(number, 3)
    assert choose([], number) == []


def test_equal_looks_are_no_trouble() -> None:
    assert sorted(choose([features([0.0])] * 4, 3)) == [0, 1, 2]


@given(st.lists(st.tuples(st.floats(-1, 1, width=16), st.floats(-1, 1, width=16), st.floats(0, 20, width=16)),
                min_size=1, max_size=12), st.integers(1, 12))  # fmt: skip
def test_each_scan_is_the_best_at_its_turn(scans: list[tuple[float, float, float]], number: int) -> None:
    """What a plain search over all scans finds worth most is what the lazy one takes."""
    made = [features(look, doubt) for *look, doubt in scans]
    weights = [1 + math.log1p(each.doubt) for each in made]
    coverage = Coverage(scaled_looks(made), number)
    rest = list(range(len(made)))
    for scan in choose(made, number):
        worth = {other: weights[other] * coverage.gains([[other]])[0] for other in rest}
        assert worth[scan] == pytest.approx(max(worth.values()), abs=1e-9)
        coverage.take([scan])
        rest.remove(scan)


def test_groups_are_judged_at_once_as_one_by_one() -> None:
    coverage = Coverage(scaled_looks(kinds(50, 60, 90)), 4)
    coverage.take([3])
    groups = [[number, number + 1] if number % 3 else [number] for number in range(150)]
    np.testing.assert_allclose(coverage.gains(groups), [coverage.gains([group])[0] for group in groups], atol=1e-9)


def test_each_scan_is_stood_for_once() -> None:
    scans = kinds(6, 3, 1)
    assert stands_for(scans, [2, 9, 7]) == [6, 1, 3]
    assert stands_for([features([0.0])] * 4, [1, 3]) == [3, 1]  # the same looks: each at least for itself
    assert stands_for(scans, []) == []
