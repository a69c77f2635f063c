"""Whether a scan is abnormal, from its boxes: by a threshold on its most confident abnormal box, fitted on val."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import BonescanError


@dataclass(frozen=True)
class ScanRule:
    """A scan is abnormal when its highest abnormal confidence is at least `threshold`.

    Attributes:
        threshold: in [0, 1].
        sensitivity, specificity: on the scans that it was fitted on, in [0, 1].
        n_abnormal, n_normal: number of those scans, by truth.
    """

    threshold: float
    sensitivity: float
    specificity: float
    n_abnormal: int
    n_normal: int

    def is_abnormal(self, scan_abnormal_confidence: float) -> bool:
        """Tell the class of a scan from `Reading.scan_abnormal_confidence`."""
        return scan_abnormal_confidence >= self.threshold

    def as_record(self) -> dict[str, float | int]:
        """Return the fields by name, for JSON."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> ScanRule:
        """Return the rule of a record that `as_record` made.

        Raises:
            BonescanError: it is none.
        """
        try:
            rule = cls(**record)
            sound = 0 <= rule.threshold <= 1
        except TypeError:
            sound = False
        if not sound:
            raise BonescanError(f"rule {dict(record)}: is no scan rule; fit it again")
        return rule


def fit_scan_rule(confidences: NDArray[np.floating[Any]], abnormal: NDArray[np.bool_]) -> ScanRule:
    """Return the rule of the highest Youden index, sensitivity + specificity - 1 (Youden, Cancer 3, 1950).

    The threshold lies midway between two neighbouring confidences, the lower one 0 below the last; of equally good ones
    the highest is taken.

    Args:
        confidences: (N,) highest abnormal confidence of each scan, in [0, 1].
        abnormal: (N,) whether it has an abnormal box in the truth.

    Raises:
        BonescanError: there are no abnormal or no normal scans to choose by.
    """
    n_abnormal, n_normal = int(abnormal.sum()), int((~abnormal).sum())
    if not n_abnormal or not n_normal:
        lacking = "normal" if n_abnormal else "abnormal"
        raise BonescanError(f"scan rule: there are no {lacking} scans to fit it on; give a larger val split")
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order].astype(np.float64)
    ends = np.flatnonzero(np.append(np.diff(ranked), -1))  # last of each run of equal confidences
    sensitivity = abnormal[order].cumsum()[ends] / n_abnormal
    specificity = 1 - (~abnormal[order]).cumsum()[ends] / n_normal
    best = int(np.argmax(sensitivity + specificity))
    below = ranked[ends[best] + 1] if ends[best] + 1 < len(ranked) else 0.0
    threshold = float((ranked[ends[best]] + below) / 2)
    return ScanRule(threshold, float(sensitivity[best]), float(specificity[best]), n_abnormal, n_normal)
