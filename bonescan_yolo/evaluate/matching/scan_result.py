"""What is known of one scan after it was read: the truth, what the model found, and where on the body that lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.evaluate.matching.pixel_overlap import PixelOverlap
from bonescan_yolo.scan.names import View


@dataclass(frozen=True, eq=False)
class ScanResult:
    """Truth and prediction of one scan.

    Attributes:
        width, height: pixels of the scan.
        true_boxes: (N, 4) x1 y1 x2 y2.
        true_classes: (N,).
        boxes: (M, 4) predicted, down to a very low confidence.
        confidences: (M,) in [0, 1].
        classes: (M,).
    """

    width: int
    height: int
    true_boxes: Boxes
    true_classes: NDArray[np.int64]
    boxes: Boxes
    confidences: NDArray[np.float32]
    classes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """Where N boxes of a scan lie, and how they stand out.

    Attributes:
        sites: (N,) index into `sites.SITES`.
        contrasts: (N,) mean of the box over that of its surroundings; see `contrast`.
    """

    sites: NDArray[np.int64]
    contrasts: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ScanRecord:
    """One scan, read.

    Attributes:
        image: file of the scan.
        patient: whose it is; both views of a study are one patient's.
        view: which of the two.
        result: boxes, true and predicted.
        abnormal_confidence: highest confidence of any abnormal box, in [0, 1].
        true_places: of the true boxes.
        places: of the predicted boxes.
        pixel_overlaps: of the outlined hot spots, true and shown, by class id; None where they were not outlined.
    """

    image: Path
    patient: str
    view: View | None
    result: ScanResult
    abnormal_confidence: float
    true_places: Places
    places: Places
    pixel_overlaps: tuple[PixelOverlap, ...] | None = None
