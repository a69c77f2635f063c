"""The operating points of adapted files, chosen on the scans that the folds hold out.

Balanced are the thresholds that `class_thresholds` chooses, which the honest figure is about. Sensitive and specific
have those thresholds of abnormal boxes at which the held-out scans have as many false ones as `bonescan fit-thresholds`
allows; that of sensitive is never above balanced, and that of specific never below. The threshold of normal boxes is
that of balanced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Final

from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.point_choice import FALSE_PER_SCAN, abnormal_threshold
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds

MOST_FALSE, _, LEAST_FALSE = FALSE_PER_SCAN

LEAST_FALSE_BOXES: Final = 10
"""A threshold for a rate of false boxes is chosen where the scans may have this number of them. A count of 10 has a
standard deviation of 3; with fewer, the rate on other scans is not known well enough for a name."""

SCANS_FOR_POINTS: Final = ceil(LEAST_FALSE_BOXES / LEAST_FALSE)
"""Held-out scans that operating points need."""


def points_around(results: Sequence[ScanResult], balanced: Thresholds) -> OperatingPoints | None:
    """Return the operating points around thresholds; None if the scans are too few to know them.

    Args:
        results: of scans that were read with models not trained on them.
        balanced: the thresholds chosen on these scans.
    """
    if len(results) < SCANS_FOR_POINTS:
        return None
    lower, higher = (abnormal_threshold([results], rate).value for rate in (MOST_FALSE, LEAST_FALSE))
    return OperatingPoints(
        sensitive=replace(balanced, abnormal=min(lower, balanced.abnormal)),
        balanced=balanced,
        specific=replace(balanced, abnormal=max(higher, balanced.abnormal)),
    )
