"""Rescore abnormal boxes by how many others the scan has.

A reader takes a faint spot for a metastasis in a patient who has many, and passes over the same spot where it is the
only one. The network sees too little of this: it is trained on windows that show half a patient. So abnormal boxes get
new confidences once all boxes of the scan are known. Felzenszwalb et al. do this with a classifier (Object detection
with discriminatively trained part-based models, IEEE TPAMI 32 (2010) 1627, "contextual information"). Here it is

    odds of a box = its own odds x lone x (1 + n) ^ weight

where odds are p / (1 - p) of a confidence p, and n is the expected number of other abnormal boxes on the scan, the sum
of their confidences. `bonescan fit-rescoring` fits weight and lone by logistic regression. Self-contained ONNX files
rescore by themselves (`bonescan_yolo.export.nodes.rescoring_nodes`, tested against this module).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL

FLOOR = 0.05
"""Boxes with a lower confidence are not counted, so that the result does not depend on the threshold that cut the list
of boxes."""

CERTAIN = 1e-6
"""Confidences are kept this far from 0 and 1: nearer, odds have no digits left in float32."""


@dataclass(frozen=True)
class Rescoring:
    """The two numbers of the rescoring; by default nothing is rescored.

    Attributes:
        weight: how much the others count, 0 or more: 0 not at all; at 1, twice as many boxes double the odds of each.
        lone: factor on the odds of a box that is the only one, above 0.
    """

    weight: float = 0.0
    lone: float = 1.0

    @property
    def is_valid(self) -> bool:
        """Whether both numbers are in range."""
        return 0 <= self.weight < math.inf and 0 < self.lone < math.inf

    @property
    def is_off(self) -> bool:
        """Whether all confidences stay as they are."""
        return self.weight == 0 and self.lone == 1


NO_RESCORING = Rescoring()


def rescore(confidences: NDArray[np.float32], classes: NDArray[np.int64], rescoring: Rescoring) -> NDArray[np.float32]:
    """Return the new confidences of all boxes of a scan; only those of abnormal boxes change.

    Args:
        confidences: (N,) float32 in [0, 1], of all boxes of the scan.
        classes: (N,) int64 class ids.
        rescoring: how much the others count.

    Returns:
        (N,) float32 in [0, 1], in the same order.
    """
    if rescoring.is_off:
        return confidences
    evidence = _evidence(confidences, classes)
    others = np.maximum(evidence.sum(dtype=np.float32) - evidence, 0)
    return np.where(classes == ABNORMAL, _shift(confidences, others, rescoring), confidences)


def rescore_top(
    top: float, confidences: NDArray[np.float32], classes: NDArray[np.int64], rescoring: Rescoring
) -> float:
    """Return the new value of a scan's highest abnormal confidence, in [0, 1], whether it belongs to a box or not.

    Args:
        top: the highest confidence, in [0, 1], of any abnormal cell of the network.
        confidences: (N,) float32 in [0, 1], of all boxes of the scan, before rescoring.
        classes: (N,) int64 class ids.
        rescoring: how much the others count.
    """
    if rescoring.is_off:
        return top
    evidence = _evidence(confidences, classes)
    others = evidence.sum(dtype=np.float32) - evidence.max(initial=0)
    return float(_shift(np.array(top, np.float32), np.maximum(others, 0), rescoring))


def _evidence(confidences: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what each box adds to the expected number of abnormal boxes, (N,)."""
    return np.where((classes == ABNORMAL) & (confidences > FLOOR), confidences, np.float32(0))


def _shift(confidences: NDArray[np.float32], others: NDArray[np.float32], rescoring: Rescoring) -> NDArray[np.float32]:
    """Return confidences whose odds are multiplied, given the expected number of others of each."""
    kept = np.clip(confidences, np.float32(CERTAIN), np.float32(1 - CERTAIN))
    factor = np.float32(rescoring.lone) * (1 + others) ** np.float32(rescoring.weight)
    odds = kept / (1 - kept) * factor
    shifted: NDArray[np.float32] = odds / (1 + odds)
    return shifted
