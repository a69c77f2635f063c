"""How much a model is in doubt about a scan: boxes that it is unsure of, and boxes that come and go.

Nothing is known about the truth, so the model is asked in two ways. How near a confidence is to the model's threshold
says how easily the box would be wrong. And the same scan is read again as it could have been shown: mirrored, and with
two other display curves (gamma). Hot spots stay what they are, so that a box that appears, vanishes or changes its
class says that the model does not know them (consistency: Yu et al., Consistency-based active learning for object
detection, CVPR Workshops 2022). A wider or narrower display window is not tried: the network sees tones, on which it
has no effect short of saturation.

All doubts are in boxes, so that they can be added: the number of boxes that are expected to be wrong, or to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, iou
from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.rescoring import FLOOR
from bonescan_yolo.model.runtime import Detections
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.scan.display import MAX_GREY
from bonescan_yolo.suggest.looks import look_of

DISPLAY_GAMMAS: Final = (1 / 1.3, 1.3)
"""Exponents of the display curves: grey level 64 becomes 88 or 42. In training they vary by a factor of 1.15."""

UNSURE_FROM: Final = 0.15
"""Chance of being wrong from which a box counts as one that the model is unsure of."""

SAME_IOU: Final = 0.2
"""IoU from which boxes of two readings are the same: that of the hit rule."""

SEEN: Final = Thresholds.both(FLOOR)
"""Thresholds of a reading that is to show what the model is in doubt about."""

LEAST_THRESHOLD: Final = 0.01
"""Odds have no meaning at a threshold of 0 or 1; it is kept this far from both."""


@dataclass(frozen=True, eq=False)
class ScanFeatures:
    """What is kept of a scan to decide whether it is suggested: numbers, no pixels.

    Attributes:
        unsure: number of boxes expected to be wrong, shown or not shown.
        mirrored: number of boxes that change when the scan is mirrored.
        displayed: number of boxes that change with another display curve, the mean of those tried.
        unsure_boxes: number of boxes that the model is unsure of, shown or not.
        n_abnormal, n_normal: number of boxes that it shows.
        look: (LOOK_SIZE,) float32, see `looks`.
    """

    unsure: float
    mirrored: float
    displayed: float
    unsure_boxes: int
    n_abnormal: int
    n_normal: int
    look: NDArray[np.float32]

    @property
    def doubt(self) -> float:
        """All doubts together, in boxes."""
        return self.unsure + self.mirrored + self.displayed


def score_scan(detector: Detector, grey: NDArray[np.uint8]) -> ScanFeatures:
    """Return the features of a scan of (height, width) grey levels, which is read four times.

    Args:
        detector: that gives all boxes that say anything, far below the threshold too: opened with SEEN.
        grey: the scan.
    """
    if detector.thresholds != SEEN:
        raise ValueError(f"{detector.path} is not opened with SEEN")
    thresholds = detector.card.thresholds
    found = detector.layout.find(grey)
    shares = shown_shares(found, thresholds)
    wrong = np.minimum(shares, 1 - shares)
    mirrored = mirror_boxes(detector.layout.find(np.ascontiguousarray(grey[:, ::-1])), grey.shape[1])
    displayed = [detector.layout.find(_curve(gamma)[grey]) for gamma in DISPLAY_GAMMAS]
    is_shown = thresholds.above(found.confidences, found.classes)
    return ScanFeatures(
        unsure=float(wrong.sum()),
        mirrored=changes(found, mirrored, thresholds),
        displayed=float(np.mean([changes(found, other, thresholds) for other in displayed])),
        unsure_boxes=int((wrong >= UNSURE_FROM).sum()),
        n_abnormal=int((is_shown & (found.classes == ABNORMAL)).sum()),
        n_normal=int((is_shown & (found.classes == NORMAL)).sum()),
        look=look_of(grey, found, shares),
    )


def shown_shares(found: Detections, thresholds: Thresholds) -> NDArray[np.float64]:
    """Return how far each box is on the side of being shown, (N,) in (0, 1): 0.5 at the threshold of its class.

    The odds of a confidence are divided by those of the threshold. So it is one scale whatever the threshold is, and
    the nearer to 0.5, the more easily the box would be on the other side: at a threshold of 0.4, confidences of 0.05,
    0.4 and 0.9 are 0.07, 0.5 and 0.93.
    """
    kept = _inside(found.confidences.astype(np.float64))
    least = _inside(np.array(thresholds.by_class))[found.classes]
    odds = kept / (1 - kept) * ((1 - least) / least)
    return np.asarray(odds / (1 + odds))


def _inside(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares that have odds."""
    return np.clip(shares, LEAST_THRESHOLD, 1 - LEAST_THRESHOLD)


def changes(first: Detections, second: Detections, thresholds: Thresholds) -> float:
    """Return how many boxes differ between two readings of a scan, in the pixels of the scan.

    Each box of the first, best first, is paired with the box of its class in the second that overlaps it most. A pair
    differs by its shares of being shown, a box without a partner by its own share. So a faint box that vanishes hardly
    counts, and a clear box that changes its class counts twice.
    """
    shares, others = shown_shares(first, thresholds), shown_shares(second, thresholds)
    overlaps = iou(first.boxes, second.boxes)
    overlaps[(first.classes[:, None] != second.classes[None, :]) | (overlaps < SAME_IOU)] = 0
    total, free = 0.0, np.ones(len(others), dtype=bool)
    for share, row in zip(shares, overlaps, strict=True):
        left = np.where(free, row, 0)
        if not left.any():
            total += float(share)
            continue
        partner = int(left.argmax())
        free[partner] = False
        total += abs(float(share - others[partner]))
    return total + float(others[free].sum())


def mirror_boxes(found: Detections, width: int) -> Detections:
    """Return what was found on a mirrored scan of `width` pixels, with its boxes where they are on the scan itself."""
    left, right = width - found.boxes[:, 2], width - found.boxes[:, 0]
    boxes: Boxes = np.stack([left, found.boxes[:, 1], right, found.boxes[:, 3]], axis=1)
    return Detections(boxes, found.confidences, found.classes, found.scan_abnormal_confidence)


def _curve(gamma: float) -> NDArray[np.uint8]:
    """Return the grey level that each of the 256 becomes on another display, black and white staying."""
    share = np.arange(MAX_GREY + 1) / MAX_GREY
    return np.rint(share**gamma * MAX_GREY).astype(np.uint8)
