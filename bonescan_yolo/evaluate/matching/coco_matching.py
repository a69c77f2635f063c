"""COCO's matching of detections and true boxes, box by box, which the evaluator does not return.

The bootstrap needs it: the matches on a scan do not depend on other scans, so they are found once, and each draw only
counts them (`figures.precision_figures`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import areas, iou
from bonescan_yolo.evaluate.matching.average_precision import SIZES
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult

IOUS = np.linspace(0.5, 0.95, 10)
"""IoUs at which COCO matches."""

RIGHT, WRONG, IGNORED = 1, 0, -1
"""State of a detection at one IoU and for one size; a detection of another size is ignored."""


@dataclass(frozen=True, eq=False)
class Matching:
    """Detections and true boxes of one class on all scans.

    Attributes:
        confidences: (N,) float32 in [0, 1].
        scans: (N,) int64, index of each detection's scan.
        inside: (sizes, N) bool, whether the detection itself is of the size.
        touching: (S,) int64, index of the detections that match a true box for some size at some IoU.
        states: (sizes, IoUs, S) int8 RIGHT, WRONG or IGNORED, of those; all others are WRONG if of the size.
        true_scans: (M,) int64, index of each true box's scan.
        true_inside: (sizes, M) bool, whether the true box is of the size.
    """

    confidences: NDArray[np.float32]
    scans: NDArray[np.int64]
    inside: NDArray[np.bool_]
    touching: NDArray[np.int64]
    states: NDArray[np.int8]
    true_scans: NDArray[np.int64]
    true_inside: NDArray[np.bool_]


def match_class(results: Sequence[ScanResult], class_id: int) -> Matching:
    """Return the matching of a class on all scans; IoUs are those of IOUS, sizes those of SIZES."""
    shape = (len(SIZES), len(IOUS))
    confidences, scans, true_scans = [np.zeros(0, np.float32)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    inside, true_inside = [np.zeros((len(SIZES), 0), bool)], [np.zeros((len(SIZES), 0), bool)]
    touching, states = [np.zeros(0, np.int64)], [np.zeros((*shape, 0), np.int8)]
    start = 0
    for index, result in enumerate(results):
        of_class = np.flatnonzero(result.classes == class_id)
        of_class = of_class[np.argsort(-result.confidences[of_class], kind="stable")]
        boxes = result.boxes[of_class].astype(np.float64)
        true_boxes = result.true_boxes[result.true_classes == class_id].astype(np.float64)
        sized, true_sized = _in_sizes(boxes), _in_sizes(true_boxes)
        touched, state = _match_scan(iou(boxes, true_boxes), sized, true_sized)  # type: ignore[arg-type]
        confidences.append(result.confidences[of_class])
        scans.append(np.full(len(of_class), index))
        inside.append(sized)
        touching.append(touched + start)
        states.append(state)
        true_scans.append(np.full(len(true_boxes), index))
        true_inside.append(true_sized)
        start += len(of_class)
    return Matching(
        confidences=np.concatenate(confidences),
        scans=np.concatenate(scans),
        inside=np.concatenate(inside, axis=1),
        touching=np.concatenate(touching),
        states=np.concatenate(states, axis=2),
        true_scans=np.concatenate(true_scans),
        true_inside=np.concatenate(true_inside, axis=1),
    )


def _in_sizes(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of N boxes are of which size, (sizes, N) bool."""
    area = areas(boxes)  # type: ignore[arg-type]
    return np.array([(area >= size.areas[0]) & (area <= size.areas[1]) for size in SIZES.values()])


def _match_scan(
    overlaps: NDArray[np.float64], inside: NDArray[np.bool_], true_inside: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return the indices of the detections of a scan that match, (S,), and their states, (sizes, IoUs, S).

    Each detection takes the free true box with the highest IoU, the last among equals. It takes a true box of another
    size only if none of the size overlaps enough, and is then ignored together with it.

    Args:
        overlaps: (N, M) float64, IoU of the detections, most confident first, with the true boxes.
        inside, true_inside: (sizes, N) and (sizes, M) bool, which of them are of which size.
    """
    candidates = np.flatnonzero((overlaps >= IOUS[0]).any(axis=1))
    states = np.empty((len(SIZES), len(IOUS), len(candidates)), np.int8)
    free = np.ones((len(SIZES), len(IOUS), overlaps.shape[1]), bool)
    preference = 2.0 * true_inside[:, None, :]  # above any overlap
    rows, columns = np.indices(free.shape[:2])
    for number, detection in enumerate(candidates):
        enough = free & (overlaps[detection] >= IOUS[:, None])
        worth = np.where(enough, overlaps[detection] + preference, -1.0)[..., ::-1]
        taken = free.shape[2] - 1 - worth.argmax(axis=2)
        matched = enough[rows, columns, taken]
        free[rows, columns, taken] &= ~matched
        alone = np.where(inside[:, detection], WRONG, IGNORED)[:, None]
        partner = np.where(true_inside[rows, taken], RIGHT, IGNORED)
        states[:, :, number] = np.where(matched, partner, alone)
    return candidates, states
