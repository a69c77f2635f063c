"""How metastases crowd: how many share a scan, how large they are among many, and how dark it is between neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import sqrt

import cv2
import numpy as np

from benchmarks.boxed_scans import BoxedScan, Image32, LabelledBox

MANY = 13
"""A scan with so many abnormal boxes counts as crowded."""

NEIGHBOUR_PX = 2
"""Boxes no further apart than this are neighbours."""


def crowding(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield one value a box or a pair of neighbours; abnormal boxes alone."""
    abnormal = [box for box in scan.boxes if box[0]]
    crowded = len(abnormal) >= MANY
    for _, x1, y1, x2, y2 in abnormal:
        yield "abnormal boxes on the scan of each", len(abnormal)
        yield f"side on {'crowded' if crowded else 'other'} scans, px", sqrt((x2 - x1) * (y2 - y1))
    smooth = cv2.GaussianBlur(scan.pixels, (0, 0), 1.0)
    for one, other in combinations(abnormal, 2):
        if apart(one, other) <= NEIGHBOUR_PX:
            yield "least between neighbours, part of the fainter", dip(smooth, one, other)


def apart(one: LabelledBox, other: LabelledBox) -> int:
    """Return how many pixels lie between two boxes along the axis on which they are further apart; below 0 none."""
    columns = max(one[1], other[1]) - min(one[3], other[3])
    rows = max(one[2], other[2]) - min(one[4], other[4])
    return max(columns, rows)


def dip(smooth: Image32, one: LabelledBox, other: LabelledBox) -> float:
    """Return the least on the straight line between the brightest pixels of two boxes, over the fainter of these."""
    (row, column), (other_row, other_column) = _brightest(smooth, one), _brightest(smooth, other)
    steps = 2 * max(abs(row - other_row), abs(column - other_column)) + 1
    rows = np.linspace(row, other_row, steps, dtype=np.float32)
    columns = np.linspace(column, other_column, steps, dtype=np.float32)
    line = cv2.remap(smooth, columns[None], rows[None], cv2.INTER_LINEAR)
    fainter = min(float(smooth[row, column]), float(smooth[other_row, other_column]))
    return float(line.min()) / max(fainter, 1.0)


def _brightest(smooth: Image32, box: LabelledBox) -> tuple[int, int]:
    """Return row and column of the brightest pixel of a box."""
    _, x1, y1, x2, y2 = box
    inside = smooth[y1:y2, x1:x2]
    row, column = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return y1 + int(row), x1 + int(column)
