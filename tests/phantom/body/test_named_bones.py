"""What the simulator's bones are called outside of it."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.body.named_bones import bones_of_activity
from bonescan_yolo.regions.region_names import NamedBone


def bones_at(skeleton: Skeleton, name: str, first: float, last: float) -> set[str]:
    """The keys of the bones that even activity in a part of a bone is in."""
    bone = next(bone for bone in skeleton.bones if bone.name == name)
    along = skeleton.along[bone.span]
    along = along[(along >= first) & (along <= last)]
    return {named.key for named in bones_of_activity(bone, along, np.ones(len(along)))}


@pytest.mark.parametrize(
    ("name", "first", "last", "expected"),
    [
        ("femur_l", 0.0, 0.3, {"left_femur"}),
        ("femur_l", 0.9, 1.0, {"left_knee"}),
        ("femur_r", 0.7, 1.0, {"right_femur", "right_knee"}),
        ("tibia_r", 0.0, 0.1, {"right_knee"}),
        ("tibia_r", 0.3, 0.9, {"right_lower_leg"}),
        ("patella_l", 0.0, 1.0, {"left_knee"}),
        ("rib_7_l", 0.0, 1.0, {"left_ribs_7"}),
        ("thoracic_12", 0.0, 1.0, {"thoracic_spine_12"}),
        ("lumbar_1", 0.0, 1.0, {"lumbar_spine_1"}),
        ("cheeks", 0.0, 1.0, {"face"}),
        ("sacroiliac_r", 0.0, 1.0, {"right_pelvis"}),
        ("costal_cartilage", 0.0, 1.0, set()),
    ],
)
def test_activity_is_in_the_named_bone(
    skeleton: Skeleton, name: str, first: float, last: float, expected: set[str]
) -> None:
    assert bones_at(skeleton, name, first, last) == expected


def test_no_activity_is_in_no_bone(skeleton: Skeleton) -> None:
    bone = skeleton.bones[0]
    assert bones_of_activity(bone, skeleton.along[bone.span], np.zeros(bone.stop - bone.start)) == ()


def test_little_activity_does_not_count(skeleton: Skeleton) -> None:
    bone = next(bone for bone in skeleton.bones if bone.name == "femur_l")
    along = skeleton.along[bone.span]
    mostly_shaft = np.where(along > 0.86, 0.01, 1.0)
    assert bones_of_activity(bone, along, mostly_shaft) == (NamedBone("left_femur"),)
