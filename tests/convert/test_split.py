"""Patients fall where their hash says, and nobody is moved by a newcomer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.convert.split import Fractions, fold_of, group_patients, parse_fractions, place, split_of
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import natural_key


def test_place_is_the_same_on_every_machine() -> None:
    # sha256sum of "split:0:1" begins with 32f5f17e64b0d0e7
    assert place(0, "1") == pytest.approx(0x32F5F17E64B0D0E7 / 2**64, abs=1e-15)


def test_shares_come_out_and_folds_are_even() -> None:
    fractions = parse_fractions("80/10/10")
    splits = [split_of(0, str(number), fractions) for number in range(20_000)]
    assert splits.count("train") / 20_000 == pytest.approx(0.8, abs=0.01)
    assert splits.count("val") / 20_000 == pytest.approx(0.1, abs=0.01)
    folds = [fold_of(0, str(number), 5) for number in range(20_000)]
    assert all(folds.count(fold) / 20_000 == pytest.approx(0.2, abs=0.015) for fold in range(5))
    assert splits != [split_of(1, str(number), fractions) for number in range(20_000)]


@given(st.text(), st.integers())
def test_every_patient_has_a_place(patient: str, seed: int) -> None:
    assert 0 <= place(seed, patient) < 1
    assert split_of(seed, patient, Fractions(0.8, 0.2, 0.0)) in {"train", "val"}
    assert 0 <= fold_of(seed, patient, 7) < 7


@pytest.mark.parametrize("text", ["80/20", "80/10/20", "a/b/c", "-10/100/10", "80/10/10/0", "nan/50/50", ""])
def test_wrong_shares_are_refused(text: str) -> None:
    with pytest.raises(BonescanError, match="write 80/10/10"):
        parse_fractions(text)


def test_groups_join_through_either_view() -> None:
    shared = [("30", "a"), ("4", "b"), ("30", "b"), ("17", "a"), ("5", "c"), ("17", "d")]
    assert group_patients(shared) == {"30": "4", "4": "4", "17": "4", "5": "5"}


@given(st.lists(st.tuples(st.integers(0, 30).map(str), st.integers(0, 20).map(str)), max_size=60))
def test_groups_hold_whoever_shares_pixels_and_are_led_by_the_smallest(shared: list[tuple[str, str]]) -> None:
    group = group_patients(shared)
    for patient, pixels in shared:
        for other, others_pixels in shared:
            if pixels == others_pixels:
                assert group[patient] == group[other]
    for patient, leader in group.items():
        assert group[leader] == leader
        assert natural_key(leader) <= natural_key(patient)
    assert group_patients(reversed(shared)) == group


def test_natural_order() -> None:
    assert sorted(["10.jpg", "2.jpg", "a", "1(1).jpg", "1.jpg"], key=natural_key) == [
        "1(1).jpg",
        "1.jpg",
        "2.jpg",
        "10.jpg",
        "a",
    ]
