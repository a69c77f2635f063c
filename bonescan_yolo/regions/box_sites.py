"""Where a box is: the region of the skeleton under it, and which rib or vertebra where that is clear.

Bones overlap in a picture, and a box is larger than its hot spot. So the middle of a box counts more than its edge
(SPREAD), and regions count by how likely the hot spots over several of them are to be in each (LIKELY).

The twin in the page is `web/src/model/box-sites.ts`; both pass the cases of `tests/shared/sites.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.regions.region_map import STRIDE, WHOLE
from bonescan_yolo.regions.region_names import BONES, NUMBERED, REGIONS, NamedBone, without_side
from bonescan_yolo.scan.identity.names import View

LEAST_COVER: Final = 0.15
"""A box whose middle no bone covers to this part is in none: urine, an injection, soft tissue."""

LEAST_LEAD: Final = 1.25
"""The number of a rib or vertebra is clear if that one covers this many times as much of the box as the next one."""

SPREAD: Final = 0.25
"""Standard deviation of the weight of a box's cells about its middle, in parts of its sides."""

LEAST_SPREAD: Final = 0.5
"""Of that weight, in cells."""

LIKELY: Final[Mapping[View, Mapping[str, float]]] = {
    "anterior": {
        "skull": 0.4,
        "thoracic_spine": 0.8,
        "sacrum": 1.1,
        "clavicle": 1.25,
        "scapula": 0.6,
        "humerus": 0.9,
        "pelvis": 1.1,
    },
    "posterior": {
        "skull": 1.5,
        "thoracic_spine": 1.25,
        "lumbar_spine": 1.5,
        "clavicle": 0.9,
        "scapula": 0.6,
        "humerus": 0.9,
        "pelvis": 1.1,
    },
}
"""How much the cover of a region counts in a view, beside 1; that of both sides. Fitted to the boxes of 667 simulated
scans (seed 8801): with the true bones the region is right in 0.968 of them, without these factors in 0.889."""

OF_REGION: Final = tuple(np.array([bone.region == region for bone in BONES]) for region in REGIONS)
"""For each of REGIONS which of BONES it consists of."""

FIRST_OF_REGION: Final = [int(np.argmax(own)) for own in OF_REGION]
"""For each of REGIONS the index of its first bone: those of a region follow each other in BONES."""

Cover = NDArray[np.float32] | NDArray[np.uint8]
"""(bones, rows, columns): how much each of BONES covers each cell, in [0, 1], or as whole numbers from 0 to WHOLE."""


@dataclass(frozen=True)
class BoxSite:
    """Where a box is.

    Attributes:
        bone: the region, with a number if it is clear.
        share: of the box that the region covers, 0 to 1.
    """

    bone: NamedBone
    share: float


def sites_of_boxes(cover: Cover, boxes: Boxes, view: View | None) -> list[BoxSite | None]:
    """Return the site of each box; None for boxes over no bone.

    Args:
        cover: (bones, rows, columns), how much each of BONES covers each cell.
        boxes: (N, 4) x1 y1 x2 y2 in pixels of the scan, whose cells are STRIDE wide.
        view: of the scan; None: all regions are as likely.
    """
    factors = np.array([1.0 if view is None else LIKELY[view].get(without_side(region)[0], 1.0) for region in REGIONS])
    return [_site(*_around(cover, box), factors) for box in boxes]


def _around(cover: Cover, box: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the cells in a box, (bones, rows, columns), and how much each counts, (rows, columns), in all 1."""
    x1, y1, x2, y2 = (float(edge) for edge in box / STRIDE)
    rows, down = _along(y1, y2, cover.shape[1])
    columns, across = _along(x1, x2, cover.shape[2])
    weights = down[:, None] * across
    inside = cover[:, rows, columns].astype(np.float64)
    return inside / WHOLE if cover.dtype == np.uint8 else inside, weights / weights.sum()


def _along(first: float, last: float, size: int) -> tuple[slice, NDArray[np.float64]]:
    """Return the cells of an axis that an edge of a box is over, at least one, and how near each is to its middle."""
    start = int(np.clip(np.floor(first), 0, size - 1))
    stop = int(np.clip(np.ceil(last), start + 1, size))
    spread = max(SPREAD * (last - first), LEAST_SPREAD)
    from_middle = (np.arange(start, stop) + 0.5 - np.clip((first + last) / 2, start, stop)) / spread
    return slice(start, stop), np.exp(-0.5 * from_middle**2)


def _site(inside: NDArray[np.float64], weights: NDArray[np.float64], factors: NDArray[np.float64]) -> BoxSite | None:
    """Return the site of a box by the cells in it."""
    regions = np.maximum.reduceat(inside, FIRST_OF_REGION, axis=0)
    covered = (regions * weights).sum(axis=(1, 2))
    place = int(np.argmax(covered * factors))
    if covered[place] < LEAST_COVER:
        return None
    number = _number(inside, weights, place) if REGIONS[place] in NUMBERED else None
    return BoxSite(NamedBone(REGIONS[place], number), float(regions[place].mean()))


def _number(inside: NDArray[np.float64], weights: NDArray[np.float64], place: int) -> int | None:
    """Return the number of the bone of a region that covers most of a box, if it leads."""
    own = np.flatnonzero(OF_REGION[place])
    covers = (inside[own] * weights).sum(axis=(1, 2))
    second, first = np.argsort(covers)[-2:]
    return BONES[own[first]].number if covers[first] >= LEAST_LEAD * covers[second] else None
