"""From counts to display grey levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REFERENCE_PERCENTILE = 99.0
"""Per cent of a scan's pixels that lie below its brighter bone; the body covers 14 to 21 % of the frame."""

REFERENCE_GREY = 40.0
"""Grey level of that percentile: median over 22 scans of BS-80K (range 28 to 59), measured on their 8-bit pixels."""

MAX_GREY = 255


def to_grey(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return pixels as display grey levels, as BS-80K shows scans.

    8-bit pixels are display levels already and come back as they are. Counts are scaled linearly so that their
    99th percentile takes grey level 40, as in BS-80K, and what is hotter than 255 saturates (most often the
    bladder, as on a workstation). An empty scan stays 0.

    Args:
        pixels: (height, width), uint8 grey levels or float32 counts >= 0.

    Returns:
        (height, width) uint8.
    """
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    reference = float(np.percentile(pixels, REFERENCE_PERCENTILE))
    if reference <= 0:
        reference = float(pixels.max()) or 1.0
    with np.errstate(over="ignore"):  # infinitely hotter than the reference is saturated too
        scaled = np.rint(pixels / np.float32(reference) * np.float32(REFERENCE_GREY))
    return np.minimum(scaled, MAX_GREY).astype(np.uint8)
