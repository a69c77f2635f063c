"""Bones under the pixels of a view: each where its points are, on its side, and whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from bonescan_yolo.phantom.activity.spots import PosedBody
from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.body.named_bones import NO_REGION, bone_of, bones_of_points
from bonescan_yolo.phantom.camera import Camera
from bonescan_yolo.phantom.labels.bone_masks import bone_masks
from bonescan_yolo.regions.region_names import BONES, REGIONS
from bonescan_yolo.scan.identity.names import VIEWS
from bonescan_yolo.scan.morphology import Mask


@pytest.fixture
def masks(body: PosedBody, camera: Camera) -> dict[str, dict[str, Mask]]:
    """By view and bone."""
    keys = [bone.key for bone in BONES]
    return {view: dict(zip(keys, bone_masks(body, view, camera), strict=True)) for view in VIEWS}


def middle(mask: Mask) -> tuple[float, float]:
    """Row and column."""
    row, column = ndimage.center_of_mass(mask)
    return float(row), float(column)


def test_every_bone_is_seen_and_most_are_one_piece(masks: dict[str, dict[str, Mask]]) -> None:
    for view in VIEWS:
        for key, mask in masks[view].items():
            assert mask.sum() > 30, key
            labels, _ = ndimage.label(mask, np.ones((3, 3)))
            assert np.bincount(labels[mask]).max() > 0.97 * mask.sum(), key
            holes = ndimage.binary_fill_holes(mask).sum() - mask.sum()
            if "ribs" not in key and "pelvis" not in key:  # those have real ones: arches, the obturator foramen
                assert holes < 0.02 * mask.sum(), key


def test_the_other_view_is_mirrored(masks: dict[str, dict[str, Mask]]) -> None:
    for key, mask in masks["anterior"].items():
        behind = masks["posterior"][key][:, ::-1]
        assert (mask & behind).sum() > 0.5 * (mask | behind).sum(), key  # pixel edges are on the middle column


def test_right_is_on_the_left_in_front(masks: dict[str, dict[str, Mask]]) -> None:
    for key, mask in masks["anterior"].items():
        column = middle(mask)[1]
        if key.startswith("right_"):
            assert column < 127, key
        elif key.startswith("left_"):
            assert column > 129, key
        else:
            assert column == pytest.approx(128, abs=3), key


def test_numbers_count_downwards(masks: dict[str, dict[str, Mask]]) -> None:
    own = masks["posterior"]
    for region, last in (("thoracic_spine", 12), ("lumbar_spine", 5), ("left_ribs", 12), ("right_ribs", 12)):
        rows = [middle(own[f"{region}_{number}"])[0] for number in range(1, last + 1)]
        assert rows == sorted(rows), region
    assert middle(own["thoracic_spine_12"])[0] < middle(own["lumbar_spine_1"])[0]


def test_every_point_but_cartilage_belongs_to_one_bone(skeleton: Skeleton) -> None:
    owners = bones_of_points(skeleton)
    assert set(np.unique(owners)) == {-1, *range(len(BONES))}
    for bone in skeleton.bones:
        found = {BONES[owner].region for owner in np.unique(owners[bone.span]) if owner >= 0}
        if bone.region in NO_REGION:
            assert not found
        else:
            knees = {region for region in REGIONS if region.endswith("knee")}
            assert found - knees == {bone_of(bone).region} - knees


def test_the_knee_is_between_thigh_and_lower_leg(masks: dict[str, dict[str, Mask]]) -> None:
    own = masks["anterior"]
    femur, knee, leg = (np.nonzero(own[f"left_{part}"])[0] for part in ("femur", "knee", "lower_leg"))
    assert abs(femur.max() - knee.min()) <= 12
    assert abs(knee.max() - leg.min()) <= 12
    assert np.ptp(knee) * 2.0 == pytest.approx(130, abs=40)  # mm


def test_what_is_outside_the_frame_is_left_out(body: PosedBody, camera: Camera) -> None:
    cut = bone_masks(body, "anterior", replace(camera, top_mm=1200.0))
    assert not cut[0].any()
    assert cut[-1].any()
