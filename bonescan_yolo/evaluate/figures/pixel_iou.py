"""Pixel IoU: the outlined hot spots of a class against the true ones, as one set of pixels each.

Networks for segmentation are judged by it. Intersections and unions are summed over scans before they are divided, so
that a scan without hot spots adds nothing. Where the truth has only boxes, as in BS-80K, the true pixels are outlines
inside the true boxes by the same rule as the predicted ones: the figure then measures how well boxes are found, not how
well outlines are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.evaluated_scan import PixelOverlap
from bonescan_yolo.evaluate.matching.pool import CLASSES, PooledScans
from bonescan_yolo.measure.outlines import outline_hot_spots, union
from bonescan_yolo.scan.identity.names import VIEWS
from bonescan_yolo.scan.morphology import Mask

PUBLISHED = {
    "pixel_iou/abnormal/anterior": 0.35,
    "pixel_iou/normal/anterior": 0.50,
    "pixel_iou/abnormal/posterior": 0.47,
    "pixel_iou/normal/posterior": 0.54,
}
"""Of networks of the U-Net family that were trained on BS-80K, on real scans."""


def class_masks(
    pixels: NDArray[np.uint8] | NDArray[np.float32], boxes: Boxes, classes: NDArray[np.int64]
) -> tuple[Mask, ...]:
    """Return by class id the pixels that the outlines in the boxes of the class cover, each (height, width) bool.

    Args:
        pixels: (height, width) grey levels or counts.
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels; predicted ones only above the threshold.
        classes: (N,) int64 class ids.
    """
    outlines = outline_hot_spots(pixels, boxes)
    return tuple(
        union([outline for outline, own in zip(outlines, classes, strict=True) if own == class_id], pixels.shape)
        for class_id in range(len(CLASS_NAMES))
    )


def object_class_masks(numbers: NDArray[np.uint8], classes: NDArray[np.int64]) -> tuple[Mask, ...]:
    """Return by class id the true pixels from a mask of the simulator, each (height, width) bool.

    Args:
        numbers: (height, width) uint8: 0 outside, else the number of the object, from 1 (see `read_object_numbers`).
        classes: (N,) int64 class ids of the objects.
    """
    class_of = np.append(-1, classes)  # number 0 is not an object
    return tuple(np.asarray(class_of[numbers] == class_id) for class_id in range(len(CLASS_NAMES)))


def read_object_numbers(path: Path, objects: int) -> NDArray[np.uint8]:
    """Return a mask that the simulator wrote with `--masks`: (height, width) uint8, each pixel's object, from 1.

    Raises:
        DatasetError: it cannot be read, or has numbers above `objects`.
    """
    try:
        with Image.open(path) as mask:
            numbers = np.asarray(mask)
    except FileNotFoundError as error:
        raise DatasetError(f"{path}: does not exist; simulate again with --masks") from error
    except Exception as error:  # Pillow's errors on damaged files share no base class
        raise DatasetError(f"{path}: is damaged; simulate again with --masks") from error
    if numbers.dtype != np.uint8 or numbers.ndim != 2 or int(numbers.max()) > objects:
        raise DatasetError(f"{path}: is not a mask of {objects} objects; simulate again with --masks")
    return numbers


def pixel_overlaps(true_masks: Sequence[Mask], masks: Sequence[Mask]) -> tuple[PixelOverlap, ...]:
    """Return by class id how true and predicted pixels of one scan overlap; masks are those of `class_masks`."""
    return tuple(
        PixelOverlap(int((truth & found).sum()), int((truth | found).sum()))
        for truth, found in zip(true_masks, masks, strict=True)
    )


def pixel_iou(scans: Sequence[Sequence[PixelOverlap]]) -> dict[str, float | None]:
    """Return the pixel IoU over scans by class name, in [0, 1]; None if no scan has a pixel of the class.

    Args:
        scans: `pixel_overlaps` of each scan.
    """
    figures: dict[str, float | None] = {}
    for class_id, name in enumerate(CLASS_NAMES):
        either = sum(scan[class_id].union for scan in scans)
        figures[name] = sum(scan[class_id].intersection for scan in scans) / either if either else None
    return figures


def pixel_iou_figures(pool: PooledScans, weights: Weights) -> dict[str, Sampled]:
    """Return the pixel IoU by class and view; nothing unless hot spots were outlined on every scan."""
    overlaps = [scan.pixel_overlaps for scan in pool.scans]
    figures = {}
    for class_id, name in CLASSES:
        counts = [(each[class_id].intersection, each[class_id].union) for each in overlaps if each is not None]
        if len(counts) < len(overlaps) or not counts:
            return {}
        table = np.array(counts, dtype=np.float64)
        for view in VIEWS:
            seen = np.array([scan.view == view for scan in pool.scans], dtype=bool)
            shared, either = (totals(weights, pool.patients[seen], table[seen, column]) for column in (0, 1))
            missing = f"no {name} hot spot on {view} scans, true or found"
            figures[f"pixel_iou/{name}/{view}"] = Sampled(divide(shared, either), missing)
    return figures
