"""Names that say the view and the patient; the cases are shared with the page."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

import pytest

from bonescan_yolo.scan.names import View, identify, view_in, view_of_path


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


SHARED = json.loads((Path(__file__).parents[1] / "shared" / "names.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["path"])
def test_shared_cases(case: dict[str, str | None]) -> None:
    assert case["path"] is not None
    assert view_of_path(PurePosixPath(case["path"])) == case["view"]
    if case["same_study_as"] is not None:
        assert identify(case["path"]).patient.lower() == identify(case["same_study_as"]).patient.lower()


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
    ],
)
def test_names_tell_patient_and_view(path: str, patient: str, view: str | None) -> None:
    assert identify(path) == (patient, view)


def test_a_pattern_finds_the_patient() -> None:
    assert identify("p12/scan_ant.png", re.compile(r"p(\d+)")) == ("12", "anterior")
    assert identify("p12/scan_ant.png", re.compile(r"p\d+")) == ("p12", "anterior")
    assert identify("scan_ant.png", re.compile(r"p\d+")) == ("scan", "anterior")
