"""Axis-aligned boxes as numpy arrays.

A box is `x1 y1 x2 y2` in pixels: the left, upper, right and lower *edges*. A box that covers the single pixel
(column 3, row 5) is `3 5 4 6`, and its width is `x2 - x1`. Arrays are (N, 4), float.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
"""(N, 4) float32: x1 y1 x2 y2 in pixels."""


def empty_boxes() -> Boxes:
    """Return an empty array of boxes, (0, 4)."""
    return np.zeros((0, 4), dtype=np.float32)


def areas(boxes: Boxes) -> NDArray[np.float32]:
    """Return the area of each box in square pixels, (N,); 0 for inverted boxes."""
    return np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)


def intersections(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Return the area that each of N boxes shares with each of M boxes in square pixels, (N, M)."""
    upper_left = np.maximum(first[:, None, :2], second[None, :, :2])
    lower_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.maximum(lower_right - upper_left, 0)
    shared: NDArray[np.float32] = sides[..., 0] * sides[..., 1]
    return shared


def iou(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Return the intersection over union of each of N boxes with each of M boxes, (N, M) in [0, 1].

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.boxes import iou
        >>> found = np.array([[0, 0, 10, 10], [50, 50, 60, 60]], np.float32)
        >>> true = np.array([[5, 0, 15, 10]], np.float32)
        >>> iou(found, true).round(2)
        array([[0.33],
               [0.  ]], dtype=float32)
    """
    shared = intersections(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def clip(boxes: Boxes, width: int, height: int) -> Boxes:
    """Return the boxes clipped to an image of `width` x `height` pixels.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.boxes import clip
        >>> clip(np.array([[-3, 5, 300, 20]], np.float32), width=256, height=1024)
        array([[  0.,   5., 256.,  20.]], dtype=float32)
    """
    limits = np.array([width, height, width, height], dtype=np.float32)
    return np.clip(boxes, 0, limits).astype(np.float32)


def from_centres(centres: NDArray[np.float32]) -> Boxes:
    """Return boxes given as centre x, centre y, width, height (N, 4) as edges (N, 4).

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.boxes import from_centres
        >>> from_centres(np.array([[15, 30, 10, 20]], np.float32))
        array([[10., 20., 20., 40.]], dtype=float32)
    """
    half = centres[:, 2:] / 2
    return np.concatenate([centres[:, :2] - half, centres[:, :2] + half], axis=1).astype(np.float32)


def to_centres(boxes: Boxes) -> NDArray[np.float32]:
    """Return boxes given as edges (N, 4) as centre x, centre y, width, height (N, 4).

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.boxes import to_centres
        >>> to_centres(np.array([[10, 20, 20, 40]], np.float32))
        array([[15., 30., 10., 20.]], dtype=float32)
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] + sides / 2, sides], axis=1).astype(np.float32)


def suppress(
    boxes: Boxes, confidences: NDArray[np.float32], classes: NDArray[np.int64], iou_limit: float
) -> NDArray[np.int64]:
    """Return the indices kept by greedy non-maximum suppression within each class, best first.

    A box is dropped if its IoU with a better box of its class is above `iou_limit`. Of boxes with equal confidence the
    earlier one is kept, so the result does not depend on the sorting algorithm.

    Examples:
        The first box overlaps a better one of its class, the last one a better one of the other class:

        >>> import numpy as np
        >>> from bonescan_yolo.boxes import suppress
        >>> boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10]], np.float32)
        >>> confidences = np.array([0.6, 0.9, 0.5], np.float32)
        >>> suppress(boxes, confidences, classes=np.array([0, 0, 1]), iou_limit=0.3)
        array([1, 2])
    """
    order = np.argsort(-confidences, kind="stable")
    overlaps = iou(boxes[order], boxes[order]) > iou_limit
    overlaps &= classes[order][:, None] == classes[order][None, :]
    alive = np.ones(len(order), dtype=bool)
    for rank in range(len(order)):
        if alive[rank]:
            alive[rank + 1 :] &= ~overlaps[rank, rank + 1 :]
    return order[alive]
