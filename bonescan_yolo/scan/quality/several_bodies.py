"""Whether the outline of what is bright on a scan is that of several bodies: views side by side, panels, stacks.

`web/src/scan/several-bodies.ts` computes the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.quality.block_outline import BlockOutline, extent

GAP_COLUMN = 0.12
"""Part of the body's height that is filled in a column between two bodies; arms and hands may reach into it."""

VALLEY = 0.6
"""The same where the arms of two bodies touch, part of the fuller column of the less full body."""

LEAST_PAIR = 1.45
"""Elongation of two bodies beside each other whose arms touch; two lungs have 1.1 to 1.4."""

MIDDLE = (0.4, 0.6)
"""Parts of the width of two bodies that touch, between which they do."""

LEAST_PART = 2.2
"""Elongation of each of two bodies that do not touch; a lung has 2."""

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

LEAST_LIKE = 0.75
"""Height of the lesser of two stacked bodies, part of the other's; rows that a camera lost cut a body elsewhere."""

LEAST_WIDTH = 0.75
"""Width of each of two stacked bodies, part of both; legs have half the width of the trunk with its arms."""

OUTSIDE_PART = 0.02
"""Part of one body's blocks beyond each end of its extent: letters, lines of a frame."""


def bodies_beside(outline: BlockOutline) -> int:
    """Return how many elongated bodies are beside each other with hardly anything between them."""
    bright = outline.body_blocks
    filled = outline.body.sum(axis=0) > GAP_COLUMN * outline.height
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    return sum(
        _is_body(outline, slice(first, end), bright[:, first:end].sum() / bright.sum())
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    )


def is_pair(outline: BlockOutline) -> bool:
    """Return whether something has two long halves beside each other that hardly touch."""
    filled = outline.body[:, outline.columns[0] : outline.columns[1] + 1].sum(axis=0)
    first, end = (int(part * outline.width) for part in MIDDLE)
    if first >= end or not first or outline.elongation < LEAST_PAIR:
        return False
    peak = min(int(filled[:first].max()), int(filled[end:].max()))
    return bool(filled[first:end].min() < VALLEY * peak and peak > LEAST_HEIGHT * outline.height)


def is_stacked(outline: BlockOutline) -> bool:
    """Return whether two bodies are one above the other, with a gap between them."""
    above = outline.body_blocks.sum(axis=1).cumsum()
    above /= above[-1]
    gaps = np.flatnonzero((outline.body.sum(axis=1) <= GAP_ROW * outline.width) & (above > BETWEEN[0]))
    if not len(gaps) or above[gaps[0]] >= BETWEEN[1]:
        return False
    parts = outline.body[: gaps[0]], outline.body[gaps[0] + 1 :]
    if not all(part.any() for part in parts):
        return False
    heights = [last - first + 1 for first, last in (extent(part.sum(axis=1), OUTSIDE_PART) for part in parts)]
    if min(heights) < LEAST_LIKE * max(heights):
        return False
    return all(_is_wide(part, LEAST_WIDTH * outline.width) for part in parts)


def _is_body(outline: BlockOutline, columns: slice, share: float) -> bool:
    part = outline.body[:, columns]
    first, last = extent(part.sum(axis=1), OUTSIDE_PART)
    height = last - first + 1
    is_long = height * outline.aspect > LEAST_PART * part.shape[1] and height > LEAST_HEIGHT * outline.height
    return bool(share > LEAST_SHARE and is_long and part[first : last + 1].any(axis=1).mean() > LEAST_FILLED)


def _is_wide(part: NDArray[np.bool_], least_width: float) -> bool:
    """Return whether a part of the frame holds something wide without gaps."""
    left, right = extent(part.sum(axis=0))
    top, bottom = extent(part.sum(axis=1), OUTSIDE_PART)
    return right - left + 1 >= least_width and float(part[top : bottom + 1].any(axis=1).mean()) > LEAST_FILLED
