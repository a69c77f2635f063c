"""What the rest of a scan says of a spot.

A reader takes a faint spot for a metastasis in a patient full of them, and passes over the same spot where it is the
only one. The network sees too little of that: it learns on windows that hold half a patient. So the abnormal boxes are
scored once more in the light of each other, as Felzenszwalb et al. (Object detection with discriminatively trained
part-based models, IEEE TPAMI 32 (2010) 1627, contextual information) do with a classifier; here it is

    odds of a box = its own odds x lone x (1 + n) ^ weight

where n is the number of other abnormal boxes to be expected on the scan, the sum of their confidences.
`python -m benchmarks.scan_context` fits both numbers by logistic regression.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL

FLOOR = 0.05
"""Boxes of less confidence count for nothing, so that what is said of a box does not depend on the threshold."""

CERTAIN = 1e-6
"""Confidences nearer than this to 0 or 1 are taken to be this far: beyond, odds have no digits left in float32."""


@dataclass(frozen=True)
class Context:
    """How much the other abnormal boxes of a scan count; by default not at all.

    Attributes:
        weight: 0 for not at all; at 1, twice as many boxes double the odds of each.
        lone: what the odds of a box without any others are multiplied by, above 0.
    """

    weight: float = 0.0
    lone: float = 1.0

    @property
    def is_possible(self) -> bool:
        """Whether both numbers are in range."""
        return 0 <= self.weight < math.inf and 0 < self.lone < math.inf

    @property
    def is_none(self) -> bool:
        """Whether all confidences stay as they are."""
        return self.weight == 0 and self.lone == 1


def in_context(confidences: NDArray[np.float32], classes: NDArray[np.int64], context: Context) -> NDArray[np.float32]:
    """Return the confidences of all boxes of a scan, (N,), in the light of each other; only abnormal ones change."""
    if context.is_none:
        return confidences
    evidence = _evidence(confidences, classes)
    others = np.maximum(evidence.sum(dtype=np.float32) - evidence, 0)
    return np.where(classes == ABNORMAL, _shift(confidences, others, context), confidences)


def top_in_context(top: float, confidences: NDArray[np.float32], classes: NDArray[np.int64], context: Context) -> float:
    """Return the confidence in the light of the others of a scan's most abnormal spot, whether it makes a box or not.

    Args:
        top: its confidence by itself.
        confidences: of all boxes of the scan, (N,), by themselves.
        classes: of all boxes of the scan, (N,).
        context: how much the others count.
    """
    if context.is_none:
        return top
    evidence = _evidence(confidences, classes)
    others = evidence.sum(dtype=np.float32) - evidence.max(initial=0)
    return float(_shift(np.array(top, np.float32), np.maximum(others, 0), context))


def _evidence(confidences: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return how many metastases each box is expected to be."""
    return np.where((classes == ABNORMAL) & (confidences > FLOOR), confidences, np.float32(0))


def _shift(confidences: NDArray[np.float32], others: NDArray[np.float32], context: Context) -> NDArray[np.float32]:
    """Return confidences moved by what is expected beside each."""
    sure = np.clip(confidences, np.float32(CERTAIN), np.float32(1 - CERTAIN))
    factor = np.float32(context.lone) * (1 + others) ** np.float32(context.weight)
    odds = sure / (1 - sure) * factor
    moved: NDArray[np.float32] = odds / (1 + odds)
    return moved
