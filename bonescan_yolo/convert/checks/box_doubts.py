"""Whether the boxes of a whole set look as if their four numbers meant something else. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import areas
from bonescan_yolo.convert.checks.scan_checks import CheckedScan

MOST: Final = 0.5
"""Share of the boxes above which the set is doubted."""

NEARLY_ALL: Final = 0.9
"""Share of boxes of x y width height that would fit as x1 y1 x2 y2, above which the set is doubted whatever their size.
Hardly any hot spot is both wider than its distance from the left edge and higher than that from the upper edge."""

FEW: Final = 8
"""Fewer boxes may look alike by chance."""

PER_CENT: Final = 100.0
MIN_SIDE_FOR_PER_CENT: Final = 2 * PER_CENT
"""Height in pixels from which no body has all its hot spots within 100 pixels of the upper left corner."""

LARGE: Final = 0.05
"""Share of the image that few hot spots cover; a full bladder covers a hundredth."""


def doubtful_corners(checked: Iterable[CheckedScan]) -> Iterator[str]:
    """Yield a warning if most boxes of a set look like corners read as sizes, or the other way round."""
    rows = [(*item.xyxy, scan.width, scan.height) for scan in checked for item in scan.objects]
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) == 0:
        return
    fits = _fits_as_corners(table)
    if (fits & (_leaves(table) | (_share(table) > LARGE))).mean() > MOST or (
        len(table) >= FEW and fits.mean() > NEARLY_ALL
    ):
        yield (
            "most boxes are larger than hot spots are, and would fit if their four numbers were x1 y1 x2 y2 "
            "instead of x y width height; check what wrote them"
        )
    if len(table) >= FEW and _in_per_cent(table).all():
        yield (
            "all boxes are within 100 pixels of the upper left corner of their image, as if their numbers were per "
            "cent instead of pixels; check what wrote them"
        )
    flipped = (table[:, 2] < table[:, 0]) & (table[:, 3] < table[:, 1])
    if flipped.mean() > MOST and np.median(_share(table)[flipped]) > LARGE:
        yield (
            "most boxes end before they begin and are large when their corners are put in order, as if their four "
            "numbers were x y width height instead of x1 y1 x2 y2; check what wrote them"
        )


def _fits_as_corners(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which boxes x, y, width, height are inside their image as x1, y1, x2, y2."""
    x, y = table[:, 0], table[:, 1]
    width, height = table[:, 2] - x, table[:, 3] - y
    inside: NDArray[np.bool_] = (width > x) & (height > y) & (width <= table[:, 4]) & (height <= table[:, 5])
    return inside


def _in_per_cent(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which boxes have no number above 100, although their image is much higher."""
    per_cent: NDArray[np.bool_] = (table[:, :4].max(axis=1) <= PER_CENT) & (table[:, 5] >= MIN_SIDE_FOR_PER_CENT)
    return per_cent


def _leaves(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which boxes reach more than a pixel outside their image."""
    outside: NDArray[np.bool_] = (table[:, 2] > table[:, 4] + 1) | (table[:, 3] > table[:, 5] + 1)
    return outside


def _share(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of its image that each box covers, its corners put in order."""
    boxes = np.concatenate([np.minimum(table[:, :2], table[:, 2:4]), np.maximum(table[:, :2], table[:, 2:4])], axis=1)
    share: NDArray[np.float64] = areas(boxes.astype(np.float32)) / (table[:, 4] * table[:, 5])
    return share
