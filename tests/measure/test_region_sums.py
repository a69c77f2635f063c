"""Sums by region, of a scan and of a study."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest

from bonescan_yolo.measure.hot_spots import ScanMeasures, measure
from bonescan_yolo.measure.region_sums import RegionSum, sums_by_region
from bonescan_yolo.measure.region_table import NO_BONE, REGION_COLUMNS, regions_csv
from bonescan_yolo.measure.studies import ViewSummary, pair_views, summarise
from bonescan_yolo.regions.box_sites import BoxSite
from bonescan_yolo.regions.region_names import NamedBone
from bonescan_yolo.scan.identity.names import View
from tests.measure.conftest import Read

RIB, OTHER_RIB, FOOT = (BoxSite(NamedBone(*name), 1.0) for name in (("left_ribs", 7), ("left_ribs",), ("left_foot",)))


@pytest.fixture
def measures(read: Read) -> ScanMeasures:
    """Two hot spots of different ribs, one of them normal, one on a foot and one over no bone."""
    levels = {"left": 200, "right": 100, "middle": 90, "far": 80}
    found = read(levels, {"right": 1}, view="anterior", pixel_spacing_mm=(2.0, 2.0))
    return measure(dataclasses.replace(found, sites=(OTHER_RIB, RIB, None, FOOT)))


def test_hot_spots_are_summed_by_region_and_class_from_the_head_down(measures: ScanMeasures) -> None:
    sums = sums_by_region(measures)
    assert sums is not None
    assert [(each.region, each.n) for each in sums] == [("left_ribs", (1, 1)), ("left_foot", (1, 0)), (None, (1, 0))]
    areas = [spot.outline.area_px for spot in measures.hot_spots]
    assert (sums[0].area_px, sums[0].area_mm2) == ((areas[0], areas[1]), (4.0 * areas[0], 4.0 * areas[1]))


def test_without_sites_there_are_no_sums(measures: ScanMeasures) -> None:
    unknown = dataclasses.replace(measures, reading=dataclasses.replace(measures.reading, sites=None))
    assert sums_by_region(unknown) is None
    assert regions_csv(pair_views([summarise(unknown)])).splitlines() == [",".join(REGION_COLUMNS)]


def seen(view: View, *regions: RegionSum) -> ViewSummary:
    return ViewSummary(Path(f"7_{view}.png"), view, (0, 0), (0, 0), None, None, regions=regions)


def test_the_table_sums_both_views() -> None:
    views = [
        seen("anterior", RegionSum("left_ribs", (2, 1), (5, 6), (1.0, 2.0))),
        seen("posterior", RegionSum("left_ribs", (1, 0), (7, 0), (3.0, 0.0)), RegionSum(None, (0, 1), (0, 9), None)),
    ]
    rib, urine = csv.DictReader(io.StringIO(regions_csv(pair_views(views))))
    assert (rib["patient"], rib["views"], rib["region"]) == ("7", "anterior;posterior", "left_ribs")
    assert (rib["n_abnormal"], rib["n_normal"]) == ("3", "1")
    assert (rib["abnormal_area_px"], rib["abnormal_area_mm2"]) == ("12", "4.0")
    assert (urine["region"], urine["n_normal"], urine["normal_area_mm2"]) == (NO_BONE, "1", "")


def test_the_sums_of_the_regions_are_those_of_the_study(measures: ScanMeasures) -> None:
    (study,) = pair_views([summarise(measures)])
    rows = list(csv.DictReader(io.StringIO(regions_csv([study]))))
    for class_id, name in enumerate(("abnormal", "normal")):
        assert sum(int(row[f"n_{name}"]) for row in rows) == study.n(class_id)
        assert sum(int(row[f"{name}_area_px"]) for row in rows) == study.area_px(class_id)
