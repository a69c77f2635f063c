"""The rough outline of what is bright on a scan, measured on blocks of its pixels: for `scan.quality`, in numpy alone.

It takes about a millisecond. `web/src/scan/outline.ts` computes the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.display import BODY_CUTS, MAX_GREY

Pixels = NDArray[np.uint8] | NDArray[np.float32]
Blocks = NDArray[np.float64]

MOST_BLOCKS = 256
"""Along the longer side."""

BODY_PART = 0.15
"""Part of the body's level above which a block is body: soft tissue of the legs has 0.2, scatter in the air 0.05."""

OUTSIDE = 0.005
"""Part of the body's blocks beyond each end of its extent: single blocks, letters in a corner."""

GRAIN_STEP = 4
"""Every fourth row is looked at for the grain."""

CAP = 1.5
"""Blocks count up to this many body levels for the centre, so that a full bladder weighs no more than bone."""

GAP_COLUMN = 0.2
"""Part of the body's height that is filled in a column between two bodies; arms and hands may reach into it."""

LEAST_SHARE = 0.15
"""Part of all brightness that each of two bodies has; an arm has 0.1."""

LEAST_HEIGHT = 0.7
"""Height of each of two bodies, part of both together."""

LEAST_FILLED = 0.85
"""Part of the rows of each of two bodies that are not empty; lines of text have gaps between them."""

GAP_ROW = 0.02
"""Part of the body's width that is filled in a row between two bodies."""

BETWEEN = (0.3, 0.7)
"""Parts of all brightness above a row between two stacked bodies."""

LEAST_WIDTH = 0.6
"""Width of each of two stacked bodies, part of both; legs have half the width of the trunk with its arms."""


@dataclass(frozen=True, eq=False)
class Outline:
    """What is bright, in blocks.

    Attributes:
        blocks: (rows, columns) mean of the pixels of each block.
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

    @property
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
        """Width of the body in the first row of the frame, part of its whole width."""
        return float(self.body[0].sum()) / self.width

    @property
    def bottom_cut(self) -> float:
        """The same in the last row."""
        return float(self.body[-1].sum()) / self.width

    @property
    def side_cut(self) -> float:
        """Brightness of the first or the last column of the frame, part of the brightest column's.

        A cut through the trunk is near its brightest column; arms and hands are far below it.
        """
        bright = self.body_blocks.sum(axis=0)
        return float(max(bright[0], bright[-1]) / bright.max())

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
    def empty_rows(self) -> float:
        """Part of the rows from the body's first to its last that hold none of it."""
        filled = self.body[self.rows[0] : self.rows[1] + 1].any(axis=1)
        return 1 - float(filled.mean())


def outline_of(pixels: Pixels, pixel_spacing_mm: tuple[float, float] | None = None) -> Outline | None:
    """Return the outline of what is bright on pixels (height, width); None if nothing is."""
    aspect = 1.0 if pixel_spacing_mm is None else pixel_spacing_mm[0] / pixel_spacing_mm[1]
    block_px = math.ceil(max(pixels.shape) / MOST_BLOCKS)
    return _outline_of_blocks(block_means(pixels, block_px), block_px, aspect)


def _outline_of_blocks(blocks: Blocks, block_px: int, aspect: float) -> Outline | None:
    level = _level(blocks)
    if level <= 0:
        return None
    body = blocks > BODY_PART * level
    rows, columns = _extent(body.sum(axis=1)), _extent(body.sum(axis=0))
    return Outline(blocks, body, level, block_px, rows, columns, aspect)


def block_means(pixels: Pixels, block_px: int) -> Blocks:
    """Return the means of square blocks; rows and columns that do not fill one are left out."""
    height, width = (side // block_px * block_px for side in pixels.shape)
    whole = pixels[:height, :width]
    kind = np.uint32 if pixels.dtype == np.uint8 else np.float64
    down = whole[::block_px].astype(kind)
    for shift in range(1, block_px):
        down += whole[shift::block_px]
    sums = down[:, ::block_px].astype(np.float64)
    for shift in range(1, block_px):
        sums += down[:, shift::block_px]
    return sums / block_px**2


def counts_by_grain(pixels: Pixels, outline: Outline) -> float:
    """Return how many counts a scan as grainy as this has, whatever its scale.

    Counts are distributed as Poisson's law has it: neighbours of even brightness differ, squared and halved, by as
    much as they have counts. Where grey levels differ by more, a count is more than a level. Smoothing hides the
    grain, and edges add to it, so that this is an order of magnitude; of noise it is a few thousand.
    """
    rows = pixels[::GRAIN_STEP].astype(np.float32)
    below = pixels[1::GRAIN_STEP].astype(np.float32)
    mean = float(rows.mean(dtype=np.float64))
    if mean <= 0:
        return math.inf
    across, down = rows[:, 1:] - rows[:, :-1], below - rows[: len(below)]
    grain = max(float(np.square(part).mean(dtype=np.float64)) for part in (across, down)) / 2 / mean
    total = float(outline.blocks.sum()) * outline.block_px**2
    return total / grain if grain > 0 else math.inf


def counts_in(pixels: Pixels) -> float | None:
    """Return the sum of pixels that are counts: floats without fractions; None for grey levels and other floats."""
    if pixels.dtype == np.uint8 or (pixels != np.rint(pixels)).any():
        return None
    return float(pixels.sum(dtype=np.float64))


def has_two_levels(pixels: Pixels) -> bool:
    """Return whether pixels have no more than two different values."""
    return bool(((pixels == pixels.min()) | (pixels == pixels.max())).all())


def saturated_part(pixels: Pixels, outline: Outline) -> float:
    """Return the part of the body that has the highest grey level of 8-bit pixels; 0 for counts."""
    if pixels.dtype != np.uint8:
        return 0.0
    return float(np.count_nonzero(pixels == MAX_GREY)) / (int(outline.body.sum()) * outline.block_px**2)


def bodies_beside(outline: Outline, least_elongation: float) -> int:
    """Return how many elongated bodies are beside each other with hardly anything between them."""
    bright = outline.body_blocks
    filled = outline.body.sum(axis=0) > GAP_COLUMN * outline.height
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    return sum(
        _is_body(outline, slice(first, end), bright[:, first:end].sum() / bright.sum(), least_elongation)
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    )


def is_stacked(outline: Outline) -> bool:
    """Return whether two bodies are one above the other, with a gap between them."""
    above = outline.body_blocks.sum(axis=1).cumsum()
    above /= above[-1]
    gaps = np.flatnonzero((outline.body.sum(axis=1) <= GAP_ROW * outline.width) & (above > BETWEEN[0]))
    if not len(gaps) or above[gaps[0]] >= BETWEEN[1]:
        return False
    parts = outline.body[: gaps[0]], outline.body[gaps[0] + 1 :]
    widths = [_extent(part.sum(axis=0)) for part in parts if part.any()]
    return len(widths) > 1 and all(last - first + 1 >= LEAST_WIDTH * outline.width for first, last in widths)


def is_body_when_inverted(outline: Outline, least_elongation: float) -> bool:
    """Return whether the dark part of a bright rectangle is an elongated body."""
    (top, bottom), (left, right) = outline.rows, outline.columns
    inner = outline.blocks[top : bottom + 1, left : right + 1]
    dark = _outline_of_blocks(inner.max() - inner, outline.block_px, outline.aspect)
    return dark is not None and dark.elongation > least_elongation and dark.frame_filled < 1 / 2


def _is_body(outline: Outline, columns: slice, share: float, least_elongation: float) -> bool:
    part = outline.body[:, columns]
    first, last = _extent(part.sum(axis=1))
    height = last - first + 1
    is_long = height * outline.aspect > least_elongation * part.shape[1] and height > LEAST_HEIGHT * outline.height
    return bool(share > LEAST_SHARE and is_long and part[first : last + 1].any(axis=1).mean() > LEAST_FILLED)


def _level(blocks: Blocks) -> float:
    """Return the body's level as `display.body_level` finds it, from blocks."""
    for cut in BODY_CUTS:
        blocks = np.minimum(blocks, cut * _self_weighted(blocks))
    return _self_weighted(blocks)


def _self_weighted(blocks: Blocks) -> float:
    total = float(blocks.sum())
    return float(np.square(blocks).sum()) / total if total > 0 else 0.0


def _extent(numbers: NDArray[np.int64]) -> tuple[int, int]:
    """Return the first and the last place of numbers of blocks, without the outermost OUTSIDE of them."""
    above = numbers.cumsum()
    first = int(above.searchsorted(OUTSIDE * above[-1], side="right"))
    return first, int(above.searchsorted((1 - OUTSIDE) * above[-1], side="left"))


def _centre(bright: Blocks, places: tuple[int, int]) -> float:
    middle = float(np.arange(len(bright)) @ bright) / float(bright.sum())
    return (middle + 1 / 2 - places[0]) / (places[1] - places[0] + 1)
