"""Smoothing and connected regions of a few hundred pixels, in numpy alone: reading scans needs no scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

KERNEL_REACH = 3.0
"""Standard deviations at which a Gaussian is cut off."""


def smooth(pixels: NDArray[Any], sigma_px: float) -> NDArray[np.float32]:
    """Return pixels (height, width) blurred by a Gaussian as float32; edges are continued by their own pixels."""
    reach = int(np.ceil(KERNEL_REACH * sigma_px))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_px) ** 2)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    height, width = pixels.shape
    padded = np.pad(pixels.astype(np.float32), reach, mode="edge")
    rows = sum(weight * padded[shift : shift + height] for shift, weight in enumerate(kernel))
    blurred: NDArray[np.float32] = sum(weight * rows[:, shift : shift + width] for shift, weight in enumerate(kernel))
    return blurred


def dilate(mask: Mask, diagonal: bool = True) -> Mask:
    """Return a mask (height, width) grown by a pixel: to all 8 neighbours, or to the 4 that share a side."""
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), dtype=bool)  # on so few pixels np.pad takes many times as long
    padded[1:-1, 1:-1] = mask
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    if diagonal:
        return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    return rows[:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]


def grow(mask: Mask, distance_px: int) -> Mask:
    """Return a mask (height, width) grown by whole pixels to all sides and corners, cut at its frame."""
    for _ in range(distance_px):
        mask = dilate(mask)
    return mask


def connected(seed: Mask, region: Mask, diagonal: bool = True) -> Mask:
    """Return the pixels of a region that are connected, within it, to a pixel of the seed."""
    reached = seed & region
    while True:
        further = dilate(reached, diagonal) & region
        if (further == reached).all():
            return reached
        reached = further


def fill_holes(mask: Mask) -> Mask:
    """Return a mask with what it encloses: pixels outside it that no path over shared sides leads out of."""
    outside = np.pad(~mask, 1, constant_values=True)
    border = np.zeros_like(outside)
    border[0] = True
    filled: Mask = ~connected(border, outside, diagonal=False)[1:-1, 1:-1]
    return filled


def label_regions(mask: Mask, diagonal: bool = True) -> NDArray[np.int64]:
    """Return the number of the connected region that each pixel of a mask (height, width) is in; 0 outside of it.

    Pixels are connected over sides and, if `diagonal`, corners. Numbers are above 0 and have gaps. Runs of pixels in a
    row are joined with those they touch in the next one, by the lowest number, until nothing changes.
    """
    height, width = mask.shape
    edges = np.zeros((height, width + 2), dtype=np.int8)
    edges[:, 1:-1] = mask
    edges = np.diff(edges, axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    reach, stride = int(diagonal), width + 3  # so long a stride that no reach leads into another row
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts - reach, side="right")
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends + reach, side="left")
    touching = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(rows)), touching)
    below = np.arange(len(above)) - np.repeat(np.cumsum(touching) - touching, touching) + np.repeat(first, touching)
    numbers = np.arange(len(rows))
    while True:
        lowest = np.minimum(numbers[above], numbers[below])
        joined = numbers.copy()
        np.minimum.at(joined, numbers[above], lowest)
        np.minimum.at(joined, numbers[below], lowest)
        joined = joined[joined]
        if (joined == numbers).all():
            break
        numbers = joined
    labels = np.zeros(mask.shape, dtype=np.int64)
    labels[mask] = np.repeat(numbers + 1, ends - starts)
    return labels
