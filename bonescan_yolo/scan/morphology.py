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
