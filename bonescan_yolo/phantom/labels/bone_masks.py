"""Which bones are under each pixel of a view: the outline that each one's points have under the camera, without blur.

Bones overlap, so each has a mask of its own. What belongs to no region is left out: cartilage, which takes up too
little to be seen.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.activity.spots import PosedBody
from bonescan_yolo.phantom.body.named_bones import bones_of_points
from bonescan_yolo.phantom.camera import FRAME_HEIGHT, FRAME_WIDTH, Camera
from bonescan_yolo.regions.region_names import BONES
from bonescan_yolo.scan.identity.names import View

Masks = NDArray[np.bool_]

CLOSING: Final = np.ones((3, 3), np.uint8)
"""Points are as dense as pixels or a little less: single pixels without one, inside a bone, are closed."""


def bone_masks(body: PosedBody, view: View, camera: Camera) -> Masks:
    """Return the mask of each bone of `region_names.BONES` in a view, (bones, 1024, 256)."""
    columns = np.floor(camera.columns(body.posed.points[:, 0], view)).astype(np.int64)
    rows = np.floor(camera.rows(body.posed.points[:, 2])).astype(np.int64)
    seen = (columns >= 0) & (columns < FRAME_WIDTH) & (rows >= 0) & (rows < FRAME_HEIGHT)
    owners = bones_of_points(body.posed.skeleton)
    masks = np.zeros((len(BONES), FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
    drawn = seen & (owners >= 0)
    masks[owners[drawn], rows[drawn], columns[drawn]] = 1
    for mask in masks:
        if mask.any():
            _close(mask)
    return masks.astype(bool)


def _close(mask: NDArray[np.uint8]) -> None:
    """Close the holes of a mask in place, in the part that it covers."""
    x, y, width, height = cv2.boundingRect(mask)
    part = mask[y : y + height, x : x + width]
    padded = cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    part[:] = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, CLOSING)[1:-1, 1:-1]
