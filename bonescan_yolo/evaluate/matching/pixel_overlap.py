"""Pixel IoU: the outlined hot spots of a class against the true ones, as one set of pixels each.

It is what networks for segmentation are judged by. Where the truth has boxes alone, as BS-80K's has, the true pixels
are outlines inside the true boxes by the same rule as the predicted ones: the figure then tells how well boxes are
found, not how well outlines are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.measure.outlines import outline_hot_spots, union
from bonescan_yolo.scan.morphology import Mask
from bonescan_yolo.scan.read import read_scans


@dataclass(frozen=True)
class PixelOverlap:
    """Pixels of one class on one scan: in both sets (`intersection`), in either (`union`)."""

    intersection: int
    union: int


def class_masks(
    pixels: NDArray[np.uint8] | NDArray[np.float32], boxes: Boxes, classes: NDArray[np.int64]
) -> tuple[Mask, ...]:
    """Return by class id the pixels of a scan (height, width) that the outlines in the boxes of the class cover.

    Args:
        pixels: (height, width) grey levels or counts.
        boxes: (N, 4) x1 y1 x2 y2 in pixels; predicted ones only above the threshold they are shown from.
        classes: (N,) class ids.
    """
    outlines = outline_hot_spots(pixels, boxes)
    return tuple(
        union([outline for outline, own in zip(outlines, classes, strict=True) if own == class_id], pixels.shape)
        for class_id in range(len(CLASS_NAMES))
    )


def object_class_masks(numbers: NDArray[np.uint8], classes: NDArray[np.int64]) -> tuple[Mask, ...]:
    """Return by class id the true pixels from a mask of the simulator.

    Args:
        numbers: (height, width), 0 outside, else the number of the object, from 1 (see `read_object_numbers`).
        classes: (N,) class ids of the objects.
    """
    class_of = np.append(-1, classes)  # number 0 is no object
    return tuple(np.asarray(class_of[numbers] == class_id) for class_id in range(len(CLASS_NAMES)))


def read_object_numbers(path: Path, objects: int) -> NDArray[np.uint8]:
    """Return a mask that the simulator wrote with `--masks`: each pixel the number, from 1, of its object.

    Raises:
        BonescanError: it cannot be read, or has numbers of more than `objects` objects.
    """
    numbers = read_scans(path)[0].pixels
    if numbers.dtype != np.uint8 or int(numbers.max()) > objects:
        raise BonescanError(f"{path}: is no mask of {objects} objects; simulate again with --masks")
    return numbers.astype(np.uint8)


def pixel_overlaps(true_masks: Sequence[Mask], masks: Sequence[Mask]) -> tuple[PixelOverlap, ...]:
    """Return by class id how true and predicted pixels of one scan overlap."""
    return tuple(
        PixelOverlap(int((truth & found).sum()), int((truth | found).sum()))
        for truth, found in zip(true_masks, masks, strict=True)
    )


def pixel_iou(scans: Sequence[Sequence[PixelOverlap]]) -> dict[str, float | None]:
    """Return the pixel IoU of each class by name over scans, in [0, 1]; None where no scan has a pixel of it.

    Intersections and unions are summed over the scans before they are divided.
    """
    figures: dict[str, float | None] = {}
    for class_id, name in enumerate(CLASS_NAMES):
        either = sum(scan[class_id].union for scan in scans)
        figures[name] = sum(scan[class_id].intersection for scan in scans) / either if either else None
    return figures
