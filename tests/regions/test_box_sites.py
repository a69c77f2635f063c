"""Sites of boxes: the region under them, the likelier bone first, numbers where they are clear."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bonescan_yolo.regions.box_sites import LEAST_COVER, BoxSite, sites_of_boxes
from bonescan_yolo.regions.region_map import STRIDE
from bonescan_yolo.regions.region_names import BONES, NamedBone
from bonescan_yolo.scan.identity.names import View


@pytest.fixture
def cover() -> NDArray[np.float32]:
    return np.zeros((len(BONES), 20, 10), np.float32)


def put(cover: NDArray[np.float32], key: str, rows: slice, columns: slice, value: float = 1.0) -> None:
    cover[[bone.key for bone in BONES].index(key), rows, columns] = value


def site(cover: NDArray[np.float32], cells: tuple[int, int, int, int], view: View | None = None) -> BoxSite | None:
    """The site of a box of whole cells: x1, y1, x2, y2."""
    (found,) = sites_of_boxes(cover, np.array([cells], np.float32) * STRIDE, view)
    return found


def test_a_box_is_where_the_bone_is(cover: NDArray[np.float32]) -> None:
    put(cover, "left_femur", slice(5, 15), slice(2, 6))
    assert site(cover, (2, 5, 6, 9)) == BoxSite(NamedBone("left_femur"), 1.0)
    found = site(cover, (4, 5, 8, 9))
    assert found is not None
    assert found.share == pytest.approx(0.5)


def test_a_box_over_no_bone_is_nowhere(cover: NDArray[np.float32]) -> None:
    put(cover, "left_femur", slice(5, 15), slice(2, 6))
    assert site(cover, (7, 5, 9, 9)) is None
    put(cover, "right_femur", slice(0, 4), slice(0, 4), LEAST_COVER / 2)
    assert site(cover, (0, 0, 4, 4)) is None


def test_a_rib_has_its_number_if_it_leads(cover: NDArray[np.float32]) -> None:
    put(cover, "right_ribs_7", slice(4, 6), slice(0, 10))
    put(cover, "right_ribs_8", slice(6, 8), slice(0, 10))
    assert site(cover, (2, 4, 5, 6)) == BoxSite(NamedBone("right_ribs", 7), 1.0)
    assert site(cover, (2, 5, 5, 7)) == BoxSite(NamedBone("right_ribs"), 1.0)


def test_crossing_ribs_cover_a_region_once(cover: NDArray[np.float32]) -> None:
    put(cover, "right_ribs_3", slice(4, 8), slice(0, 10), 0.6)
    put(cover, "right_ribs_6", slice(4, 8), slice(0, 10), 0.4)
    found = site(cover, (2, 4, 6, 8))
    assert found is not None
    assert found.bone == NamedBone("right_ribs", 3)
    assert found.share == pytest.approx(0.6)


def test_the_likelier_of_two_bones_is_named(cover: NDArray[np.float32]) -> None:
    put(cover, "sternum", slice(4, 8), slice(3, 7))
    put(cover, "thoracic_spine_6", slice(4, 8), slice(2, 8))
    views: tuple[tuple[View, str], ...] = (("anterior", "sternum"), ("posterior", "thoracic_spine"))
    for view, region in views:
        found = site(cover, (3, 4, 7, 8), view)
        assert found is not None
        assert found.bone.region == region


def test_the_middle_counts_most(cover: NDArray[np.float32]) -> None:
    put(cover, "left_pelvis", slice(4, 12), slice(0, 10))
    cover[:, 7:9, 4:6] = 0
    put(cover, "sacrum", slice(7, 9), slice(4, 6))
    found = site(cover, (2, 4, 8, 12))
    assert found is not None
    assert found.bone.region == "left_pelvis"
    assert site(cover, (3, 6, 7, 10)) == BoxSite(NamedBone("sacrum"), 0.25)


@pytest.mark.parametrize("box", [(-3, -3, 0.5, 0.5), (9.5, 19.5, 12, 30), (3, 3, 3, 3)])
def test_boxes_at_the_edge_and_without_area_have_a_site(
    cover: NDArray[np.float32], box: tuple[float, float, float, float]
) -> None:
    put(cover, "skull", slice(0, 20), slice(0, 10))
    (found,) = sites_of_boxes(cover, np.array([box], np.float32) * STRIDE, None)
    assert found == BoxSite(NamedBone("skull"), 1.0)


def test_no_boxes_have_no_sites(cover: NDArray[np.float32]) -> None:
    assert sites_of_boxes(cover, np.zeros((0, 4), np.float32), None) == []
