"""What the simulator's bones are called outside of it: the names of `regions.region_names`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.anatomy import Bone, Skeleton
from bonescan_yolo.regions.region_names import BONES, NUMBERED, NamedBone, Side, on_side

MIDLINE_REGIONS: Final = {
    **dict.fromkeys(("skull", "skull_base"), "skull"),
    **dict.fromkeys(("face", "cheek", "teeth", "jaw", "jaw_branch"), "face"),
    **dict.fromkeys(("upper_cervical", "cervical"), "cervical_spine"),
    "thoracic": "thoracic_spine",
    "lumbar": "lumbar_spine",
    "sacrum": "sacrum",
    **dict.fromkeys(("manubrium", "sternum"), "sternum"),
}
"""The simulator's kinds of bone by region of the midline."""

PAIRED_REGIONS: Final = {
    "clavicle": "clavicle",
    "scapula": "scapula",
    "rib": "ribs",
    "humerus": "humerus",
    **dict.fromkeys(("ulna", "radius"), "forearm"),
    "hand": "hand",
    **dict.fromkeys(("pelvis", "sacroiliac"), "pelvis"),
    "femur": "femur",
    "patella": "knee",
    **dict.fromkeys(("tibia", "fibula"), "lower_leg"),
    **dict.fromkeys(("talus", "foot", "toes"), "foot"),
}
"""The simulator's kinds of bone by region on a side."""

NO_REGION: Final = frozenset({"cartilage"})

KNEE: Final = {"femur": (0.86, 1.0), "tibia": (0.0, 0.16), "fibula": (0.0, 0.12)}
"""Parts of long bones, from the upper end, that belong to the knee: their condyles, about 6 cm to each side of the
joint, and the fibula's head."""

NOT_OF_KNEE: Final = (2.0, 2.0)
"""No part of a bone."""

LEAST_PART: Final = 0.1
"""A hot spot is in a bone that holds this part of its activity."""


def bones_of_points(skeleton: Skeleton) -> NDArray[np.int64]:
    """Return the index in BONES of each point of the skeleton, (N,); -1 for points of no region."""
    index = {bone: place for place, bone in enumerate(BONES)}
    owners = np.full(len(skeleton.points), -1, np.int64)
    for bone in skeleton.bones:
        for named, own in named_parts(bone, skeleton.along[bone.span]):
            owners[bone.span][own] = index[named]
    return owners


def bones_of_activity(bone: Bone, along: NDArray[np.float32], activity: NDArray[np.float64]) -> tuple[NamedBone, ...]:
    """Return the named bones that activity in points of a bone is in.

    Args:
        bone: of the simulator.
        along: (n,) places of the points along it.
        activity: (n,) of each.
    """
    total = float(activity.sum())
    return tuple(
        named for named, own in named_parts(bone, along) if float(activity[own].sum()) >= LEAST_PART * total > 0
    )


def named_parts(bone: Bone, along: NDArray[np.float32]) -> Iterator[tuple[NamedBone, NDArray[np.bool_]]]:
    """Yield the named bones that a bone of the simulator is a part of, and which of its points (n,) belong to each."""
    if bone.region in NO_REGION:
        return
    first, last = KNEE.get(bone.region, NOT_OF_KNEE)
    of_knee = np.asarray((along >= first) & (along <= last))
    yield bone_of(bone), ~of_knee
    if of_knee.any():
        yield NamedBone(on_side("knee", side_of(bone))), of_knee


def bone_of(bone: Bone) -> NamedBone:
    """Return the named bone that a bone of the simulator is, or is a part of."""
    region = MIDLINE_REGIONS.get(bone.region)
    if region is None:
        region = on_side(PAIRED_REGIONS[bone.region], side_of(bone))
    return NamedBone(region, int(bone.name.split("_")[1]) if region in NUMBERED else None)


def side_of(bone: Bone) -> Side:
    """Return the side of a bone whose name ends with it."""
    return "right" if bone.name.endswith("_r") else "left"
