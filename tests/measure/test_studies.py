"""Which scans are one study, and what a study sums up."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest

from bonescan_yolo.measure.hot_spots import measure
from bonescan_yolo.measure.studies import Study, ViewSummary, pair_views, studies_csv, summarise
from bonescan_yolo.scan.identity.names import View
from tests.measure.conftest import Read


def seen(name: str, view: View | None, share: float | None = 0.1, mm2: float | None = 8.0) -> ViewSummary:
    area = None if mm2 is None else (mm2, 2 * mm2)
    return ViewSummary(Path(name), view, (2, 1), (4, 8), area, share)


def names(studies: list[Study]) -> list[list[str]]:
    return [[view.path.as_posix() for view in study.views if view.path] for study in studies]


ANT: View = "anterior"
POST: View = "posterior"


@pytest.mark.parametrize(
    ("scans", "expected"),
    [
        ([("7_post.png", POST), ("8_ant.png", ANT), ("7_ant.png", ANT)], [["7_ant.png", "7_post.png"], ["8_ant.png"]]),
        ([("wholeBodyANT/7.jpg", ANT), ("wholeBodyPOST/7.jpg", POST)], [["wholeBodyANT/7.jpg", "wholeBodyPOST/7.jpg"]]),
        ([("wb.dcm", ANT), ("wb.dcm", POST)], [["wb.dcm", "wb.dcm"]]),
        ([("7.png", None), ("7.png", POST)], [["7.png"], ["7.png"]]),
        (
            [("a/7_ant.png", ANT), ("a/7_post.png", POST), ("b/7_ant.png", ANT)],
            [["a/7_ant.png", "a/7_post.png"], ["b/7_ant.png"]],
        ),
        (
            [("7_ant.png", ANT), ("7_ant_.png", ANT), ("7_post.png", POST)],
            [["7_ant.png"], ["7_ant_.png"], ["7_post.png"]],
        ),
        ([], []),
    ],
)
def test_pairs(scans: list[tuple[str, View | None]], expected: list[list[str]]) -> None:
    assert names(pair_views([seen(name, view) for name, view in scans])) == expected


@pytest.mark.parametrize(
    ("scans", "expected"),
    [
        ([("3H post injection ant.png", ANT), ("3H post injection post.png", POST)], 1),
        ([("7 post injection ant.png", ANT), ("7_post_injection_post.png", POST)], 1),
        ([("7 post injection ant.png", ANT), ("7_post.png", POST)], 2),
        ([("n/WB_ANT001_DS.png", ANT), ("n/WB_POST001_DS.png", POST), ("m/WB_ANT001_DS.png", ANT)], 2),
        ([("7_20110816_ant.png", ANT), ("7_20120301_post.png", POST)], 2),
        ([("7_20110816_ant.png", ANT), ("7_20110816_post.png", POST)], 1),
        ([("7 AP.png", ANT), ("7 PA.png", POST)], 1),
        ([("7_antérieur.png", ANT), ("7_poste\u0301rieur.png", POST)], 1),
        ([("a/7_ant.png", ANT), ("b/7_post.png", POST)], 2),
        ([("7.png", None), ("7_ant.png", ANT), ("7_post.png", POST)], 2),
    ],
)
def test_names_pair_whatever_their_form(scans: list[tuple[str, View | None]], expected: int) -> None:
    assert len(pair_views([seen(name, view) for name, view in scans])) == expected


def of_study(name: str, view: View | None, uid: str | None, frame_count: int = 1) -> ViewSummary:
    return dataclasses.replace(seen(name, view), study_uid=uid, frame_count=frame_count)


def test_the_dicom_study_counts_more_than_names() -> None:
    scans = [
        of_study("IM1", ANT, "1.1"),
        of_study("IM2", ANT, "1.2"),
        of_study("x", POST, "1.2"),
        of_study("y", POST, "1.1"),
    ]
    assert names(pair_views(scans)) == [["IM1", "y"], ["IM2", "x"]]
    assert len(pair_views([of_study("7_ant", ANT, "1.1"), of_study("7_post", POST, "1.2")])) == 2
    assert len(pair_views([of_study("7_ant", ANT, "1.1"), of_study("7_post", POST, None)])) == 1


def test_names_divide_a_dicom_study_of_several_pairs() -> None:
    scans = [
        of_study(f"{view}_{hours}h.dcm", which, "1.1")
        for hours in (3, 24)
        for view, which in (("ant", ANT), ("post", POST))
    ]
    assert names(pair_views(scans)) == [["ant_3h.dcm", "post_3h.dcm"], ["ant_24h.dcm", "post_24h.dcm"]]


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        ([None, None], 1),
        ([ANT, None], 1),
        ([POST, ANT], 1),
        ([ANT, ANT], 2),
        ([ANT, POST, None], 2),
        ([None, None, None], 3),
    ],
)
def test_two_frames_of_a_file_are_a_study(views: list[View | None], expected: int) -> None:
    frames = [of_study("wb.dcm", view, "1.1", len(views)) for view in views]
    other = of_study("IM7", POST, "1.2")
    assert len(pair_views([*frames, other])) == expected + 1


def test_sums_and_the_mean_burden() -> None:
    (study,) = pair_views([seen("7_ant.png", "anterior", 0.1), seen("7_post.png", "posterior", 0.3)])
    assert (study.patient, study.n(0), study.n_most(0), study.n(1)) == ("7", 4, 2, 2)
    assert (study.area_px(0), study.area_mm2(0), study.area_mm2(1)) == (8, 16.0, 32.0)
    assert study.planar_burden == pytest.approx(0.2)


def test_what_a_view_does_not_know_the_study_does_not() -> None:
    (study,) = pair_views([seen("7_ant.png", "anterior", None), seen("7_post.png", "posterior", 0.3, None)])
    assert study.area_px(0) == 8
    assert study.area_mm2(0) is None
    assert study.planar_burden is None


def test_the_summary_and_the_table(read: Read) -> None:
    measures = measure(read({"left": 200, "right": 100}, {"right": 1}, view="anterior", pixel_spacing_mm=(2.0, 2.0)))
    summary = summarise(measures)
    areas = [spot.outline.area_px for spot in measures.hot_spots]
    assert (summary.n, summary.area_px) == ((1, 1), tuple(areas))
    assert summary.area_mm2 == tuple(4.0 * area for area in areas)
    (row,) = csv.DictReader(io.StringIO(studies_csv(pair_views([summary]))))
    assert (row["patient"], row["views"], row["files"]) == ("7", "anterior", "7_ant.png")
    assert (int(row["n_abnormal"]), int(row["abnormal_area_px"])) == (1, areas[0])
    assert float(row["planar_burden"]) == pytest.approx(measures.abnormal_share or 0, abs=1e-5)


def test_unknown_numbers_are_empty_cells() -> None:
    (row,) = csv.DictReader(io.StringIO(studies_csv(pair_views([seen("7.png", None, None, None)]))))
    assert (row["views"], row["abnormal_area_mm2"], row["planar_burden"]) == ("unknown", "", "")
