"""Bone masks at a quarter of a scan's size, as a network learns and gives them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.regions.region_names import BONES, NamedBone, mirrored

STRIDE: Final = 4
"""Pixels of a scan per cell of a map, to each side."""

WHOLE: Final = 255
"""A cell that is covered whole."""

BoneMap = NDArray[np.uint8]
"""(height / STRIDE, width / STRIDE, bones): the part of each cell that each of BONES covers, from 0 to WHOLE."""

OTHER_SIDE: Final = tuple(BONES.index(NamedBone(mirrored(bone.region), bone.number)) for bone in BONES)
"""For each of BONES the index of the one that it becomes in a mirror."""


def bone_map(masks: NDArray[np.bool_]) -> BoneMap:
    """Return the map of masks (bones, height, width), whose sides are multiples of STRIDE."""
    bones, height, width = masks.shape
    cells = masks.reshape(bones, height // STRIDE, STRIDE, width // STRIDE, STRIDE)
    parts = cells.mean(axis=(2, 4), dtype=np.float32).transpose(1, 2, 0)
    return np.ascontiguousarray((parts * WHOLE).round().astype(np.uint8))


def mirror(bones: BoneMap) -> BoneMap:
    """Return the map of the mirrored scan: columns from right to left, and each side's bones named as the other's."""
    return np.ascontiguousarray(bones[:, ::-1][..., list(OTHER_SIDE)])
