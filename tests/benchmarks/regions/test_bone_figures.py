"""Figures of maps of bones: what they count, and that the true bones overlap with themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.regions.__main__ import look_up
from benchmarks.regions.bone_figures import Cover, Overlaps, SiteCounts, shares
from benchmarks.regions.simulated_bones import ScanWithBones, read_simulated_bones
from bonescan_yolo.phantom.bs80k_layout import Extras
from bonescan_yolo.phantom.generate import Order, generate
from bonescan_yolo.phantom.parameters import parameters_with
from bonescan_yolo.regions.region_names import BONES, NamedBone

SICK = parameters_with({"disease": {"healthy_share": 0.0}})


def place(key: str) -> int:
    return [bone.key for bone in BONES].index(key)


def scan_with(*bones: frozenset[NamedBone]) -> ScanWithBones:
    """A scan with a rib, a lower one beside it, and a box over each."""
    masks = np.zeros((len(BONES), 1024, 256), bool)
    masks[place("left_ribs_7"), 200:220, 100:200] = True
    masks[place("left_ribs_8"), 240:260, 100:200] = True
    boxes = np.array([[120, 200, 140, 220], [120, 240, 140, 260]], np.float32)
    return ScanWithBones(np.zeros((1024, 256), np.uint8), "posterior", masks, boxes[: len(bones)], bones)


def counted(scan: ScanWithBones, cover: Cover) -> dict[str, float]:
    sites = SiteCounts()
    sites.add(scan, cover)
    return shares(sites.counts)


def test_true_bones_overlap_with_themselves_and_half_of_them_less() -> None:
    scan = scan_with()
    for part, expected in ((scan.masks, 1.0), (scan.masks & (np.arange(256) < 150), 2 / 3)):
        overlaps = Overlaps()
        overlaps.add(scan, look_up(replace(scan, masks=part)))
        dice = overlaps.dice()["posterior"]
        assert dice["left_ribs"] == pytest.approx(expected, abs=0.01)
        assert dice["skull"] == 0


def test_sites_are_right_by_region_side_and_number() -> None:
    right = scan_with(frozenset({NamedBone("left_ribs", 7)}), frozenset({NamedBone("left_ribs", 8)}))
    assert counted(right, look_up(right)) == dict.fromkeys(shares({**dict.fromkeys(COUNTS, 1)}), 1.0)
    one_off = scan_with(frozenset({NamedBone("left_ribs", 8)}))
    assert counted(one_off, look_up(one_off)) == {
        "region": 1.0,
        "side": 1.0,
        "number said": 1.0,
        "within one, of all": 1.0,
        "within one, of those said": 1.0,
        "exact, of those said": 0.0,
    }
    other = scan_with(frozenset({NamedBone("left_scapula")}))
    assert counted(other, look_up(other))["region"] == 0
    assert counted(other, look_up(other))["side"] == 1


COUNTS = ("region right", "side right", "in a bone", "numbered", "number said", "number right", "number within one")


def test_boxes_in_no_bone_are_counted_apart() -> None:
    sites = SiteCounts()
    scan = scan_with(frozenset())
    sites.add(scan, look_up(scan))
    assert dict(sites.counts) == {"in no bone": 1, "in no bone, named": 1}


def test_simulated_scans_are_read_with_bones_for_every_box(tmp_path: Path) -> None:
    generate(tmp_path / "out", Order(2, 7, SICK, Extras(regions=True)), workers=1)
    scans = list(read_simulated_bones(tmp_path / "out"))
    assert [scan.view for scan in scans].count("anterior") == 2
    assert all(len(scan.boxes) == len(scan.bones) for scan in scans)
    sites = SiteCounts()
    for scan in scans:
        sites.add(scan, look_up(scan))
    assert sites.counts["in a bone"] > 5
    assert shares(sites.counts)["region"] > 0.85
