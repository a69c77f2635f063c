"""How bright the surroundings of boxes and masks are: the ring around a mask, and what stands out from its ring.

- `ring`: the pixels around a mask; measured hot spots and the simulator's labels are compared with those.
- `contrasts`: the mean of boxes over the mean of their rings. Sums over rectangles come from one summed-area table per
  scan (Crow, Summed-area tables for texture mapping, 1984), so hundreds of boxes cost no more than the table.
- `peak_contrast`: the peak of a box over a quantile of its ring.

What would be inside a box without its hot spot is another question: see `measure.outlines.background`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.scan.morphology import Mask, grow

RING_PX = 5
"""Surroundings of a box: as far as this around it, cut at the edge of the scan. A box is already a little wider than
its hot spot, so they begin at its edge."""

OUTLINE_GAP_PX, OUTLINE_RING_PX = 2, 6
"""Surroundings of an outline: they begin outside the blurred edge of the hot spot, 2 px from it, and end 6 px from it.
An outline ends within that edge, at a part of the peak; a box does not."""

FLOOR_GREY = 1.0
"""In grey levels, added to both means or taken for the least quantile: beside empty air a contrast has no bound."""


def ring(mask: Mask, gap_px: int, reach_px: int) -> Mask:
    """Return the pixels further than `gap_px` from a mask and at most `reach_px` away, in its frame (height, width).

    Distances count steps to any of 8 neighbours, so that the ring of a rectangle is bounded by rectangles.
    """
    near = grow(mask, gap_px)
    return grow(near, reach_px - gap_px) & ~near


def peak_contrast(
    pixels: NDArray[np.float32], box: tuple[int, int, int, int], taken: Mask, quantile: float
) -> float | None:
    """Return the peak of a box over a quantile of its surroundings: 0.5 for all of them, a high one for the bright.

    Args:
        pixels: (height, width) grey levels, smoothed so that the brightest pixel of a spot is its peak.
        box: x1, y1, x2, y2 in whole pixels, the last column and row exclusive.
        taken: (height, width) pixels in any box: they do not count as surroundings.
        quantile: 0 to 1.

    Returns:
        The ratio, with the surroundings counted as at least 1 grey level; None where other boxes cover them all.
    """
    x1, y1, x2, y2 = box
    place = slice(max(0, y1 - RING_PX), y2 + RING_PX), slice(max(0, x1 - RING_PX), x2 + RING_PX)
    around = pixels[place][~taken[place]]
    if not around.size:
        return None
    return float(pixels[y1:y2, x1:x2].max()) / max(FLOOR_GREY, float(np.quantile(around, quantile)))


def contrasts(grey: NDArray[np.uint8], boxes: Boxes) -> NDArray[np.float32]:
    """Return the contrast of each box with its surroundings, (N,); 1 where it does not stand out.

    Args:
        grey: (height, width) display grey levels.
        boxes: (N, 4) in pixels; each counts the whole pixels that it touches, at least one.
    """
    height, width = grey.shape
    table = np.zeros((height + 1, width + 1), np.int64)
    np.cumsum(np.cumsum(grey, axis=0, dtype=np.int64), axis=1, out=table[1:, 1:])
    left, top = (
        np.floor(boxes[:, axis]).astype(np.int64).clip(0, side - 1) for axis, side in ((0, width), (1, height))
    )
    right, bottom = (np.ceil(boxes[:, axis]).astype(np.int64).clip(1, side) for axis, side in ((2, width), (3, height)))
    inner = (left, top, np.maximum(right, left + 1), np.maximum(bottom, top + 1))
    outer = (
        np.maximum(left - RING_PX, 0),
        np.maximum(top - RING_PX, 0),
        np.minimum(inner[2] + RING_PX, width),
        np.minimum(inner[3] + RING_PX, height),
    )
    hot, hot_pixels = _sum(table, *inner)
    whole, whole_pixels = _sum(table, *outer)
    around = (whole - hot) / np.maximum(whole_pixels - hot_pixels, 1)
    return ((hot / hot_pixels + FLOOR_GREY) / (around + FLOOR_GREY)).astype(np.float32)


def _sum(
    table: NDArray[np.int64],
    left: NDArray[np.int64],
    top: NDArray[np.int64],
    right: NDArray[np.int64],
    bottom: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the sum of the grey levels in each rectangle, and its number of pixels."""
    total = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
    return total, (right - left) * (bottom - top)
