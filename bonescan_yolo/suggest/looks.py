"""What a scan looks like in about a hundred numbers, so that scans can be compared once their pixels are gone.

Three things differ between scans that teach different things: how the patient and the uptake are spread over the frame
(the shape), where and of which class the model's boxes are (the findings), and how grainy or blurred the picture is
(the grain). All are taken relative to the body, so that neither its place in the frame nor the display window counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import to_centres
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.model.runtime import Detections
from bonescan_yolo.scan.body import BodyExtent, find_extent
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.scan.morphology import smooth

SHAPE_ROWS, SHAPE_COLUMNS = 16, 4
"""Cells of the shape: about 55 x 34 pixels each in a body of 900 rows. Columns count from the middle outwards, left and
right together, because a network that is trained on mirrored scans learns the same from either side."""

FINDING_ROWS, FINDING_COLUMNS = 8, 4
"""Cells in which boxes are counted: head, shoulders, chest, spine, pelvis, thighs, knees, feet; from axis to arms."""

HALF_WIDTH = 0.15
"""Half of the width that is looked at, part of the body's height: arms included, 135 of 900 pixels."""

GRAIN_SIGMA_PX = 1.0
"""Blur that takes the counting noise off, and leaves the bones."""

LEAST_GRAIN = 1e-4
"""A picture smoother than this has no grain; its logarithm stays finite."""

SHAPE_SIZE = SHAPE_ROWS * SHAPE_COLUMNS
FINDINGS_SIZE = len(CLASS_NAMES) * FINDING_ROWS * FINDING_COLUMNS
GRAIN_SIZE = 1
LOOK_SIZE = SHAPE_SIZE + FINDINGS_SIZE + GRAIN_SIZE


def look_of(grey: NDArray[np.uint8], found: Detections, shares: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the look of a scan, (LOOK_SIZE,) float32: shape, findings and grain, one after the other.

    Args:
        grey: (height, width) display grey levels.
        found: its boxes.
        shares: (N,) in [0, 1]: how much each box counts among the findings.
    """
    extent = find_extent(grey)
    tones = to_tones(grey, body_level(grey))
    parts = (_shape(tones, extent), _findings(found, shares, extent), [_grain(tones)])
    return np.concatenate(parts).astype(np.float32)


def _shape(tones: NDArray[np.float32], extent: BodyExtent) -> NDArray[np.float64]:
    """Return the mean tone of each cell, (SHAPE_SIZE,); 0 where a cell is outside the frame."""
    height, width = tones.shape
    rows = _cells(np.arange(height) + 0.5 - extent.top, extent.height, SHAPE_ROWS)
    outwards = np.abs(np.arange(width) + 0.5 - extent.middle)
    columns = _cells(outwards, HALF_WIDTH * extent.height, SHAPE_COLUMNS)
    inside = (rows >= 0)[:, None] & (columns >= 0)[None, :]
    cells = (rows[:, None] * SHAPE_COLUMNS + columns[None, :])[inside]
    sums = np.bincount(cells, weights=tones[inside], minlength=SHAPE_SIZE)
    return np.asarray(sums / np.maximum(np.bincount(cells, minlength=SHAPE_SIZE), 1))


def _findings(found: Detections, shares: NDArray[np.float64], extent: BodyExtent) -> NDArray[np.float64]:
    """Return for each class and cell how far it has any box with its centre there, (FINDINGS_SIZE,) in [0, 1].

    Further boxes of a cell hardly count, so that scans full of disease are alike.
    """
    none = np.ones((len(CLASS_NAMES), FINDING_ROWS, FINDING_COLUMNS))
    centres = to_centres(found.boxes)
    rows = _cells(centres[:, 1] - extent.top, extent.height, FINDING_ROWS)
    outwards = np.abs(centres[:, 0] - extent.middle)
    columns = _cells(outwards, HALF_WIDTH * extent.height, FINDING_COLUMNS)
    inside = (rows >= 0) & (columns >= 0)
    np.multiply.at(none, (found.classes[inside], rows[inside], columns[inside]), 1 - shares[inside])
    return np.asarray(1 - none.ravel())


def _cells(places: NDArray[np.floating], length: float, number: int) -> NDArray[np.int64]:
    """Return in which of `number` cells of a length each place is, -1 outside of it."""
    cells = np.floor(places / length * number).astype(np.int64)
    return np.where((cells >= 0) & (cells < number), cells, -1)


def _grain(tones: NDArray[np.float32]) -> float:
    """Return the logarithm of how far tones are from their blurred selves, relative to them."""
    total = float(tones.sum())
    rough = float(np.abs(tones - smooth(tones, GRAIN_SIGMA_PX)).sum())
    return float(np.log(max(rough / total if total > 0 else 0.0, LEAST_GRAIN)))
