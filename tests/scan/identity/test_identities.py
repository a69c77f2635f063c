"""Patients of the files of a source together: whether the name or the folder is the patient."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.scan.identity.identities import dated_prefix, identify_all


def patients(*paths: str) -> list[str]:
    return [identity.patient for identity in identify_all(paths)]


@pytest.mark.parametrize(
    "name", ["WB_ANT{:03}_DS.png", "IM{:04}.dcm", "ant/1.2.840.113619.2.1.{}.dcm", "2011081{}.png"]
)
@pytest.mark.parametrize("numbers", [(1, 1, 1), (1, 2, 3)])
def test_a_name_that_only_says_how_the_scan_was_taken_leaves_the_patient_to_the_folder(
    name: str, numbers: tuple[int, ...]
) -> None:
    paths = [f"n{folder}/{name.format(number)}" for folder, number in enumerate(numbers)]
    assert patients(*paths) == ["n0", "n1", "n2"]
    assert patients(*paths[:2]) == ["n0", "n1"]


def test_a_name_that_more_folders_have_than_there_are_names_is_no_patient() -> None:
    paths = [f"p{folder}/{number}_{view}.png" for folder in range(4) for number in (1, 2) for view in ("ant", "post")]
    assert patients(*paths) == [path.split("/")[0] for path in paths]


def test_a_single_digit_in_a_folder_with_a_number_counts_the_scans_of_a_patient() -> None:
    paths = [f"p{folder}/{number}.png" for folder in (1, 2) for number in range(4)]
    assert patients(*paths) == ["p1"] * 4 + ["p2"] * 4
    assert patients(*(f"{year}/{number}_ant.png" for year in (2019, 2020) for number in range(4))) == [*"01230123"]


def test_the_same_patients_in_a_few_folders_stay_one() -> None:
    paths = [f"{folder}/{number}_ant.png" for folder in ("raw", "filtered", "other") for number in range(4)]
    assert patients(*paths) == [str(number) for _ in range(3) for number in range(4)]


def test_a_folder_per_view_is_no_patient() -> None:
    paths = [f"wholeBody{view}/{number}.jpg" for view in ("ANT", "POST") for number in range(5)]
    assert patients(*paths) == [str(number) for _ in range(2) for number in range(5)]
    paths = [f"{view}/{number}.jpg" for view in ("前位", "后位", "train/AP", "val/PA") for number in range(5)]
    assert patients(*paths) == [str(number) for _ in range(4) for number in range(5)]


def test_folders_of_dates_and_parts_of_a_set_are_no_patients() -> None:
    assert patients(*(f"2011-08-{day:02}/7_ant.png" for day in range(1, 6))) == ["7"] * 5
    paths = [f"p{number}/2011-08-{day:02}/ant.png" for day in range(1, 6) for number in (1, 2)]
    assert patients(*paths) == ["p1", "p2"] * 5
    assert patients(*(f"{part}/7_ant.png" for part in ("train", "val", "test", "fold 1", "site_a"))) == ["7"] * 5


def test_a_medium_of_a_camera_names_the_patient_in_the_outermost_folder() -> None:
    paths = [f"PA{a:06}/ST{b:06}/SE{c:06}/IM{c:06}" for a in range(3) for b in range(2) for c in range(2)]
    assert patients(*paths) == [path.split("/")[0] for path in paths]
    uid = "1.2.840.113619.2.{}"
    paths = [f"{uid.format(a)}/{uid.format(f'{a}.{b}')}/IM1.dcm" for a in range(3) for b in range(2)]
    assert patients(*paths) == [f"1_2_840_113619_2_{a}" for a in range(3) for _ in range(2)]


def test_case_and_the_form_of_unicode_make_no_new_patient() -> None:
    assert patients("P7_ant.png", "p7_post.png") == ["P7", "P7"]
    assert patients("M\u00fcller_ant.png", "Mu\u0308ller_post.png") == ["M\u00fcller"] * 2


def test_a_pattern_decides_alone() -> None:
    paths = ["n/WB_ANT001_DS.png", "m/WB_ANT001_DS.png", "x12/WB_ANT001_DS.png"]
    assert [scan.patient for scan in identify_all(paths, re.compile(r"x(\d+)"))] == ["n", "m", "12"]


@given(
    st.lists(st.sampled_from(["7", "8", "p1", "WB_ANT001", "IM1", "ant", "post", "20110816", "raw", "x"]), max_size=4)
)
def test_every_path_has_a_patient(parts: list[str]) -> None:
    paths = ["/".join([*parts[:depth], f"{name}.png"]) for depth in range(len(parts) + 1) for name in ("7", *parts)]
    found = identify_all(paths)
    assert len(found) == len(paths)
    assert all(identity.patient for identity in found)


@pytest.mark.parametrize(
    "date",
    ["{y}{m}{d}", "{y}-{m}-{d}", "{d}.{m}.{y}", "{y}_{m}_{d}"],
    ids=["joined", "dashes", "points", "underscores"],
)
def test_names_with_a_date_behind_the_patient_are_offered_a_pattern(date: str) -> None:
    days = [{"y": year, "m": "08", "d": "16"} for year in (2011, 2012, 2013)]
    paths = [
        f"set 1/BS{number:05}_{date.format(**day)}_{7919 * number + int(day['y'])}.png"
        for number in range(3)
        for day in days
    ]
    suggestion = dated_prefix(paths)
    assert suggestion is not None
    assert (suggestion.files, suggestion.patients) == (9, 3)
    assert suggestion.example in paths
    found = identify_all(paths, re.compile(suggestion.pattern))
    assert [scan.patient for scan in found] == [f"BS{number:05}" for number in range(3) for _ in days]
    assert {scan.date for scan in found} == {"2011-08-16", "2012-08-16", "2013-08-16"}


@pytest.mark.parametrize(
    "name",
    [
        "{patient}_{view}_{year}0816_{code}.png",
        "{view}-{patient}-{year}0816-{code}.png",
        "{view}/{patient}_{year}0816_{code}.png",
    ],
)
def test_the_pattern_leaves_the_view_out(name: str) -> None:
    cases = [(f"BS{number}", view, year) for number in (1, 2) for view in ("ANT", "POST") for year in (2011, 2012)]
    paths = [
        name.format(patient=patient, view=view, year=year, code=f"{year % 7}{view[0].lower()}e2")
        for patient, view, year in cases
    ]
    suggestion = dated_prefix(paths)
    assert suggestion is not None
    found = identify_all(paths, re.compile(suggestion.pattern))
    assert [scan.patient for scan in found] == [patient for patient, *_ in cases]


@pytest.mark.parametrize(
    "paths",
    [
        ["7_ant.png", "8_ant.png"],
        ["7_20110816_ant.png", "7_20120301_ant.png", "8_20110816_ant.png"],  # grouped as they are
        ["scan_20110816_a.png", "scan_20120301_b.png", "scan_20130301_c.png"],  # no patient before the date
        ["BS1_20110816_a.png", "BS2_20120301_b.png"],  # one date each
        ["BS1_20111316_a.png", "BS1_20119901_b.png", "BS2_20119901_c.png"],  # no dates
        [],
    ],
)
def test_no_pattern_is_offered_where_it_groups_nothing(paths: list[str]) -> None:
    assert dated_prefix(paths) is None
