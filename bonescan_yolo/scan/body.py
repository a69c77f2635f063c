"""Where the body is on a scan: its pixels and midline, its extent, and the rows worth showing.

Two thresholds answer this. BODY_LEVELS is relative to how bright the scan is, so that it holds for any display window,
dose and camera; it decides what is measured. BODY_GREY is a fixed grey level; it decides what a picture
shows. The simulator has a rule of its own for noise-free counts (`phantom/labels/truth.py`): every simulated label
depends on it.

The midline is the line about which the body is most symmetric: bones come in pairs, and where one arm is bent or one
side diseased the rest still decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.scan.display import body_level
from bonescan_yolo.scan.morphology import Mask, smooth

BODY_LEVELS = 0.3
"""Body levels above which a pixel, smoothed where noise matters, is body and not air, whatever the display window."""

BODY_GREY = 6
"""Grey level above which a pixel counts as body in a picture, rather than as scatter and noise. It stays beside
BODY_LEVELS for two reasons: the pictures of `predict` depend on it byte for byte, and the figures of
`benchmarks.realism` on real scans were measured with it."""

LEAST_PIXELS = 4
"""Body pixels that a row needs to count as body: single noisy pixels are beside every body."""

CHEST = (0.18, 0.32)
"""Rows, in parts of the body's height, that the middle is taken from: no arm is ever alone there."""

SHOWN_PART = 0.02
"""Part of a row that has to be body for the row to be worth showing."""

SHOWN_MARGIN_ROWS = 40
"""Rows shown above and below body and boxes."""

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
        """Return where pixels are when they are reflected about the line; they may fall outside the scan."""
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


@dataclass(frozen=True)
class BodyExtent:
    """The rows that the body covers on a scan, and its middle.

    Attributes:
        top: first row that holds any of it.
        height: number of rows to the last, at least 1.
        middle: column of the middle of the chest.
    """

    top: float
    height: float
    middle: float


def find_body(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> Body:
    """Return the body and its midline on a scan (height, width) of grey levels or counts."""
    levels = _smoothed_levels(pixels)
    if not levels.any():
        return Body(np.zeros(pixels.shape, dtype=bool), None)
    return Body(levels > BODY_LEVELS, find_midline(np.minimum(levels, np.float32(CAP_LEVELS))))


def find_mask(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> Mask:
    """Return `find_body(pixels).mask`, (height, width), without the search for the midline."""
    return _smoothed_levels(pixels) > BODY_LEVELS


def body_pixels(grey: NDArray[np.uint8]) -> Mask:
    """Return the single pixels that are as bright as body, in the shape of `grey`: not smoothed, so with noise.

    Without the blur the body is not wider than it is. It serves where rows or columns are counted, so that single
    pixels do not matter.
    """
    return np.asarray(grey > BODY_LEVELS * body_level(grey))


def find_extent(grey: NDArray[np.uint8]) -> BodyExtent:
    """Return the rows and the middle of the body; the whole frame where there is none.

    Args:
        grey: (height, width) display grey levels.
    """
    body = body_pixels(grey)
    rows = np.flatnonzero(body.sum(axis=1) >= LEAST_PIXELS)
    if not len(rows):
        return BodyExtent(0.0, float(grey.shape[0]), grey.shape[1] / 2)
    top, height = int(rows[0]), int(rows[-1] - rows[0]) + 1
    columns = np.nonzero(body[top + int(CHEST[0] * height) : top + int(CHEST[1] * height)])[1]
    middle = float(np.median(columns)) + 0.5 if len(columns) else grey.shape[1] / 2
    return BodyExtent(float(top), float(height), middle)


def rows_to_show(grey: NDArray[np.uint8], boxes: Boxes) -> slice:
    """Return the rows worth showing: those of the body and the boxes, with a margin.

    Args:
        grey: (height, width) display grey levels.
        boxes: (N, 4) x1 y1 x2 y2 in its pixels.
    """
    height, width = grey.shape
    filled = np.flatnonzero((grey > BODY_GREY).sum(axis=1) > SHOWN_PART * width)
    edges = [*filled[[0, -1]].tolist()] if filled.size else [0, height - 1]
    edges += [int(edge) for edge in boxes[:, [1, 3]].ravel()]
    return slice(max(0, min(edges) - SHOWN_MARGIN_ROWS), min(height, max(edges) + SHOWN_MARGIN_ROWS))


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


def _smoothed_levels(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Return smoothed pixels in body levels, (height, width); all 0 on an empty scan."""
    level = body_level(pixels)
    if level <= 0:
        return np.zeros(pixels.shape, np.float32)
    return smooth(pixels, SMOOTHING_PX) / np.float32(level)


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
