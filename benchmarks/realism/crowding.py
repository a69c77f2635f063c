"""How metastases crowd: how many share a scan, how large they are among many, and how dark it is between neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import sqrt

import numpy as np

from benchmarks.realism.boxed_scans import BoxedScan, Image32
from bonescan_yolo.phantom.labels.confluence import Box, Pixel, apart, dip

MANY = 13
"""Abnormal boxes from which a scan counts as crowded."""

NEIGHBOUR_PX = 2
"""Boxes no further apart than this are neighbours."""


def crowding(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield one value a box or a pair of neighbours; abnormal boxes alone."""
    abnormal = [(x1, y1, x2, y2) for is_abnormal, x1, y1, x2, y2 in scan.boxes if is_abnormal]
    crowded = len(abnormal) >= MANY
    for x1, y1, x2, y2 in abnormal:
        yield "abnormal boxes on the scan of each", len(abnormal)
        yield f"side on {'crowded' if crowded else 'other'} scans, px", sqrt((x2 - x1) * (y2 - y1))
    for one, other in combinations(abnormal, 2):
        if apart(one, other) <= NEIGHBOUR_PX:
            least = dip(scan.smooth, brightest(scan.smooth, one), brightest(scan.smooth, other))
            yield "least between neighbours, part of the fainter", least


def brightest(smooth: Image32, box: Box) -> Pixel:
    """Return the brightest pixel of a box."""
    x1, y1, x2, y2 = box
    inside = smooth[y1:y2, x1:x2]
    row, column = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return y1 + int(row), x1 + int(column)
