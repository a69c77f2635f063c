"""Which hot spots flow together: a reader sees two where the brightness dips between them, and draws two boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.camera import Image, Patch

Mask = NDArray[np.bool_]

REACH_PX = 2
"""Regions no further apart than this may flow together; beyond it, readers' boxes are apart whatever lies between."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A visible hot spot: its own expected counts, and the pixels of the patch in which it is seen; equal to itself."""

    name: str
    patch: Patch
    region: Mask


@dataclass(frozen=True)
class Summit:
    """The brightest pixel of a visible hot spot, everything counted, and the rows and columns its region spans."""

    row: int
    column: int
    counts: float
    rows: tuple[int, int]
    columns: tuple[int, int]


def groups(seen: Sequence[Seen], expected: Image, deepest_dip: float) -> list[list[Seen]]:
    """Return the hot spots that share a box, in their order.

    Args:
        seen: visible hot spots of one class in one view.
        expected: (H, W), the noise-free counts of everything.
        deepest_dip: two spots are one if the counts between their brightest pixels nowhere fall below this part of the
            fainter one's.
    """
    summits = [_summit(one, expected) for one in seen]
    group = list(range(len(seen)))
    for first, second in _near(summits):
        if group[first] != group[second] and _dip(summits[first], summits[second], expected) >= deepest_dip:
            old, new = sorted((group[first], group[second]), reverse=True)
            group = [new if number == old else number for number in group]
    return [[one for one, own in zip(seen, group, strict=True) if own == number] for number in sorted(set(group))]


def outshone(one: Seen, others: Sequence[Seen], expected: Image, deepest_dip: float) -> bool:
    """Return whether a spot flows into one of `others`, of another class, with more counts of its own.

    A reader takes it for part of that: a lesion behind the bladder is not seen.
    """
    own = [_summit(one, expected), *(_summit(other, expected) for other in others)]
    brighter = {number for number, other in enumerate(others, 1) if other.patch.pixels.max() > one.patch.pixels.max()}
    return any(
        first == 0 and second in brighter and _dip(own[0], own[second], expected) >= deepest_dip
        for first, second in _near(own)
    )


def owned(group: Sequence[Seen], others: Sequence[Seen], shape: tuple[int, int]) -> Mask:
    """Return the pixels of a group, (H, W): where several spots are seen, the one with the most own counts has them."""
    mask = np.zeros(shape, dtype=bool)
    strongest: Image = np.zeros(shape, np.float32)
    for one in group:
        mask[one.patch.slices] |= one.region
        _raise(strongest, one)
    rival: Image = np.zeros(shape, np.float32)
    for other in others:
        _raise(rival, other)
    return np.asarray(mask & (strongest >= rival))


def _raise(strongest: Image, one: Seen) -> None:
    """Raise the pixels of `strongest` inside the spot's region to its own counts."""
    part = strongest[one.patch.slices]
    np.maximum(part, np.where(one.region, one.patch.pixels, 0.0), out=part, casting="same_kind")


def _summit(one: Seen, expected: Image) -> Summit:
    """Return where a spot is brightest."""
    counts = np.where(one.region, expected[one.patch.slices], 0.0)
    row, column = np.unravel_index(int(np.argmax(counts)), counts.shape)
    rows, columns = np.flatnonzero(one.region.any(axis=1)), np.flatnonzero(one.region.any(axis=0))
    top, left = one.patch.row, one.patch.column
    return Summit(
        row=top + int(row),
        column=left + int(column),
        counts=float(counts[row, column]),
        rows=(top + int(rows[0]), top + int(rows[-1])),
        columns=(left + int(columns[0]), left + int(columns[-1])),
    )


def _near(summits: Sequence[Summit]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of spots whose regions' bounds lie within REACH_PX of each other."""
    for second, other in enumerate(summits):
        for first, one in enumerate(summits[:second]):
            if _gap(one.rows, other.rows) <= REACH_PX and _gap(one.columns, other.columns) <= REACH_PX:
                yield first, second


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Return how many pixels lie between two spans, first and last pixel each; below 0 they overlap."""
    return max(one[0], other[0]) - min(one[1], other[1]) - 1


def _dip(one: Summit, other: Summit, expected: Image) -> float:
    """Return the least counts on the straight line between two summits, as a part of the lower one's."""
    steps = 2 * max(abs(one.row - other.row), abs(one.column - other.column)) + 1
    rows = np.linspace(one.row, other.row, steps, dtype=np.float32)
    columns = np.linspace(one.column, other.column, steps, dtype=np.float32)
    line = cv2.remap(expected, columns[None], rows[None], cv2.INTER_LINEAR)
    return float(line.min()) / max(min(one.counts, other.counts), 1e-6)
