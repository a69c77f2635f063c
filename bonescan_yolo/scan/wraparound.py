"""Grey levels that wrapped past 255: how they are found and fixed, in numpy alone.

Some scans were stored modulo 256: where the true level passes 255 inside a very hot spot, the stored one starts
again at 0, which leaves a bright rim around a dark, ringed core. A camera's blur makes levels change gradually, so
a dark pit that a bright rim encloses, within two pixels of it, cannot be uptake. The search:

1. pits: connected pixels below a level, enclosed by pixels at or above it, for a few levels;
2. the pit is deep and its wall steep (`MIN_STEP` within `WALL_PIXELS`), as JPEG smears a jump of 256 over two pixels;
3. the rim is not on a plateau at 255: an image that saturates does not wrap;
4. the levels fall gradually outside the rim (`MIN_SKIRT_LEVEL`): around white letters and frames they drop at once;
5. the scan is hardly noisier than counts (`MAX_NOISE`): in a narrow display window noise alone digs pits, and levels
   that were stretched for display do not wrap;
6. once a hot spot is known to have wrapped, its shallower pits (`MIN_SHALLOW_STEP`) count too: where the uptake is
   steep, JPEG leaves little of a jump of 256.

The fix sets everything inside the rim to 255, the largest level of an 8-bit image: the true level was above it. What
that gives and how often the search is wrong is in docs/research/experiments/wrapped-levels.md.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.display import MAX_GREY
from bonescan_yolo.scan.morphology import Mask, dilate, grow, label_regions
from bonescan_yolo.scan.record import Scan

GreyImage = NDArray[np.uint8]

RIM_LEVELS: Final = (224, 192, 160, 128)
"""Levels a rim is looked for at. The steeper the uptake, the lower the last pixel before it wraps."""

SHALLOW_RIM_LEVELS: Final = (*RIM_LEVELS, 104)
"""As `RIM_LEVELS`, for the other pits of a hot spot that is known to have wrapped."""

MIN_STEP: Final = 140
"""Grey levels between the darkest of a pit and its rim, more than camera blur (FWHM of 4 pixels or more) allows."""

MAX_PIT_LEVEL: Final = 90
"""A pit reaches below this level: wrapped levels begin at 0 and JPEG lifts them some; a dip of count noise in a
bright region (standard deviation 15 at level 220 where a level is a count) stays above."""

MIN_SHALLOW_STEP: Final = 100
"""As `MIN_STEP`, for the other pits of a hot spot that is known to have wrapped."""

WALL_PIXELS: Final = 2
"""Largest distance of the rim from the pit, in pixels."""

PLATEAU_LEVEL: Final = 251
"""Level from which a pixel counts as saturated, a little below 255 for JPEG's sake."""

MIN_SKIRT_LEVEL: Final = 48
"""Half of the pixels just outside a rim of `RIM_LEVELS[-1]` are at least as bright. On simulated scans that wrapped
their median was 86 to 112."""

MAX_NOISE: Final = 3.0
"""Variance of the noise over the grey level; 1 where a level is a count. Scans that wrap have 0.6 to 1.2 if simulated;
three real ones have 0.8 to 1.7. Simulated ones with false pits had 2.6 and more."""

NOISE_LEVELS: Final = (10, 100)
"""Mean grey levels between which noise is measured: body, but nothing that may have wrapped."""

LEAST_NOISE_PIXELS: Final = 200
"""With fewer pixels between `NOISE_LEVELS` the noise is unknown, and nothing is held against the scan."""

MEDIAN_OF_SQUARE: Final = 0.455
"""Median of the square of a normal deviate."""

SECOND_DIFFERENCE_VARIANCE: Final = 6
"""Variance of a - 2 b + c over that of each: 1 + 4 + 1. A slope does not count in it."""

CORE_GROWTH_PIXELS: Final = 3
"""How far from a deep pit the shallow ones of the same core are looked for."""

CORE_CLOSING_HALF_WIDTHS: Final = (0, 2, 3, 3, 3, 2, 0)
"""A disc by half the width of each row, in pixels; gaps between the pits of one core in which it does not fit are
closed. Where the uptake is steep, a core is pits and peaks in turn."""


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
    window = _bright_window(image)
    if window is None:
        return Wraparound(0, core)
    part = _part(image[window])
    if not _may_have_pits(part) or _is_noisy(image):
        return Wraparound(0, core)
    deep = _pits(part, RIM_LEVELS, MIN_STEP, MAX_PIT_LEVEL)
    if deep.any():
        deep &= _with_skirt(part.image, _cores(deep))
    if not deep.any():
        return Wraparound(0, core)
    shallow = _pits(part, SHALLOW_RIM_LEVELS, MIN_SHALLOW_STEP, MAX_GREY)
    core[window] = _cores(deep | (shallow & grow(_cores(deep), CORE_GROWTH_PIXELS)))[1:-1, 1:-1]
    spots = label_regions(grow(core, CORE_GROWTH_PIXELS))
    return Wraparound(len(np.unique(spots[core])), core)


def fix_wraparound(image: GreyImage, wraparound: Wraparound) -> GreyImage:
    """Return a copy of the image with the cores at 255, the true level (256 more, or 512, ...) clipped."""
    return np.where(wraparound.core, np.uint8(MAX_GREY), image)


def fix_scan(scan: Scan) -> Scan:
    """Return a scan of 8-bit grey levels with what wrapped fixed and a note that says so; any other unchanged."""
    if scan.pixels.dtype != np.uint8:
        return scan
    levels = scan.pixels.astype(np.uint8, copy=False)
    wraparound = find_wraparound(levels)
    if not wraparound.regions:
        return scan
    fixed = fix_wraparound(levels, wraparound)
    fixed.flags.writeable = False
    spots = "hot spot" if wraparound.regions == 1 else "hot spots"
    note = f"grey levels past 255 wrapped in {wraparound.regions} {spots}; fixed"
    return dataclasses.replace(scan, pixels=fixed, notes=(*scan.notes, note))


def _bright_window(image: GreyImage) -> tuple[slice, slice] | None:
    """Return the rows and columns with pixels as bright as a rim, and one more to each side for what is just outside.

    None if no pixel is bright enough for a step.
    """
    brightest = image.max(axis=1)
    rows = np.flatnonzero(brightest >= RIM_LEVELS[-1])
    if not len(rows) or brightest.max() < MIN_STEP:
        return None
    columns = np.flatnonzero(image[rows[0] : rows[-1] + 1].max(axis=0) >= RIM_LEVELS[-1])
    top, left = max(int(rows[0]) - 1, 0), max(int(columns[0]) - 1, 0)
    return slice(top, int(rows[-1]) + 2), slice(left, int(columns[-1]) + 2)


@dataclass(frozen=True, eq=False)
class _Part:
    """The part of an image that holds everything bright, in a frame of a black pixel; all of its shape.

    Attributes:
        image: its grey levels.
        brightest_near: the largest level within `WALL_PIXELS` of each pixel, along rows and columns.
    """

    image: GreyImage
    brightest_near: GreyImage

    @cached_property
    def near_plateau(self) -> Mask:
        """The pixels so near to 3 x 3 saturated ones that these would be in their rim; most scans do not get to it."""
        plateau = ~dilate(self.image < PLATEAU_LEVEL)
        return grow(plateau, WALL_PIXELS + 2) if plateau.any() else plateau


def _part(levels: GreyImage) -> _Part:
    """Return grey levels (height, width) in a black frame, so that what encloses a pit is inside it."""
    image = np.zeros((levels.shape[0] + 2, levels.shape[1] + 2), dtype=np.uint8)
    image[1:-1, 1:-1] = levels
    return _Part(image, _brightest_near(image))


def _brightest_near(image: GreyImage) -> GreyImage:
    """Return the largest level within `WALL_PIXELS` of each pixel, along rows and columns."""
    height, width = image.shape
    side = 2 * WALL_PIXELS + 1
    padded = np.zeros((height + side - 1, width + side - 1), dtype=np.uint8)
    padded[WALL_PIXELS:-WALL_PIXELS, WALL_PIXELS:-WALL_PIXELS] = image
    rows = padded[:height].copy()
    for shift in range(1, side):
        np.maximum(rows, padded[shift : shift + height], out=rows)
    brightest = rows[:, :width].copy()
    for shift in range(1, side):
        np.maximum(brightest, rows[:, shift : shift + width], out=brightest)
    return brightest


def _steep(part: _Part, min_step: int) -> Mask:
    """Return the pixels that are darker by `min_step` than one near."""
    darkest_allowed = np.maximum(part.brightest_near, min_step) - np.uint8(min_step)
    return np.asarray((part.image <= darkest_allowed) & (part.brightest_near >= min_step))


def _may_have_pits(part: _Part) -> bool:
    """Return whether any deep pixel is enclosed by the lowest rim; quickly False if none has it on all four sides."""
    rows, columns = np.nonzero(_steep(part, MIN_STEP) & (part.image <= MAX_PIT_LEVEL))
    if not len(rows):
        return False
    bright = part.image >= RIM_LEVELS[-1]
    height, width = bright.shape
    left, right = bright.argmax(axis=1), width - 1 - bright[:, ::-1].argmax(axis=1)
    top, bottom = bright.argmax(axis=0), height - 1 - bright[::-1].argmax(axis=0)
    beside = (left[rows] < columns) & (columns < right[rows])
    between = beside & (top[columns] < rows) & (rows < bottom[columns])
    if not between.any():
        return False
    labels = label_regions(~bright, diagonal=False)
    return bool((labels[rows[between], columns[between]] != labels[0, 0]).any())


def _pits(part: _Part, rim_levels: tuple[int, ...], min_step: int, max_level: int) -> Mask:
    """Return the pits with a wall of `min_step` that reach down to `max_level`, over all rim levels."""
    pits = np.zeros(part.image.shape, dtype=bool)
    steep = _steep(part, min_step) & (part.image <= max_level)
    for level in rim_levels:
        labels = label_regions(part.image < level, diagonal=False)
        is_pit = np.zeros(int(labels.max()) + 1, dtype=bool)
        is_pit[labels[steep & (part.brightest_near >= level)]] = True
        is_pit[labels[part.near_plateau]] = False
        is_pit[[0, labels[0, 0]]] = False
        pits |= is_pit[labels]
    return pits


def _with_skirt(image: GreyImage, cores: Mask) -> Mask:
    """Return the cores outside whose rim the levels are between those of the rim and the background."""
    labels = label_regions(cores | (image >= RIM_LEVELS[-1]))
    kept = np.zeros(image.shape, dtype=bool)
    for label in np.unique(labels[cores]):
        rows, columns = np.nonzero(labels == label)
        window = slice(rows.min() - 1, rows.max() + 2), slice(columns.min() - 1, columns.max() + 2)
        spot = labels[window] == label
        skirt = image[window][dilate(spot) & ~spot]
        if 2 * np.count_nonzero(skirt >= MIN_SKIRT_LEVEL) >= len(skirt):
            kept[window] |= spot & cores[window]
    return kept


def _is_noisy(image: GreyImage) -> bool:
    """Return whether noise is stronger than `MAX_NOISE`, by differences between three pixels side by side."""
    levels = image.astype(np.int16)
    left, middle, right = levels[:, :-2], levels[:, 1:-1], levels[:, 2:]
    total = left + middle + right
    low, high = NOISE_LEVELS
    body = (total > 3 * low) & (total < 3 * high)
    means, differences = total[body] / 3, (total - 3 * middle)[body].astype(np.int32)
    expected = MAX_NOISE * MEDIAN_OF_SQUARE * SECOND_DIFFERENCE_VARIANCE * means
    return len(means) >= LEAST_NOISE_PIXELS and 2 * np.count_nonzero(differences**2 > expected) > len(means)


def _cores(pits: Mask) -> Mask:
    """Return the pits of a hot spot as one core, with the peaks between them, inside the hot spot."""
    margin = len(CORE_CLOSING_HALF_WIDTHS)
    closed = ~_grow_by_disc(~_grow_by_disc(np.pad(pits, margin)))
    outside = label_regions(~closed, diagonal=False)
    return (outside != outside[0, 0])[margin:-margin, margin:-margin]


def _grow_by_disc(mask: Mask) -> Mask:
    """Return a mask grown by the disc of `CORE_CLOSING_HALF_WIDTHS`, cut at its frame."""
    height, width = mask.shape
    reach = len(CORE_CLOSING_HALF_WIDTHS) // 2
    padded = np.pad(mask, reach)
    grown = np.zeros(mask.shape, dtype=bool)
    for row, half_width in enumerate(CORE_CLOSING_HALF_WIDTHS):
        for column in range(reach - half_width, reach + half_width + 1):
            grown |= padded[row : row + height, column : column + width]
    return grown
