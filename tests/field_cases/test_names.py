"""What files are called in the field: each case of names, patients, dates and views, with others of its kind."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from bonescan_yolo.measure.studies import ViewSummary, pair_views
from bonescan_yolo.scan.identity.identities import dated_prefix, identify_all
from bonescan_yolo.scan.identity.names import View, identify, study_of_path, view_in, view_of_path


def patients(paths: list[str]) -> list[str]:
    return [scan.patient for scan in identify_all(paths)]


@pytest.mark.parametrize(
    ("ant", "post"),
    [
        ("WB_ANT001_DS.png", "WB_POST001_DS.png"),
        ("WB_ANT001_DS.png", "WB_POST002_DS.png"),
        ("TOTAL BODY ANT.dcm", "TOTAL BODY POST.dcm"),
        ("IM0001_AP.jpg", "IM0001_PA.jpg"),
        ("Ganzkörper_ventral.png", "Ganzkörper_dorsal.png"),
        ("ANTERIEUR.dcm", "POSTERIEUR.dcm"),
        ("wb 前位.png", "wb 后位.png"),
    ],
)
@pytest.mark.parametrize("folders", [["n", "m"], [f"set/P{number:03}" for number in range(12)]])
def test_the_same_names_in_a_folder_per_patient(ant: str, post: str, folders: list[str]) -> None:
    """`n/WB_ANT001_DS.png` in a folder a patient (GE names): all patients became one, the view was unknown."""
    paths = [f"{folder}/{name}" for folder in folders for name in (ant, post)]
    assert patients(paths) == [folder.split("/")[-1] for folder in folders for _ in range(2)]
    assert [scan.view for scan in identify_all(paths)] == ["anterior", "posterior"] * len(folders)
    assert [view_of_path(PurePosixPath(path)) for path in paths] == ["anterior", "posterior"] * len(folders)


def test_patients_of_bs80k_stay_one_in_the_folders_of_both_views() -> None:
    """`wholeBodyANT/7.jpg` and `wholeBodyPOST/7.jpg` are one patient of 3,247."""
    paths = [f"temp/wholeBody{view}/{number}.jpg" for view in ("ANT", "POST") for number in range(3247)]
    found = identify_all(paths)
    assert [scan.patient for scan in found] == [str(number) for _ in range(2) for number in range(3247)]
    assert {scan.view for scan in found[:3247]} == {"anterior"}


@pytest.mark.parametrize(
    ("path", "patient", "view", "study"),
    [
        ("3H post injection ant.png", "3H_post_injection", "anterior", "3h post injection"),
        ("7_post_injection.png", "7", None, "7 post injection"),
        ("wholeBodyANT/7.jpg", "7", "anterior", "whole body/7"),
        ("7 24h post inj. POST.png", "7", "posterior", "7 24h post inj"),
        ("POST 7 post-op.png", "7", "posterior", "7 post op"),
        ("post therapy/12_ant.png", "12", "anterior", "post therapy/12"),
        ("12_postérieur.png", "12", "posterior", "12"),
    ],
)
def test_one_parser_of_patient_view_and_study(path: str, patient: str, view: View | None, study: str) -> None:
    """`3H post injection ant.png`, `7_post_injection.png`, `wholeBodyANT/7.jpg`: two parsers disagreed."""
    assert identify(path)[:2] == (patient, view)
    assert identify_all([path])[0] == identify(path)
    assert study_of_path(PurePosixPath(path)) == study
    summary = ViewSummary(Path(path), view, (0, 0), (0, 0), None, None)
    assert [found.patient for found in pair_views([summary])] == [patient]


@pytest.mark.parametrize(
    "name",
    ["BS{:05}_{}0816_59e{}.png", "BS{:05} {}-08-16 {}.jpg", "x/BS{:05}-16.08.{}-{}_ant.png", "BS{:05}.{}_08_16.{}.dcm"],
)
def test_several_dates_of_a_patient_are_offered_a_pattern(name: str) -> None:
    """Several dates of a patient (`BS00001_20110816_59e2`) fell on both sides of the split."""
    paths = [name.format(number, year, number + year % 7) for number in range(4) for year in (2011, 2012, 2014)]
    assert len(set(patients(paths))) > 4
    suggestion = dated_prefix(paths)
    assert suggestion is not None
    grouped = identify_all(paths, re.compile(suggestion.pattern))
    assert [scan.patient for scan in grouped] == [f"BS{number:05}" for number in range(4) for _ in range(3)]
    assert [scan.date for scan in grouped] == ["2011-08-16", "2012-08-16", "2014-08-16"] * 4
    assert len({study_of_path(PurePosixPath(path)) for path in paths}) == 12


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("antero-posterior", None),
        ("Left anterior oblique", None),
        ("postero-anterior", None),
        ("Right lateral", None),
        ("RPO", None),
        ("右后斜位", None),
        ("Vorderansicht", "anterior"),
        *((word, "anterior") for word in ("AP", "ANTERIEUR", "Anteriore", "ventral", "前位", "Antérieure", "передняя")),
        *(
            (word, "posterior")
            for word in ("PA", "POS", "POSTERIEUR", "Posteriore", "dorsal", "后位", "後位", "задняя")
        ),
    ],
)
def test_words_of_a_view_code(text: str, view: View | None) -> None:
    """View codes "antero-posterior" and "Left anterior oblique" were read as views; AP, ventral, 前位 were unknown."""
    assert view_in(text) == view
