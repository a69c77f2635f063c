"""Where in the body a box lies, from its place beside the body's outline alone.

A body of any height is measured in parts of itself: along it from the top row to the bottom row that hold any of it,
and beside the middle of the chest. The limits lie between the bones of the simulator's skeleton as they are seen on its
scans: of 742 lesions in 220 simulated studies (seed 77), 94 % come out at the site of their bone. In front the
breastbone lies over the spine, and the hip joint lies at the edge of the pelvis in both views: those cannot be told
apart by place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, to_centres
from bonescan_yolo.scan.display import BODY_LEVELS, body_level

SITES = ("head", "spine and sternum", "ribs and shoulder girdle", "pelvis", "limbs")
HEAD, SPINE, RIBS, PELVIS, LIMBS = range(len(SITES))

LEAST_PIXELS = 4
"""Of body in a row for the row to hold any of it: single noisy pixels lie beside every body."""

CHEST = (0.18, 0.32)
"""Rows, in parts of the body's height, that the middle is taken from: no arm is ever alone there."""

CHIN = 0.10
LOIN = 0.40
GROIN = 0.49
CROTCH = 0.53
"""Lower limits of head, of spine and ribs, of the pelvis, and of urine between the thighs, along the body."""

HALF_SPINE = 0.014
HALF_TRUNK = 0.078
HALF_URINE = 0.02
"""How far they reach to each side, in parts of the body's height."""


@dataclass(frozen=True)
class Body:
    """Where the body lies on a scan.

    Attributes:
        top: first row that holds any of it.
        height: number of rows to the last, at least 1.
        middle: column of the middle of the chest.
    """

    top: float
    height: float
    middle: float


def find_body(grey: NDArray[np.uint8]) -> Body:
    """Return where the body lies; the whole frame where there is none.

    Args:
        grey: (height, width) display grey levels.
    """
    body = grey > BODY_LEVELS * body_level(grey)
    rows = np.flatnonzero(body.sum(axis=1) >= LEAST_PIXELS)
    if not len(rows):
        return Body(0.0, float(grey.shape[0]), grey.shape[1] / 2)
    top, height = int(rows[0]), int(rows[-1] - rows[0]) + 1
    columns = np.nonzero(body[top + int(CHEST[0] * height) : top + int(CHEST[1] * height)])[1]
    middle = float(np.median(columns)) + 0.5 if len(columns) else grey.shape[1] / 2
    return Body(float(top), float(height), middle)


def sites_of(boxes: Boxes, body: Body) -> NDArray[np.int64]:
    """Return the site of each box by its centre, (N,) index into SITES."""
    centres = to_centres(boxes)
    along = (centres[:, 1] - body.top) / body.height
    beside = np.abs(centres[:, 0] - body.middle) / body.height
    in_trunk = beside < HALF_TRUNK
    conditions = [
        along < CHIN,
        (along < LOIN) & (beside < HALF_SPINE),
        (along < LOIN) & in_trunk,
        ((along < GROIN) & in_trunk) | ((along < CROTCH) & (beside < HALF_URINE)),
    ]
    return np.select(conditions, [HEAD, SPINE, RIBS, PELVIS], LIMBS).astype(np.int64)
