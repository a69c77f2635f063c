"""Which hot spots share a box: readers draw two where the brightness dips between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.camera import Image, Patch
from bonescan_yolo.regions.region_names import NamedBone

Mask = NDArray[np.bool_]

Box = tuple[int, int, int, int]
"""x1, y1, x2, y2, whole pixels, the last column and row exclusive."""

Pixel = tuple[int, int]
"""Row and column."""

LEAST_BRIGHTNESS = 1e-6
"""Counts; keeps a quotient finite where there are none."""

REACH_PX = 2
"""Regions no further apart than this may share a box; beyond it, readers draw two however bright it is between them."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A visible hot spot; equal only to itself.

    Attributes:
        name: that of its `Spot`.
        patch: its own expected counts.
        region: (height, width) of the patch: the pixels in which it is seen.
        bones: that it is in.
    """

    name: str
    patch: Patch
    region: Mask
    bones: tuple[NamedBone, ...] = ()

    @cached_property
    def box(self) -> Box:
        """The box of its region."""
        x, y, width, height = cv2.boundingRect(self.region.astype(np.uint8))
        left, top = self.patch.column + x, self.patch.row + y
        return left, top, left + width, top + height

    @cached_property
    def peak(self) -> float:
        """Its own counts in its brightest pixel."""
        return float(self.patch.pixels.max())

    def summit(self, expected: Image) -> Pixel:
        """Return the brightest pixel of its region, with the counts of everything."""
        counts = np.where(self.region, expected[self.patch.slices], 0.0)
        row, column = np.unravel_index(int(np.argmax(counts)), counts.shape)
        return self.patch.row + int(row), self.patch.column + int(column)


def groups(seen: Sequence[Seen], expected: Image, deepest_dip: float, most_side_px: float) -> list[list[Seen]]:
    """Return the hot spots that share a box, in their order.

    Args:
        seen: visible hot spots of one class in one view.
        expected: (H, W), the noise-free counts of everything.
        deepest_dip: two spots are one if the counts between their brightest pixels stay above this part of those of
            the fainter one.
        most_side_px: readers draw several boxes rather than one with a longer side, unless it is one hot spot's.
    """
    group = list(range(len(seen)))
    extent = [one.box for one in seen]  # of each group, at its number
    for first, second in combinations(range(len(seen)), 2):
        old, new = sorted((group[first], group[second]), reverse=True)
        both = around(extent[old], extent[new])
        too_long = max(both[2] - both[0], both[3] - both[1]) > most_side_px
        if old == new or (too_long and seen[first].patch is not seen[second].patch):
            continue
        if flow_together(seen[first], seen[second], expected, deepest_dip):
            group = [new if number == old else number for number in group]
            extent[new] = both
    return [[one for one, own in zip(seen, group, strict=True) if own == number] for number in sorted(set(group))]


def outshone(one: Seen, others: Sequence[Seen], expected: Image, deepest_dip: float) -> bool:
    """Return whether a spot runs into one of `others`, of another class, that has more counts of its own.

    Readers take it for a part of that one: a lesion behind the bladder is not seen.
    """
    return any(other.peak > one.peak and flow_together(one, other, expected, deepest_dip) for other in others)


def flow_together(one: Seen, other: Seen, expected: Image, deepest_dip: float) -> bool:
    """Return whether two spots are within reach of each other and show no dip between them."""
    if apart(one.box, other.box) > REACH_PX:
        return False
    return dip(expected, one.summit(expected), other.summit(expected)) >= deepest_dip


def parts(grouped: Sequence[Sequence[Seen]], shape: tuple[int, int]) -> Iterator[Mask]:
    """Yield each group's pixels, (H, W); a pixel of several spots is that of the one with most counts of its own."""
    strongest = _strongest([one for group in grouped for one in group], shape)
    for group in grouped:
        seen = np.zeros(shape, dtype=bool)
        for one in group:
            seen[one.patch.slices] |= one.region
        yield np.asarray(seen & (_strongest(group, shape) >= strongest))


def _strongest(seen: Sequence[Seen], shape: tuple[int, int]) -> Image:
    """Return the counts of the strongest spot in each pixel, (H, W); 0 outside all regions."""
    most: Image = np.zeros(shape, np.float32)
    for one in seen:
        part = most[one.patch.slices]
        np.maximum(part, np.where(one.region, one.patch.pixels, 0.0), out=part, casting="same_kind")
    return most


def around(one: Box, other: Box) -> Box:
    """Return the smallest box that holds two."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def apart(one: Box, other: Box) -> int:
    """Return the pixels between two boxes on the axis where they are further apart; below 0 if they overlap."""
    columns = max(one[0], other[0]) - min(one[2], other[2])
    rows = max(one[1], other[1]) - min(one[3], other[3])
    return max(columns, rows)


def dip(image: Image, one: Pixel, other: Pixel) -> float:
    """Return the least brightness on the straight line between two pixels, over that of the fainter one."""
    steps = 2 * max(abs(one[0] - other[0]), abs(one[1] - other[1])) + 1
    rows = np.linspace(one[0], other[0], steps, dtype=np.float32)
    columns = np.linspace(one[1], other[1], steps, dtype=np.float32)
    line = cv2.remap(image, columns[None], rows[None], cv2.INTER_LINEAR)
    return float(line.min()) / max(min(float(image[one]), float(image[other])), LEAST_BRIGHTNESS)
