"""The rough outline of what is bright on a scan, measured on blocks of its pixels: for `scan.quality`, in numpy alone.

It takes about a millisecond. `web/src/scan/block-outline.ts` computes the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.display import BODY_CUTS

Pixels = NDArray[np.uint8] | NDArray[np.float32]
Blocks = NDArray[np.float64]

MOST_BLOCKS = 256
"""Along the longer side."""

AIR_PART = 0.1
"""Part of the blocks that are darker than the air is taken to be: it need not be black."""

BODY_PART = 0.15
"""Part of the body's level above which a block is body: soft tissue of the legs has 0.2, scatter in the air 0.05."""

OUTSIDE = 0.005
"""Part of the body's blocks beyond each end of its extent: single blocks, letters in a corner."""

FRAME_LINE, BESIDE_LINE = 0.9, 0.1
"""Part of an edge of the picture that is bright, and of what is next to it, where a line frames the picture."""

LEAST_MIDDLE = 0.25
"""Part of the middle third of a bright rectangle that a dark body in it fills; 0.5 on scans in a black frame."""

CAP = 1.5
"""Blocks count up to this many body levels for the centre, so that a full bladder weighs no more than bone."""


@dataclass(frozen=True, eq=False)
class BlockOutline:
    """What is bright, in blocks.

    Attributes:
        blocks: (rows, columns) mean of the pixels of each block, above the air's.
        body: which of them are brighter than air.
        level: brightness of the body.
        block_px: pixels along the side of a block.
        rows: first and last row of the body.
        columns: first and last column of the body.
        aspect: height of a pixel over its width.
    """

    blocks: Blocks
    body: NDArray[np.bool_]
    level: float
    block_px: int
    rows: tuple[int, int]
    columns: tuple[int, int]
    aspect: float

    @cached_property
    def body_blocks(self) -> Blocks:
        """The blocks of the body, none brighter than CAP levels, and 0 elsewhere."""
        return np.minimum(self.blocks, CAP * self.level) * self.body

    @property
    def height(self) -> int:
        """Rows of the body."""
        return self.rows[1] - self.rows[0] + 1

    @property
    def width(self) -> int:
        """Columns of the body."""
        return self.columns[1] - self.columns[0] + 1

    @property
    def elongation(self) -> float:
        """Height over width, of the patient if the pixels' spacing is known."""
        return self.height * self.aspect / self.width

    @property
    def centre(self) -> float:
        """Centre of brightness, from the first row of the body (0) to the last (1)."""
        return _centre(self.body_blocks.sum(axis=1), self.rows)

    @property
    def centre_across(self) -> float:
        """The same from the body's left to its right."""
        return _centre(self.body_blocks.sum(axis=0), self.columns)

    @property
    def air(self) -> float:
        """Part of the frame that is not body."""
        return 1 - float(self.body.mean())

    @property
    def top_cut(self) -> float:
        """Width of the body in the first two rows of the frame, the lesser, part of its whole width.

        The line of a frame is in one of them only.
        """
        return float(self.body[:2].sum(axis=1).min()) / self.width

    @property
    def bottom_cut(self) -> float:
        """The same in the last two rows."""
        return float(self.body[-2:].sum(axis=1).min()) / self.width

    @property
    def side_cut(self) -> float:
        """Brightness of the first or the last two columns of the frame, the lesser, part of the brightest column's.

        A cut through the trunk is near its brightest column; arms and hands are far below it.
        """
        bright = self.body_blocks.sum(axis=0)
        return float(max(bright[:2].min(), bright[-2:].min()) / bright.max())

    @property
    def both_sides(self) -> float:
        """Part of the rows that are body at the left edge of the frame, or at the right if that is less."""
        return float(min(self.body[:, 0].mean(), self.body[:, -1].mean()))

    @property
    def frame_filled(self) -> float:
        """The least of the four sides of the body's own extent that is filled: 1 for a rectangle."""
        inner = self.body[self.rows[0] : self.rows[1] + 1, self.columns[0] : self.columns[1] + 1]
        return float(min(side.mean() for side in (inner[0], inner[-1], inner[:, 0], inner[:, -1])))

    @property
    def taper(self) -> float:
        """Blocks of the upper third of the body, part of those of the lower third; infinite if that has none.

        Unlike the centre of brightness, it does not depend on how hot knees and feet are.
        """
        inner = self.body[self.rows[0] : self.rows[1] + 1]
        third = len(inner) // 3
        below = int(inner[len(inner) - third :].sum())
        return int(inner[:third].sum()) / below if below else math.inf

    @property
    def changes(self) -> float:
        """How far brightness goes up and down from row to row in all, in parts of the brightest row's."""
        bright = self.body_blocks[self.rows[0] : self.rows[1] + 1].sum(axis=1)
        return float(np.abs(np.diff(bright)).sum() / bright.max())

    @property
    def empty_rows(self) -> float:
        """Part of the rows from the body's first to its last that hold none of it."""
        filled = self.body[self.rows[0] : self.rows[1] + 1].any(axis=1)
        return 1 - float(filled.mean())


def outline_of(pixels: Pixels, pixel_spacing_mm: tuple[float, float] | None = None) -> BlockOutline | None:
    """Return the outline of what is bright on pixels (height, width); None if nothing is."""
    aspect = 1.0 if pixel_spacing_mm is None else pixel_spacing_mm[0] / pixel_spacing_mm[1]
    block_px = min(math.ceil(max(pixels.shape) / MOST_BLOCKS), *pixels.shape)  # a strip is one block wide
    return _outline_of_blocks(block_means(pixels, block_px), block_px, aspect)


def _outline_of_blocks(means: Blocks, block_px: int, aspect: float) -> BlockOutline | None:
    blocks = np.maximum(means - _air_of(means), 0)
    level = _level(blocks)
    if level <= 0:
        return None
    body = blocks > BODY_PART * level
    _remove_frame(body)
    if not body.any():
        return None
    rows, columns = extent(body.sum(axis=1)), extent(body.sum(axis=0))
    return BlockOutline(blocks, body, level, block_px, rows, columns, aspect)


def _air_of(means: Blocks) -> float:
    """Return the level below which a part of the blocks is, AIR_PART."""
    place = int(means.size * AIR_PART)
    lowest = float(means.min())
    if np.count_nonzero(means == lowest) > place:  # black air, as most pictures have: no need to sort
        return lowest
    return float(np.partition(means.ravel(), place)[place])


def block_means(pixels: Pixels, block_px: int) -> Blocks:
    """Return the means of square blocks; rows and columns that do not fill one are left out."""
    height, width = (side // block_px * block_px for side in pixels.shape)
    whole = pixels[:height, :width]
    down: NDArray[Any] = whole[::block_px].astype(np.uint32 if pixels.dtype == np.uint8 else np.float64)
    for shift in range(1, block_px):
        down += whole[shift::block_px]
    sums = down[:, ::block_px].astype(np.float64)
    for shift in range(1, block_px):
        sums += down[:, shift::block_px]
    return sums / block_px**2


def is_body_when_inverted(outline: BlockOutline, least_elongation: float) -> bool:
    """Return whether the dark part of a bright rectangle is an elongated body."""
    (top, bottom), (left, right) = outline.rows, outline.columns
    inner = outline.blocks[top : bottom + 1, left : right + 1]
    dark = _outline_of_blocks(inner.max() - inner, outline.block_px, outline.aspect)
    if dark is None or dark.elongation <= least_elongation or dark.frame_filled >= 1 / 2:
        return False
    third = dark.body.shape[1] // 3
    return float(dark.body[:, third : dark.body.shape[1] - third].mean()) > LEAST_MIDDLE


def _level(blocks: Blocks) -> float:
    """Return the body's level as `display.body_level` finds it, from blocks."""
    for cut in BODY_CUTS:
        blocks = np.minimum(blocks, cut * _self_weighted(blocks))
    return _self_weighted(blocks)


def _self_weighted(blocks: Blocks) -> float:
    total = float(blocks.sum())
    return float(np.square(blocks).sum()) / total if total > 0 else 0.0


def _remove_frame(body: NDArray[np.bool_]) -> None:
    """Take lines along the edges of the picture out of a body."""
    for turned in (body, body[::-1], body.T, body.T[::-1]):
        if turned[0].mean() > FRAME_LINE and turned[1].mean() < BESIDE_LINE:
            turned[0] = False


def extent(numbers: NDArray[np.int64], outside: float = OUTSIDE) -> tuple[int, int]:
    """Return the first and the last place of numbers of blocks, without a part of them at each end."""
    above = numbers.cumsum()
    first = int(above.searchsorted(outside * above[-1], side="right"))
    return first, int(above.searchsorted((1 - outside) * above[-1], side="left"))


def _centre(bright: Blocks, places: tuple[int, int]) -> float:
    middle = float(np.arange(len(bright)) @ bright) / float(bright.sum())
    return (middle + 1 / 2 - places[0]) / (places[1] - places[0] + 1)
