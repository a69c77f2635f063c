"""Suggestions in words, and the names under which scans are written."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.errors import OutputError
from bonescan_yolo.scan.identity.identities import identify_all
from bonescan_yolo.scan.identity.names import View
from bonescan_yolo.suggest.candidates import LeftOut, Pool, ScoredScan
from bonescan_yolo.suggest.looks import LOOK_SIZE
from bonescan_yolo.suggest.scores import ScanFeatures
from bonescan_yolo.suggest.suggestion import doubts_in_words, named_path, require_empty, suggest

SURE = ScanFeatures(0.0, 0.0, 0.0, 0, 0, 0, np.zeros(LOOK_SIZE, np.float32))


def candidate(path: str, features: ScanFeatures = SURE, digest: str = "") -> ScoredScan:
    view: View = "posterior" if "post" in path.lower() else "anterior"
    return ScoredScan(Path(path), 0, 1, view, None, digest or path, features)


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (dataclasses.replace(SURE, unsure_boxes=4), ["unsure of 4 boxes"]),
        (dataclasses.replace(SURE, unsure_boxes=1, mirrored=0.4), ["unsure of 1 box"]),
        (dataclasses.replace(SURE, mirrored=0.5), ["reads 1 box otherwise when mirrored"]),
        (dataclasses.replace(SURE, displayed=2.6), ["reads 3 boxes otherwise on another display"]),
        (SURE, ["sure of all its boxes"]),
    ],
)
def test_doubts_are_said_in_plain_words(features: ScanFeatures, words: list[str]) -> None:
    assert doubts_in_words(features) == words


def test_the_other_view_follows_and_says_so() -> None:
    pool = Pool()
    unsure = dataclasses.replace(SURE, unsure=2.0, unsure_boxes=3)
    for path in ("a/1_ant.png", "a/1_post.png"):
        pool.add(candidate(path, unsure if path == "a/1_post.png" else SURE))
    first, second = suggest(pool, 1)
    assert [first.scored.path.name, second.scored.path.name] == ["1_post.png", "1_ant.png"]
    assert (first.rank, first.patient, first.follows, second.follows) == (1, "1", False, True)
    assert first.reasons == "unsure of 3 boxes; stands for itself alone"
    assert second.reasons == "other view of the scan before; sure of all its boxes; stands for itself alone"


def test_the_same_pixels_are_suggested_once() -> None:
    pool = Pool()
    for path in ("1_ant.png", "copy_ant.png"):
        pool.add(candidate(path, digest="same"))
    assert [each.scored.path.name for each in suggest(pool, 5)] == ["1_ant.png"]
    assert pool.left_out == [LeftOut(Path("copy_ant.png"), 0, "shows the same pixels as 1_ant.png")]


@pytest.mark.parametrize(
    "paths",
    [
        ["wholeBodyANT/7.jpg", "wholeBodyPOST/7.jpg", "wholeBodyANT/8.jpg"],
        ["n/WB_ANT001_DS.png", "n/WB_POST001_DS.png", "m/WB_ANT001_DS.png"],
        ["0042/ant.png", "0042/post.png", "0043/ant.png"],
        ["12/2011-08-16/ant.dcm", "12/2012-08-16/ant.dcm", "13/2011-08-16/ant.dcm"],
        ["S1_A.png", "S1_P.png", "S2_A.png", "S2_P.png"],
    ],
)
def test_patients_are_the_same_in_the_names_that_are_written(paths: list[str]) -> None:
    patients = [scan.patient for scan in identify_all(paths)]
    written = [named_path(Path(path), patient) for path, patient in zip(paths, patients, strict=True)]
    again = [scan.patient for scan in identify_all([path.name for path in written])]
    assert [again.index(patient) for patient in again] == [patients.index(patient) for patient in patients]


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    require_empty(tmp_path)
    (tmp_path / "7_anterior.json").write_text("corrected", encoding="utf-8")
    with pytest.raises(OutputError, match="is not empty, and boxes corrected there would be replaced"):
        require_empty(tmp_path)
