"""The outline of the hot spot in a box: every connected pixel above the local background by 36 % of the peak's excess.

The scan is smoothed a little. The local background is what the box would hold without its hot spot. It is estimated
from the pixels just outside the box's four sides, the nearer ones counting more (inverse distance): a hot spot half on
the spine is compared with spine on that side and with soft tissue on the other. The hot spot is every pixel that
exceeds this background by at least EDGE of the peak's excess and is connected with the peak, and the pixels that those
enclose. A threshold relative to the maximum is the usual way to outline uptake (Erdi et al., Cancer 80, 1997; 36 to
44 % of the maximum for lesions above 4 ml).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.scan.morphology import KERNEL_REACH, Mask, connected, fill_holes, smooth

SMOOTHING_PX = 1.0
"""Standard deviation: it reduces the counts' noise, and is small compared with the blur of a gamma camera."""

MARGIN_PX = 1 + int(np.ceil(KERNEL_REACH * SMOOTHING_PX))
"""Pixels around a box that its outline depends on: the one just outside, and the reach of the smoothing."""

EDGE = 0.36
"""Part of the peak's excess where a hot spot ends. Fitted on simulated scans (seed 101) for the area of hot spots
wider than 8 px; `python -m benchmarks.realism.measured_area` measures it on others. Choosing the part anew for each
hot spot, so that its outline fills the box, was better in true boxes and worse in those that a model finds."""

LEAST_EXCESS = 1e-4
"""Part of the hottest pixel: on a flat patch of the scan, rounding alone gives a small excess."""


@dataclass(frozen=True, eq=False)
class Outline:
    """The pixels of a hot spot.

    Attributes:
        row, column: of the upper left pixel of `mask` on the scan.
        mask: (height, width) of the box, rounded to whole pixels; all False where nothing stands out.
    """

    row: int
    column: int
    mask: Mask

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the scan that `mask` covers."""
        height, width = self.mask.shape
        return slice(self.row, self.row + height), slice(self.column, self.column + width)

    @property
    def area_px(self) -> int:
        """Number of pixels."""
        return int(self.mask.sum())

    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return rows and columns, (area_px,) each, of the pixels on the scan."""
        rows, columns = np.nonzero(self.mask)
        return rows + self.row, columns + self.column


def outline_hot_spots(pixels: NDArray[np.uint8] | NDArray[np.float32], boxes: Boxes) -> list[Outline]:
    """Return the outline of the hot spot in each of N boxes.

    Args:
        pixels: (height, width) of a scan: grey levels or counts, hot is high.
        boxes: (N, 4) x1 y1 x2 y2 in its pixels, inside it.
    """
    outlines = []
    for x1, y1, x2, y2 in _windows(boxes, pixels.shape):
        top, left = max(y1 - MARGIN_PX, 0), max(x1 - MARGIN_PX, 0)
        smoothed = smooth(pixels[top : y2 + MARGIN_PX, left : x2 + MARGIN_PX], SMOOTHING_PX)
        mask = _stands_out(smoothed, (x1 - left, y1 - top, x2 - left, y2 - top))
        outlines.append(Outline(y1, x1, mask))
    return outlines


def union(outlines: Sequence[Outline], shape: tuple[int, ...]) -> Mask:
    """Return the pixels of all outlines on a scan of `shape`, (height, width)."""
    whole = np.zeros(shape, dtype=bool)
    for outline in outlines:
        whole[outline.slices] |= outline.mask
    return whole


def _windows(boxes: Boxes, shape: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Return boxes as whole pixels inside a scan, first and last exclusive, at least one pixel each way."""
    height, width = shape
    edges = np.rint(boxes).astype(np.int64)
    upper_left = np.clip(edges[:, :2], 0, (width - 1, height - 1))
    lower_right = np.clip(np.maximum(edges[:, 2:], upper_left + 1), 0, (width, height))
    return [(int(x1), int(y1), int(x2), int(y2)) for (x1, y1), (x2, y2) in zip(upper_left, lower_right, strict=True)]


def _stands_out(smoothed: NDArray[np.float32], window: tuple[int, int, int, int]) -> Mask:
    """Return what stands out in a window (x1, y1, x2, y2) of smoothed pixels, (y2 - y1, x2 - x1)."""
    x1, y1, x2, y2 = window
    excess = smoothed[y1:y2, x1:x2] - background(smoothed, window)
    largest = float(excess.max())
    if largest <= LEAST_EXCESS * float(smoothed[y1:y2, x1:x2].max()):
        return np.zeros(excess.shape, dtype=bool)
    region = excess >= EDGE * largest
    return fill_holes(connected(excess == largest, region))


def background(smoothed: NDArray[np.float32], window: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Return what a window (x1, y1, x2, y2) would hold without its hot spot, (y2 - y1, x2 - x1).

    Each pixel is the mean of the four just outside the window in its row and its column, weighted by the
    inverse of their distance. Beyond the scan's edge its outermost pixels are taken.
    """
    x1, y1, x2, y2 = window
    height, width = smoothed.shape
    above, below = smoothed[max(y1 - 1, 0), x1:x2], smoothed[min(y2, height - 1), x1:x2]
    left, right = smoothed[y1:y2, max(x1 - 1, 0)], smoothed[y1:y2, min(x2, width - 1)]
    down = np.arange(1, y2 - y1 + 1, dtype=np.float32)[:, None]
    along = np.arange(1, x2 - x1 + 1, dtype=np.float32)[None, :]
    to_above, to_below, to_left, to_right = 1 / down, 1 / down[::-1], 1 / along, 1 / along[:, ::-1]
    weighted = to_above * above + to_below * below + to_left * left[:, None] + to_right * right[:, None]
    return np.asarray(weighted / (to_above + to_below + to_left + to_right), dtype=np.float32)
