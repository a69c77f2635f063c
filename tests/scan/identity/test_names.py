"""Names that say the view, the patient, the study and the date; the cases are shared with the page."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

import pytest

from bonescan_yolo.scan.identity.names import View, identify, study_of_path, view_in, view_of_path


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("wholeBodyANT", "anterior"),
        ("wholeBodyPOST", "posterior"),
        ("12_post", "posterior"),
        ("p0001_anterior", "anterior"),
        ("Anterior WB", "anterior"),
        ("POSTERIOR", "posterior"),
        ("WB POST 3H", "posterior"),
        ("", None),
        ("patient 12", None),
        ("antonio", None),
        ("plant_7", None),
        ("postop_ant", "anterior"),
        ("ant and post", None),
        ("AntPost", None),
        ("3H POST INJECTION", None),
        ("post-therapy", None),
        ("ANT 3H POST INJ", "anterior"),
        ("POST 3H POST INJ", "posterior"),
        ("posterior injected", "posterior"),
    ],
)
def test_view_in(text: str, view: View | None) -> None:
    assert view_in(text) == view


SHARED = json.loads((Path(__file__).parents[2] / "shared" / "names.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", SHARED["texts"], ids=lambda case: case["text"])
def test_shared_texts(case: dict[str, str]) -> None:
    assert view_in(case["text"]) == case["view"]


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["path"])
def test_shared_cases(case: dict[str, str | None]) -> None:
    assert case["path"] is not None
    path = PurePosixPath(case["path"])
    assert view_of_path(path) == case["view"]
    if case["same_study_as"] is not None:
        assert study_of_path(path) == study_of_path(PurePosixPath(case["same_study_as"]))
        assert identify(case["path"]).patient.lower() == identify(case["same_study_as"]).patient.lower()


@pytest.mark.parametrize(("first", "second"), SHARED["different_studies"])
def test_shared_different_studies(first: str, second: str) -> None:
    assert study_of_path(PurePosixPath(first)) != study_of_path(PurePosixPath(second))


@pytest.mark.parametrize(
    ("path", "patient", "view"),
    [
        ("7.jpg", "7", None),
        ("7_anterior.png", "7", "anterior"),
        ("POST-7.png", "7", "posterior"),
        ("post/7.png", "7", "posterior"),
        ("ant/7_post.png", "7", "posterior"),
        ("ant.png", "scan", "anterior"),
        ("p12/ant.png", "p12", "anterior"),
        ("p12/WB_POST/POST.dcm", "WB", "posterior"),
        ("antonia_1.png", "antonia_1", None),
        ("3H post injection ant.png", "3H_post_injection", "anterior"),
        ("n/WB_ANT001_DS.png", "WB_001_DS", "anterior"),
        ("7 post injection ant.png", "7", "anterior"),
        ("7_post_injection.png", "7", None),
        ("7_ant_3h.png", "7", "anterior"),
        ("post-op/7 post-op post.png", "7", "posterior"),
        ("12 left anterior oblique.png", "12", None),
        ("7_20110816_ant.png", "7", "anterior"),
        ("BS00001_20110816_59e2.png", "BS00001_59e2", None),
        ("WB_20110816.png", "WB_20110816", None),
        ("p1/2011-08-16/ANT.dcm", "p1", "anterior"),
        ("Mu\u0308ller_ventral.png", "M\u00fcller", "anterior"),
    ],
)
def test_names_tell_patient_and_view(path: str, patient: str, view: str | None) -> None:
    assert identify(path)[:2] == (patient, view)


def test_a_pattern_finds_the_patient() -> None:
    assert identify("p12/scan_ant.png", re.compile(r"p(\d+)"))[:2] == ("12", "anterior")
    assert identify("p12/scan_ant.png", re.compile(r"p\d+"))[:2] == ("p12", "anterior")
    assert identify("scan_ant.png", re.compile(r"p\d+"))[:2] == ("scan", "anterior")


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("BS00001_20110816_59e2.png", "2011-08-16"),
        ("7 2011-08-16 ant.png", "2011-08-16"),
        ("7_16.08.2011.png", "2011-08-16"),
        ("7_2011_8_6.png", "2011-08-06"),
        ("7-08-16-2011.png", "2011-08-16"),
        ("7_16-Aug-2011.png", "2011-08-16"),
        ("7_16AUG2011_ant.png", "2011-08-16"),
        ("7 2011 08 16.png", "2011-08-16"),
        ("20110816093000_ant.dcm", "2011-08-16"),
        ("2012-03-01/7_20110816.png", "2011-08-16"),
        ("p1/2012.03.01/ant.png", "2012-03-01"),
        ("7_19891231.png", None),
        ("7_20111316.png", None),
        ("7_20110230.png", None),
        ("120110816.png", None),
        ("7.png", None),
    ],
)
def test_a_date_in_a_name(path: str, date: str | None) -> None:
    assert identify(path).date == date
