"""What the single pixels of a scan say of it: its counts, its levels, how much of it is white. In numpy alone.

`web/src/scan/pixel-facts.ts` computes the same.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.display import MAX_GREY
from bonescan_yolo.scan.quality.block_outline import BlockOutline, Pixels

LEAST_STEP, GRAIN_ROWS = 4, 256
"""Every fourth row is looked at for the grain, fewer of a scan with more than 1024."""


def counts_by_grain(pixels: Pixels) -> float:
    """Return how many counts a scan as grainy as this has, whatever its scale.

    Counts are distributed as Poisson's law has it: neighbours of even brightness differ, squared and halved, by as
    much as they have counts. Where grey levels differ by more, a count is more than a level. Smoothing hides the
    grain, and edges add to it, so that this is an order of magnitude; of noise it is a few thousand.
    """
    step = max(LEAST_STEP, len(pixels) // GRAIN_ROWS)
    inner = pixels[1:-1, 1:-1]  # without the line of a frame
    kind: Any = np.int16 if pixels.dtype == np.uint8 else np.float64
    rows: NDArray[Any] = inner[::step].astype(kind)
    below: NDArray[Any] = inner[1::step].astype(kind)
    mean = float(rows.mean())
    if mean <= 0:
        return math.inf
    across, down = rows[:, 1:] - rows[:, :-1], below - rows[: len(below)]
    grain = max(_mean_square(part) for part in (across, down)) / 2 / mean
    return mean * pixels.size / grain if grain > 0 else math.inf


def _mean_square(differences: NDArray[Any]) -> float:
    """Return the mean of the squares of differences of floats or of 8-bit levels, whose squares fit in 16 bits."""
    squares = np.square(differences)
    return float((squares.view(np.uint16) if squares.dtype == np.int16 else squares).mean())


def counts_in(pixels: Pixels) -> float | None:
    """Return the sum of pixels that are counts: floats without fractions; None for grey levels and other floats."""
    if pixels.dtype == np.uint8 or (pixels != np.rint(pixels)).any():
        return None
    return float(pixels.sum(dtype=np.float64))


def is_mask(pixels: Pixels) -> bool:
    """Return whether pixels have only two values, of which the higher is that of masks, 1 or white."""
    low, high = pixels.min(), pixels.max()
    if high not in (1, MAX_GREY):
        return False
    some = pixels[:: len(pixels) // 2 or 1]  # one row in the middle is enough for most scans
    return all(bool(((part == low) | (part == high)).all()) for part in (some, pixels))


def saturated_part(pixels: Pixels, outline: BlockOutline) -> float:
    """Return the part of the body that has the highest grey level of 8-bit pixels; 0 for counts."""
    if pixels.dtype != np.uint8:
        return 0.0
    return float(np.count_nonzero(pixels == MAX_GREY)) / (int(outline.body.sum()) * outline.block_px**2)
