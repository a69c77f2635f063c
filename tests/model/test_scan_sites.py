"""Sites on scans of any size: the cases shared with the page, and boxes that move with their scan."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.model.scan_sites import sites_on_scan
from bonescan_yolo.regions.region_names import BONES
from bonescan_yolo.scan.record import Scan
from tests.shared.site_cases import cover_of, described_sites, load_site_cases

TABLE = load_site_cases()


def test_the_bones_are_in_the_order_of_the_table_shared_with_the_page() -> None:
    assert TABLE["bones"] == [bone.key for bone in BONES]


@pytest.mark.parametrize("case", TABLE["sites"], ids=lambda case: f"{case['name']} {case['view']}")
def test_sites_are_those_of_the_table_shared_with_the_page(case: dict) -> None:  # type: ignore[type-arg]
    assert described_sites(case["map"], case["size"], case["view"], case["boxes"]) == case["sites"]


@pytest.mark.parametrize("size", [(1024, 256), (2048, 512), (512, 128), (1024, 300)])
def test_a_box_is_found_under_its_bone_whatever_the_size_of_the_scan(size: tuple[int, int]) -> None:
    height, width = size
    scale = min(1024 / height, 256 / width)
    cover = cover_of([("left_femur", (180, 200), (36, 44), 255), ("right_femur", (180, 200), (20, 28), 255)])
    middle, across = np.array([width / 2, height / 2]), np.array([12.0, 12.0])
    for to_side, region in ((32.0, "left_femur"), (-32.0, "right_femur"), (0.0, None)):
        centre = middle + np.array([to_side, 190 * 4 - 512]) / scale
        box = np.concatenate([centre - across / scale, centre + across / scale])[None].astype(np.float32)
        sites = sites_on_scan(Scan(np.zeros(size, np.uint8)), cover, box)
        assert sites is not None
        assert (None if sites[0] is None else sites[0].bone.region) == region


def test_without_a_map_there_are_no_sites() -> None:
    scan = Scan(np.zeros((1024, 256), np.uint8))
    assert sites_on_scan(scan, None, np.zeros((2, 4), np.float32)) is None
    assert sites_on_scan(scan, cover_of([]), np.zeros((0, 4), np.float32)) == ()
