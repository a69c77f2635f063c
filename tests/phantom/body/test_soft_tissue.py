"""Soft tissue: how much of it lies before and behind a point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.phantom.activity.spots import PosedBody
from bonescan_yolo.phantom.body.soft_tissue import LEAST_DEPTH_MM, LUNG_AIR, LUNG_PARTS, Stack


def stack(air: float = 0.0) -> Stack:
    """Return an upright elliptic cylinder, 200 mm wide and 160 mm deep."""
    ends = np.ones(2)
    return Stack(z=np.array([0.0, 1000.0]), x=0 * ends, y=200 * ends, width=100 * ends, depth=80 * ends, air=air * ends)


def test_depths_in_the_middle_and_at_the_side() -> None:
    front, back = stack().depths(np.array([[0.0, 150.0, 500.0], [60.0, 200.0, 500.0]]))
    assert front.tolist() == pytest.approx([30.0, 64.0])
    assert back.tolist() == pytest.approx([130.0, 64.0])


@given(st.floats(-99, 99), st.floats(130, 270), st.floats(0, 0.9))
def test_front_and_back_add_up_to_the_thickness(x: float, y: float, air: float) -> None:
    body = stack(air)
    half = 80 * np.sqrt(1 - (x / 100) ** 2)
    if abs(y - 200) < half - 3:
        front, back = body.depths(np.array([[x, y, 500.0]]))
        whole = body.thickness(np.array([x]), np.array([500.0]))
        assert front[0] + back[0] == pytest.approx(whole[0])
        assert min(front[0], back[0]) > 0


def test_lungs_weigh_little() -> None:
    middle = np.array([[80.0, 200.0 + 48.0, 500.0]])  # the back surface
    front, _ = stack(LUNG_AIR).depths(middle)
    lungs = 96.0 * (LUNG_PARTS[1] - LUNG_PARTS[0])
    assert front[0] == pytest.approx(96.0 - LUNG_AIR * lungs)


def test_outside_the_body_there_is_no_tissue() -> None:
    assert stack().thickness(np.array([150.0]), np.array([500.0])) == pytest.approx(0.0)


def test_the_outline_holds_the_skeleton(body: PosedBody) -> None:
    skeleton = body.posed.skeleton
    for limb in ("trunk", "thigh_r", "shank_l", "head"):
        points = np.concatenate([body.points_of(bone) for bone in skeleton.bones if bone.limb == limb])
        emission = body.emission(limb, points, np.ones(len(points)))
        assert (np.minimum(emission.front_mm, emission.back_mm) > LEAST_DEPTH_MM).mean() > 0.95
