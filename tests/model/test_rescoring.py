"""Boxes rescored by how many others the scan has: laws that hold for any scan, and a case by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.model.rescoring import FLOOR, Rescoring, rescore, rescore_top

scans = st.lists(st.tuples(st.floats(0.0, 1.0, width=32), st.sampled_from([ABNORMAL, NORMAL])), max_size=40)
rescorings = st.builds(Rescoring, weight=st.floats(0.05, 2.0), lone=st.floats(0.05, 2.0))


def arrays(boxes: list[tuple[float, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([score for score, _ in boxes], np.float32), np.array([label for _, label in boxes], np.int64)


def odds(share: float) -> float:
    return share / (1 - share)


def test_at_weight_one_the_odds_go_with_the_number_of_spots() -> None:
    """Beside 0.5 + 0.5 others: odds times lone times 1 + 1."""
    rescoring = Rescoring(weight=1.0, lone=0.5)
    same = rescore(*arrays([(0.3, ABNORMAL), (0.5, ABNORMAL), (0.5, ABNORMAL)]), rescoring)
    assert same[0] == pytest.approx(0.3, abs=1e-6)
    more = rescore(*arrays([(0.3, ABNORMAL), (1.0, ABNORMAL), (1.0, ABNORMAL)]), rescoring)
    assert odds(more[0]) == pytest.approx(1.5 * odds(0.3), rel=1e-4)


def test_a_lone_spot_loses() -> None:
    (alone,) = rescore(*arrays([(0.5, ABNORMAL)]), Rescoring(weight=0.5, lone=0.2))
    assert odds(alone) == pytest.approx(0.2, rel=1e-4)


@given(boxes=scans, rescoring=rescorings)
def test_normal_boxes_stay_and_order_of_equals_is_kept(boxes: list[tuple[float, int]], rescoring: Rescoring) -> None:
    before, classes = arrays(boxes)
    after = rescore(before, classes, rescoring)
    assert after.dtype == np.float32
    assert ((after >= 0) & (after <= 1)).all()
    np.testing.assert_array_equal(after[classes == NORMAL], before[classes == NORMAL])


@given(boxes=scans, rescoring=rescorings)
def test_another_certain_spot_lifts_all_abnormal_ones(boxes: list[tuple[float, int]], rescoring: Rescoring) -> None:
    before, classes = arrays(boxes)
    fewer = rescore(before, classes, rescoring)
    more = rescore(*arrays([*boxes, (1.0, ABNORMAL)]), rescoring)[:-1]
    between = (classes == ABNORMAL) & (before > 0.01) & (before < 0.99)
    assert (more[between] > fewer[between]).all()


@given(boxes=scans, rescoring=rescorings, faint=st.lists(st.floats(0.0, FLOOR), max_size=9))
def test_boxes_below_the_floor_count_for_nothing(
    boxes: list[tuple[float, int]], rescoring: Rescoring, faint: list[float]
) -> None:
    """So what is said of a box does not depend on the threshold that cut the list."""
    with_them = rescore(*arrays([*boxes, *((score, ABNORMAL) for score in faint)]), rescoring)[: len(boxes)]
    np.testing.assert_allclose(with_them, rescore(*arrays(boxes), rescoring), atol=1e-6)


@given(boxes=scans, rescoring=rescorings)
def test_the_scan_s_score_is_that_of_its_best_box(boxes: list[tuple[float, int]], rescoring: Rescoring) -> None:
    before, classes = arrays(boxes)
    after = rescore(before, classes, rescoring)[classes == ABNORMAL]
    if (before[classes == ABNORMAL] > FLOOR).any():
        top = float(before[classes == ABNORMAL].max())
        best = int(before[classes == ABNORMAL].argmax())
        assert rescore_top(top, before, classes, rescoring) == pytest.approx(after[best], abs=1e-5)


def test_by_default_nothing_changes() -> None:
    before, classes = arrays([(0.3, ABNORMAL), (0.9, ABNORMAL), (0.2, NORMAL)])
    np.testing.assert_array_equal(rescore(before, classes, Rescoring()), before)
    assert rescore_top(0.9, before, classes, Rescoring()) == 0.9


def test_no_box_at_all() -> None:
    before, classes = arrays([])
    assert rescore(before, classes, Rescoring(1.0, 0.25)).shape == (0,)
    assert odds(rescore_top(0.04, before, classes, Rescoring(1.0, 0.25))) == pytest.approx(odds(0.04) / 4, rel=1e-3)
