"""Grey levels that wrapped past 255: how they are found and fixed.

Some scans were stored modulo 256: where the true level passes 255 inside a very hot spot, the stored one starts
again at 0, which leaves a bright rim around a dark, ringed core. A camera's blur makes levels change gradually, so
a dark pit that a bright rim encloses, within two pixels of it, cannot be uptake. The search:

1. pits: connected pixels below a level, enclosed by pixels at or above it, for a few levels;
2. the pit is deep and its wall steep (`MIN_STEP` within `WALL_PIXELS`), as JPEG smears a jump of 256 over two pixels;
3. the rim is not on a plateau at 255: an image that saturates does not wrap;
4. once a hot spot is known to have wrapped, its shallower pits (`MIN_SHALLOW_STEP`) count too: where the uptake is
   steep, JPEG leaves little of a jump of 256.

The fix sets everything inside the rim to 255, the largest level of an 8-bit image: the true level was above it.

Measured on simulated hot spots (peaks of 320 to 1000, JPEG quality 85 and 92, Poisson noise with a standard deviation
of 22 at level 255): with a sigma of 3 pixels or more 190 of 192 were found, and the fix cut the mean error over
their wrapped pixels to less than a quarter in each, to nothing in most; with a sigma of 2, about what a camera
resolves at best, 51 of 64 were found. Of 200 images with saturated hot spots at that noise or half its variance none
was taken for wrapped; of 100 at twice its variance 11 were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]
Mask = NDArray[np.bool_]

RIM_LEVELS: Final = (224, 192, 160, 128)
"""Levels a rim is looked for at. The steeper the uptake, the lower the last pixel before it wraps."""

SHALLOW_RIM_LEVELS: Final = (*RIM_LEVELS, 104)
"""As `RIM_LEVELS`, for the other pits of a hot spot that is known to have wrapped."""

MIN_STEP: Final = 140
"""Grey levels between the darkest of a pit and its rim, more than camera blur (FWHM of 4 pixels or more) allows."""

MAX_PIT_LEVEL: Final = 90
"""A pit reaches below this level: wrapped levels begin at 0 and JPEG lifts them some; a dip of count noise in a
bright region (standard deviation 20 to 30 at 220 in an ordinary scan) stays above."""

MIN_SHALLOW_STEP: Final = 100
"""As `MIN_STEP`, for the other pits of a hot spot that is known to have wrapped."""

WALL_PIXELS: Final = 2
"""Largest distance of the rim from the pit, in pixels."""

PLATEAU_LEVEL: Final = 251
"""Level from which a pixel counts as saturated, a little below 255 for JPEG's sake."""

CORE_GROWTH_PIXELS: Final = 3
"""How far from a deep pit the shallow ones of the same core are looked for."""

CORE_CLOSING_PIXELS: Final = 7
"""Gap between pits of one core that is closed: where the uptake is steep a core is pits and peaks in turn."""


@dataclass(frozen=True)
class Wraparound:
    """Hot spots that wrapped.

    Attributes:
        regions: How many.
        core: Where the grey level should have been above 255, bool of the image's shape.
    """

    regions: int
    core: Mask


def find_wraparound(image: GreyImage) -> Wraparound:
    """Find hot spots whose grey levels wrapped past 255.

    Args:
        image: uint8 `(height, width)`, hot is bright.
    """
    core = np.zeros(image.shape, dtype=bool)
    rows, columns = np.nonzero(image >= RIM_LEVELS[-1])
    if len(rows) == 0 or image.max() < MIN_STEP:
        return Wraparound(0, core)
    window = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    part = np.pad(image[window], 1)
    deep = _pits(part, RIM_LEVELS, MIN_STEP, MAX_PIT_LEVEL)
    if not deep.any():
        return Wraparound(0, core)
    shallow = _pits(part, SHALLOW_RIM_LEVELS, MIN_SHALLOW_STEP, 255)
    found = _cores(deep | (shallow & _near(_cores(deep), CORE_GROWTH_PIXELS)))
    core[window] = found[1:-1, 1:-1]
    count, _ = cv2.connectedComponents(_near(core, CORE_GROWTH_PIXELS).astype(np.uint8), connectivity=8)
    return Wraparound(count - 1, core)


def fix_wraparound(image: GreyImage, wraparound: Wraparound) -> GreyImage:
    """Return a copy of the image with the cores at 255, the true level (256 more, or 512, ...) clipped."""
    return np.where(wraparound.core, np.uint8(255), image)


def _pits(image: GreyImage, rim_levels: tuple[int, ...], min_step: int, max_level: int) -> Mask:
    """Return the pits with a wall of `min_step` that reach down to `max_level`, over all rim levels."""
    reach = np.ones((2 * WALL_PIXELS + 1, 2 * WALL_PIXELS + 1), dtype=np.uint8)
    brightest_near = cv2.dilate(image, reach)
    step = brightest_near.astype(np.int16) - image
    pits = np.zeros(image.shape, dtype=bool)
    for level in rim_levels:
        below = (image < level).astype(np.uint8)
        _, labels = cv2.connectedComponents(below, connectivity=4)
        outside = labels[0, 0]
        steep = (step >= min_step) & (image <= max_level) & (brightest_near >= level)
        for label in set(np.unique(labels[steep]).tolist()) - {int(outside), 0}:
            pit = labels == label
            if not _rim_is_saturated(image, pit):
                pits |= pit
    return pits


def _near(mask: Mask, distance: int) -> Mask:
    """Return the pixels within `distance` of a mask, along rows and columns."""
    square = np.ones((2 * distance + 1, 2 * distance + 1), dtype=np.uint8)
    return cv2.dilate(mask.astype(np.uint8), square) > 0


def _rim_is_saturated(image: GreyImage, pit: Mask) -> bool:
    """Return whether the rim of a pit holds a plateau at the largest level: 3 x 3 pixels of it."""
    plateau = cv2.erode((image >= PLATEAU_LEVEL).astype(np.uint8), np.ones((3, 3), dtype=np.uint8)) > 0
    return bool((plateau & _near(pit, WALL_PIXELS + 2)).any())


def _cores(pits: Mask) -> Mask:
    """Return the pits of a hot spot as one core, with the peaks between them, inside the hot spot."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (CORE_CLOSING_PIXELS, CORE_CLOSING_PIXELS))
    padded = np.pad(pits.astype(np.uint8), CORE_CLOSING_PIXELS)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)
    inside = closed[CORE_CLOSING_PIXELS:-CORE_CLOSING_PIXELS, CORE_CLOSING_PIXELS:-CORE_CLOSING_PIXELS] > 0
    _, labels = cv2.connectedComponents((~inside).astype(np.uint8), connectivity=4)
    filled: Mask = labels != labels[0, 0]
    return filled
