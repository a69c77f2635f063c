"""Boxes and hits as the threshold falls: what every choice of a threshold is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_SURE = np.float32(1)
"""The highest confidence."""

LEAST_DECIMALS, MOST_DECIMALS = 3, 8
"""Of a threshold."""


@dataclass(frozen=True, eq=False)
class HitCurve:
    """Boxes and hits of G groups at each of C steps; a step shows the boxes that are at least so confident.

    A group is what is counted on its own: a class, a data set, a draw of patients.

    Attributes:
        confidences: (C,) float32 in [0, 1], of the least confident boxes that each step shows; falling, no two equal.
        found: (G, C) number of boxes shown.
        right: (G, C) number of them that hit.
    """

    confidences: NDArray[np.float32]
    found: NDArray[Any]
    right: NDArray[Any]

    @property
    def false(self) -> NDArray[Any]:
        """Number of boxes shown that hit nothing, (G, C)."""
        return self.found - self.right

    def f1(self, n_true: NDArray[Any]) -> NDArray[np.float64]:
        """Return F1 at each step, (G, C); 0 with neither true boxes nor shown ones.

        Args:
            n_true: (G,) number of true boxes of each group.
        """
        f1: NDArray[np.float64] = 2 * self.right / np.maximum(self.found + n_true[:, None], 1)
        return f1

    def threshold_of(self, step: int, lowest: float) -> float:
        """Return a threshold that shows the boxes of a step and no others, midway to the next box.

        It is rounded to 3 decimals, or as many more as the two confidences need.

        Args:
            step: from -1, which shows no box, to C - 1.
            lowest: confidence that all boxes are above, in [0, 1]; the threshold is not below it.
        """
        upper = self.confidences[step] if step >= 0 else MOST_SURE
        below = self.confidences[step + 1] if step + 1 < len(self.confidences) else np.float32(lowest)
        return _between(below, upper)


def hit_curve(confidences: NDArray[np.float32], right: NDArray[np.bool_], counted: NDArray[Any]) -> HitCurve:
    """Return boxes and hits at each step.

    Args:
        confidences: (M,) float32 in [0, 1], of the boxes.
        right: (M,) bool, whether each hits.
        counted: (G, M) how often each box counts in each group, bool or a number.
    """
    order = np.argsort(-confidences, kind="stable")
    falling = confidences[order]
    ends = np.flatnonzero(np.append(np.diff(falling) != 0, len(order) > 0))  # boxes that are equally sure come together
    each = counted[:, order]
    return HitCurve(falling[ends], each.cumsum(axis=1)[:, ends], (each * right[order]).cumsum(axis=1)[:, ends])


def _between(lower: np.float32, upper: np.float32) -> float:
    """Return a short number near the middle of two confidences, at least `lower` and below `upper`."""
    middle = (float(lower) + float(upper)) / 2
    for decimals in range(LEAST_DECIMALS, MOST_DECIMALS + 1):
        short = round(middle, decimals)
        if lower <= np.float32(short) < upper:
            return short
    return float(lower)
