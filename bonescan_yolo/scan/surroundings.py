"""How much a box stands out: its mean over the mean of a ring around it.

Sums over rectangles come from one summed-area table a scan (Crow, Summed-area tables for texture mapping, 1984), so
hundreds of boxes cost no more than the table.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes

RING_PX = 5
"""Surroundings: as far as this around a box, cut at the edge of the scan."""

FLOOR_GREY = 1.0
"""Added to both means, in grey levels: beside empty air a contrast would have no bound."""


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
