"""Posing: limbs turn about their joints and carry what hangs on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.phantom.body.anatomy import Limb, Skeleton
from bonescan_yolo.phantom.body.posing import Pose, place, placements, rotation

LIMBS = (
    Limb("trunk", None, np.zeros(3)),
    Limb("arm_r", "trunk", np.array([-100.0, 0.0, 1000.0])),
    Limb("forearm_r", "arm_r", np.array([-100.0, 0.0, 700.0])),
)


@given(st.tuples(*[st.floats(-180, 180)] * 3))
def test_rotations_keep_lengths_and_handedness(degrees: tuple[float, float, float]) -> None:
    matrix = rotation(degrees)
    assert matrix @ matrix.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(matrix) == pytest.approx(1.0)


def test_a_raised_arm_carries_the_forearm() -> None:
    maps = placements(LIMBS, Pose(turns={"arm_r": (0.0, 90.0, 0.0)}))
    assert maps["arm_r"].apply(np.array([[-100.0, 0.0, 700.0]]))[0] == pytest.approx([-400, 0, 1000])
    assert maps["forearm_r"].apply(np.array([[-100.0, 0.0, 500.0]]))[0] == pytest.approx([-600, 0, 1000])


def test_a_longer_arm_pushes_the_forearm_out() -> None:
    maps = placements(LIMBS, Pose(scales={"arm_r": (1.0, 1.0, 2.0)}))
    assert maps["forearm_r"].apply(np.array([[-100.0, 0.0, 600.0]]))[0] == pytest.approx([-100, 0, 300])


def test_the_default_pose_is_the_neutral_one(skeleton: Skeleton) -> None:
    assert np.abs(place(skeleton, Pose()).points - skeleton.points).max() < 1e-3


@pytest.mark.parametrize("droop", [0.0, 0.15, 0.4])
def test_collarbones_stay_at_the_breastbone_when_it_sinks(skeleton: Skeleton, droop: float) -> None:
    posed = place(skeleton, Pose(droop=droop))
    places = {bone.name: posed.points[bone.span] for bone in skeleton.bones}
    for side in "rl":
        away = np.linalg.norm(places[f"clavicle_{side}"][:, None, :] - places["manubrium"][None, ::10, :], axis=2)
        assert away.min() < 15


def test_a_tilted_pelvis_carries_the_legs_and_leaves_the_spine(skeleton: Skeleton) -> None:
    tilted = place(skeleton, Pose(turns={"pelvis": (-20.0, 0.0, 0.0)}))
    moved = {bone.name: np.abs(tilted.points - skeleton.points)[bone.span].max() for bone in skeleton.bones}
    assert moved["lumbar_5"] < 1e-3
    assert moved["pelvis_r"] > 20
    assert moved["femur_r"] > 20
