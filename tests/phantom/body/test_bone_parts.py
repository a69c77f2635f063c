"""Parts of bones: each point of a mesh is in one part, and the parts lie where anatomy has them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.body.bone_parts import finer_parts
from bonescan_yolo.phantom.body.myofullbody import BoneMesh


def points_of(skeleton: Skeleton, *names: str) -> NDArray[np.float32]:
    return np.concatenate([skeleton.points[bone.span] for bone in skeleton.bones if bone.name in names])


@pytest.mark.parametrize("region", ["skull", "jaw", "sternum", "pelvis", "femur"])
def test_each_point_is_in_one_part(region: str, rng: np.random.Generator) -> None:
    points = rng.uniform((-70, 120, 1500), (70, 290, 1690), (500, 3))
    mesh = BoneMesh(f"{region}_r", region, "trunk", np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64))
    parts = list(finer_parts(mesh, points, 0.0))
    assert sum(inside.astype(int) for _, _, inside in parts) == pytest.approx(np.ones(len(points)))
    assert len({name for name, _, _ in parts}) == len(parts)


def test_teeth_lie_between_nose_and_chin(skeleton: Skeleton) -> None:
    upper, lower = points_of(skeleton, "upper_teeth"), points_of(skeleton, "lower_teeth")
    assert points_of(skeleton, "face")[:, 2].min() >= upper[:, 2].max() - 1
    assert np.median(upper[:, 2]) > np.median(lower[:, 2]) > np.median(points_of(skeleton, "jaw")[:, 2])


def test_the_branches_of_the_jaw_lie_behind_and_reach_up(skeleton: Skeleton) -> None:
    branches, jaw = points_of(skeleton, "jaw_branches"), points_of(skeleton, "jaw")
    assert np.median(branches[:, 1]) > jaw[:, 1].max()
    assert branches[:, 2].max() > points_of(skeleton, "lower_teeth")[:, 2].max() + 20


def test_the_sacroiliac_joint_is_beside_the_sacrum_and_not_in_the_ischium(skeleton: Skeleton) -> None:
    joint, sacrum = points_of(skeleton, "sacroiliac_r", "sacroiliac_l"), points_of(skeleton, "sacrum")
    assert joint[:, 2].min() > sacrum[:, 2].min()
    assert joint[:, 1].min() > points_of(skeleton, "pelvis_r")[:, 1].min() + 50
