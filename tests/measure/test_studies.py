"""Which scans are one study, and what a study sums up."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from bonescan_yolo.measure.hot_spots import measure
from bonescan_yolo.measure.studies import Study, ViewSummary, pair_views, studies_csv, summarise
from bonescan_yolo.scan.names import View
from tests.measure.conftest import Read


def seen(name: str, view: View | None, share: float | None = 0.1, mm2: float | None = 8.0) -> ViewSummary:
    area = None if mm2 is None else (mm2, 2 * mm2)
    return ViewSummary(Path(name), view, (2, 1), (4, 8), area, share)


def names(studies: list[Study]) -> list[list[str]]:
    return [[view.path.as_posix() for view in study.views if view.path] for study in studies]


ANT, POST = "anterior", "posterior"


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
