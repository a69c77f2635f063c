"""How far an exported file is from the weights, or from another exported file, that it came of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import from_centres
from bonescan_yolo.model.runtime import Found, Layout, RawLayout

COMPARED_ANCHORS = 100
"""Best anchors of each scan whose boxes are compared; those of anchors that see nothing are arbitrary."""


@dataclass(frozen=True)
class Tolerance:
    """How far two networks may be apart: edges of boxes in pixels, scores in [0, 1]."""

    box_px: float
    score: float


ROUNDING_TOLERANCE = Tolerance(box_px=0.1, score=0.001)
"""What rounding in another order of operations may do; more means that the file is not the same network."""

HALF_TOLERANCE = Tolerance(box_px=0.25, score=0.01)
"""What storing the weights in 16 bit may do. A weight is rounded by up to 1 in 2,048: the .pt holds 16-bit weights, but
export multiplies those of convolution and normalisation, and the products are no 16-bit numbers. A yolov8n trained for
minutes on simulated scans differed by 0.004 px and 0.0003; boxes of bone scans are good to about a pixel."""

HALF_COMPARED_SCORE = 0.05
"""Boxes below it are not compared after rounding: nobody sees them, and those of anchors that see nothing are nearly a
matter of chance (0.4 px where boxes above it differed by 0.004 px)."""

CROP_TOLERANCE = Tolerance(box_px=0.5, score=0.02)
"""How far a box may move when the rows below the feet are cut off, to count as the same."""

EQUIVALENT_SHARE = 0.99
"""Of scans, least, that must show the same boxes when the rows below the feet are cut off."""


@dataclass(frozen=True)
class Agreement:
    """How far an ONNX file is from its weights, at most, over all scans compared."""

    scans: int
    box_px: float
    score: float

    def is_within(self, tolerance: Tolerance) -> bool:
        """Whether the differences are no more than allowed."""
        return self.box_px <= tolerance.box_px and self.score <= tolerance.score

    def __str__(self) -> str:
        """Return the figures for a user."""
        return f"{self.scans} scans: boxes within {self.box_px:.4f} px, scores within {self.score:.6f}"


def compare_raw(
    weights: RawLayout, stock: RawLayout, frames: Sequence[NDArray[np.uint8]], lowest_score: float = 0.0
) -> Agreement:
    """Return the largest differences between the raw outputs of weights and a stock file; of boxes, above a score."""
    box_px, score = 0.0, 0.0
    for frame in frames:
        ours, theirs = stock.run(frame), weights.run(frame)
        score = max(score, float(np.abs(ours[4:] - theirs[4:]).max()))
        scores = theirs[4:].max(axis=0)
        best = np.argsort(-scores, kind="stable")[:COMPARED_ANCHORS]
        best = best[scores[best] >= lowest_score]
        edges = np.abs(from_centres(ours[:4, best].T) - from_centres(theirs[:4, best].T))
        box_px = max(box_px, float(edges.max(initial=0.0)))
    return Agreement(len(frames), box_px, score)


def share_equivalent(
    first: Layout, second: Layout, frames: Sequence[NDArray[np.uint8]], confidence: float, iou: float
) -> float:
    """Return the share of scans on which two files show the same boxes.

    A box is the same when one of its class lies within CROP_TOLERANCE of it in the other file. One so near the
    threshold that the tolerance could hide it may be missing.
    """
    lower = max(confidence - 2 * CROP_TOLERANCE.score, 0.0)
    same = 0
    for frame in frames:
        found = [layout.find(frame, lower, iou) for layout in (first, second)]
        same += all(_holds(found[i], found[1 - i], confidence + CROP_TOLERANCE.score) for i in (0, 1))
    return same / len(frames)


def _holds(inner: Found, outer: Found, confidence: float) -> bool:
    """Tell whether each box of one reading above a confidence is in another reading."""
    for box, score, label in zip(inner.boxes, inner.confidences, inner.classes, strict=True):
        near = np.abs(outer.boxes - box).max(axis=1, initial=0.0) <= CROP_TOLERANCE.box_px
        near &= np.abs(outer.confidences - score) <= CROP_TOLERANCE.score
        if score > confidence and not (near & (outer.classes == label)).any():
            return False
    return True
