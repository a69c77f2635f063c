"""Folds: every patient is held out once with all views, nobody is trained on and held out, small parts are in large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.adapt.fold_plan import ALL, deal_patients, plan_trainings
from bonescan_yolo.adapt.recipe import read_recipe
from bonescan_yolo.errors import DatasetError
from tests.adapt.held_out_scans import annotated


def both_views(numbers: list[int]) -> list:  # type: ignore[type-arg]
    return [annotated(str(i), n, view) for i, n in enumerate(numbers) for view in ("anterior", "posterior")]


@given(numbers=st.lists(st.integers(0, 30), min_size=2, max_size=25), folds=st.integers(2, 6), seed=st.integers(0, 9))
def test_every_patient_is_held_out_once_and_never_trained_on_there(numbers: list[int], folds: int, seed: int) -> None:
    scans = both_views(numbers)
    plan = plan_trainings(scans, read_recipe(None, {"folds": folds, "seed": seed}))
    whole = [training for training in plan if training.part == ALL]
    assert len(whole) == min(folds, len(numbers))
    held_out = [scan.image for training in whole for scan in training.held_out]
    assert sorted(held_out) == sorted(scan.image for scan in scans)
    for training in plan:
        trained, read = ({scan.patient for scan in part} for part in (training.scans, training.held_out))
        assert trained
        assert not trained & read
    for training in whole:
        assert len(training.scans) + len(training.held_out) == len(scans)


def test_a_smaller_part_is_in_the_larger_ones_and_held_out_scans_are_the_same() -> None:
    plan = plan_trainings(both_views([1] * 16), read_recipe(None, {"folds": 4, "curve": [0.25, 0.5], "curve_folds": 2}))
    assert [(one.fold, one.part) for one in plan] == [
        (0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0), (0, 0.5), (1, 0.5), (0, 0.25), (1, 0.25),
    ]  # fmt: skip
    for fold in (0, 1):
        quarter, half, whole = (
            next(one for one in plan if (one.fold, one.part) == (fold, part)) for part in (0.25, 0.5, 1.0)
        )
        assert set(quarter.scans) < set(half.scans) < set(whole.scans)
        assert [len(one.scans) for one in (quarter, half, whole)] == [6, 12, 24]
        assert quarter.held_out == half.held_out == whole.held_out
    assert len({one.name for one in plan}) == len(plan)


def test_parts_that_are_no_smaller_are_left_out() -> None:
    plan = plan_trainings(both_views([1, 1]), read_recipe(None, {"folds": 2, "curve": [0.25, 0.5]}))
    assert [one.part for one in plan] == [1.0, 1.0]


def test_disease_is_spread_over_the_folds() -> None:
    scans = both_views([40, 30, 20, 10, 0, 0, 0, 0])
    folds = deal_patients(scans, 4, seed=0)
    assert sorted(len(patients) for patients in folds) == [2, 2, 2, 2]
    assert sorted(patients[0] for patients in folds) == ["0", "1", "2", "3"]


def test_scans_of_one_patient_are_refused_in_words() -> None:
    with pytest.raises(DatasetError, match="of one patient"):
        plan_trainings([annotated("1", 2) for _ in range(6)], read_recipe(None, {}))
