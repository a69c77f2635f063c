"""Sets are kept as they are, share no seed, and are drawn from study by study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.adapting import scan_sets
from benchmarks.adapting.scan_sets import PLANS, ScanSet, draw_studies
from tests.phantom.parameters.test_parameters import SECOND_HOSPITAL


def test_no_two_sets_have_the_same_seed() -> None:
    assert len({plan.seed for plan in PLANS.values()}) == len(PLANS)


def test_the_second_hospital_is_where_the_plans_say() -> None:
    assert {plan.config for plan in PLANS.values()} == {None, scan_sets.HOSPITAL_B}
    assert SECOND_HOSPITAL.is_file()
    assert SECOND_HOSPITAL.match(f"*/{scan_sets.HOSPITAL_B}")


def test_a_set_is_read_back_as_it_was_written(tmp_path: Path, scans: ScanSet) -> None:
    scan_sets.save(tmp_path / "set.npz", scans)
    again = scan_sets.load(tmp_path / "set.npz")
    assert np.array_equal(again.pixels, scans.pixels)
    assert again.patients == scans.patients
    assert all(np.array_equal(mine, own) for mine, own in zip(again.boxes, scans.boxes, strict=True))
    assert all(np.array_equal(mine, own) for mine, own in zip(again.classes, scans.classes, strict=True))
    assert again.boxes[1].dtype == np.float32
    assert again.classes[1].dtype == np.int64


def test_a_set_that_is_there_is_not_made_again(tmp_path: Path, scans: ScanSet) -> None:
    scan_sets.save(scan_sets.arrays_of(tmp_path, "b_val"), scans)
    assert scan_sets.build(tmp_path, "b_val") == scan_sets.arrays_of(tmp_path, "b_val")
    assert not scan_sets.dataset_of(tmp_path, "b_val").exists()


def test_whole_studies_are_drawn(scans: ScanSet) -> None:
    drawn = scans.take(draw_studies(scans, 6, seed=3))
    assert len(drawn) == 6
    assert len(set(drawn.patients)) == 3


def test_an_odd_number_ends_with_one_scan_of_a_study(scans: ScanSet) -> None:
    drawn = scans.take(draw_studies(scans, 5, seed=3))
    assert sorted(drawn.patients.count(name) for name in set(drawn.patients)) == [1, 2, 2]


def test_fewer_scans_are_among_more_of_the_same_seed(scans: ScanSet) -> None:
    few, many = (draw_studies(scans, number, seed=3) for number in (5, 12))
    assert many[:5].tolist() == few.tolist()
    assert draw_studies(scans, 12, seed=4).tolist() != many.tolist()


def test_more_scans_than_there_are_cannot_be_drawn(scans: ScanSet) -> None:
    with pytest.raises(ValueError, match="26 scans are wanted of 24"):
        draw_studies(scans, 26, seed=0)
