"""Where the body lies on a scan, and the line that halves it.

The midline is the line about which the body is most symmetric: bones lie in pairs, and where one arm is bent or one
side diseased the rest still decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.display import BODY_LEVELS, body_level
from bonescan_yolo.scan.morphology import Mask, smooth

SMOOTHING_PX = 2.0
CAP_LEVELS = 1.5
"""Pixels count up to this many body levels for the symmetry, so that a full bladder weighs no more than bone."""

SLOPES = np.linspace(-0.06, 0.06, 25)
"""Columns a row by which a midline may lean, tried one after the other: 3.4 degrees each way."""

STEP_PX = 2
"""The symmetry is judged on blocks of this many pixels; the line is found to a fraction of them."""


@dataclass(frozen=True)
class Midline:
    """A line down the body: column `column` at row 0, then `slope` columns a row; pixel centres are whole numbers."""

    column: float
    slope: float

    def at(self, row: float) -> float:
        """Return the column of the line in a row."""
        return self.column + self.slope * row

    def mirror(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where pixels lie when they are reflected about the line; they may fall outside the scan."""
        along = (self.slope * (columns - self.column) + rows) / (1 + self.slope**2)
        mirrored_rows = 2 * along - rows
        mirrored_columns = 2 * (self.column + self.slope * along) - columns
        return np.rint(mirrored_rows).astype(np.int64), np.rint(mirrored_columns).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Body:
    """The body on a scan.

    Attributes:
        mask: (height, width), True where it is.
        midline: None on a scan without a body.
    """

    mask: Mask
    midline: Midline | None


def find_body(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> Body:
    """Return where the body lies on a scan (height, width) of grey levels or counts."""
    level = body_level(pixels)
    if level <= 0:
        return Body(np.zeros(pixels.shape, dtype=bool), None)
    smoothed = smooth(pixels, SMOOTHING_PX)
    levels = smoothed / np.float32(level)
    return Body(levels > BODY_LEVELS, find_midline(np.minimum(levels, np.float32(CAP_LEVELS))))


def find_midline(pixels: NDArray[np.float32]) -> Midline:
    """Return the line about which pixels (height, width) are most symmetric.

    For each slope the rows are shifted until the line stands upright. The sum of products of pixels with their mirror
    images is then the rows' convolution with themselves, which is highest at twice the column of the line.
    """
    blocks = _blocks(pixels)
    height, width = blocks.shape
    middle = (height - 1) / 2
    columns = np.arange(width)
    best = (-np.inf, 0.0, 0.0)
    for slope in SLOPES:
        shifts = np.rint(slope * (np.arange(height) - middle)).astype(np.int64)
        source = columns[None, :] + shifts[:, None]
        inside = (source >= 0) & (source < width)
        upright = np.where(inside, np.take_along_axis(blocks, np.clip(source, 0, width - 1), axis=1), 0)
        spectrum = np.fft.rfft(upright, 2 * width, axis=1)
        symmetry = np.fft.irfft(np.square(spectrum).sum(axis=0), 2 * width)
        peak = int(symmetry.argmax())
        if symmetry[peak] > best[0]:
            best = (float(symmetry[peak]), float(slope), _refine(symmetry, peak) / 2)
    _, slope, centre = best
    first_px = (STEP_PX - 1) / 2  # centre of the first block
    at_middle = centre * STEP_PX + first_px
    return Midline(at_middle - slope * (middle * STEP_PX + first_px), slope)


def _blocks(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the means of blocks of STEP_PX pixels each way; what does not fill one is left out."""
    height, width = (side // STEP_PX for side in pixels.shape)
    whole = pixels[: height * STEP_PX, : width * STEP_PX]
    means: NDArray[np.float32] = whole.reshape(height, STEP_PX, width, STEP_PX).mean(axis=(1, 3))
    return means


def _refine(values: NDArray[np.float64], peak: int) -> float:
    """Return where the parabola through a peak and its two neighbours is highest."""
    before, top, after = (float(values[(peak + shift) % len(values)]) for shift in (-1, 0, 1))
    bend = before - 2 * top + after
    return peak + (0.5 * (before - after) / bend if bend < 0 else 0.0)
