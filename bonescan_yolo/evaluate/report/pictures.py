"""Pictures of the worst scans: true boxes as boxes, shown detections as circles; missed and invented ones are thick."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.figures.error_analysis import errors_of, worst_first
from bonescan_yolo.evaluate.measured import Measured
from bonescan_yolo.predict.drawing import draw_box, draw_circle, show_scan
from bonescan_yolo.scan.read import read_scans

WORST = 12
"""Scans shown: enough that errors of the same kind repeat."""

BOX_MARGIN_PX = 2
CIRCLE_MARGIN_PX = 7
THIN_PX, THICK_PX = 1, 4
WEBP_QUALITY = 82


@dataclass(frozen=True)
class ScanPicture:
    """A scan as the report shows it.

    Attributes:
        title: name of the scan's file.
        view: `anterior`, `posterior` or empty.
        missed, invented: number of errors by class name.
        data_uri: the picture, a WebP image as a data URI.
    """

    title: str
    view: str
    missed: dict[str, int]
    invented: dict[str, int]
    data_uri: str


def worst_pictures(measured: Measured) -> list[ScanPicture]:
    """Return the WORST scans with the most errors, most misses first; scans without errors are left out."""
    missed, invented = errors_of(measured.pool, measured.thresholds)
    shown = measured.pool.shown(measured.thresholds)
    pictures = []
    for scan in worst_first(measured.pool, measured.thresholds)[:WORST]:
        true = measured.pool.truth.scans == scan
        found = measured.pool.detections.scans == scan
        if missed[true].any() or invented[found].any():
            pictures.append(_picture(measured, int(scan), missed[true], invented[found], shown[found]))
    return sorted(pictures, key=lambda picture: -sum(picture.missed.values()))


def _picture(
    measured: Measured,
    scan: int,
    missed: NDArray[np.bool_],
    invented: NDArray[np.bool_],
    shown: NDArray[np.bool_],
) -> ScanPicture:
    """Return the picture of a scan.

    Args:
        measured: with the scan.
        scan: its index.
        missed: (N,) bool, which of its true boxes are missed.
        invented: (M,) bool, which of its detections are invented.
        shown: (M,) bool, which of its detections are shown.
    """
    record = measured.pool.scans[scan]
    result = record.result
    grey = read_scans(record.image)[0].grey()
    panel = show_scan(grey, np.concatenate([result.true_boxes, result.boxes[shown]]))
    image = panel.image.convert("RGB")
    pen = ImageDraw.Draw(image)
    for box, class_id, is_missed in zip(result.true_boxes, result.true_classes, missed, strict=True):
        draw_box(pen, panel.place(box, BOX_MARGIN_PX), int(class_id), THICK_PX if is_missed else THIN_PX)
    for box, class_id, is_invented in zip(result.boxes[shown], result.classes[shown], invented[shown], strict=True):
        draw_circle(pen, panel.place(box, CIRCLE_MARGIN_PX), int(class_id), THICK_PX if is_invented else THIN_PX)
    return ScanPicture(
        title=record.image.name,
        view=record.view or "",
        missed=_by_class(result.true_classes[missed]),
        invented=_by_class(result.classes[invented]),
        data_uri=_data_uri(image),
    )


def _by_class(classes: NDArray[np.int64]) -> dict[str, int]:
    return {name: int((classes == class_id).sum()) for class_id, name in enumerate(CLASS_NAMES)}


def _data_uri(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=WEBP_QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
