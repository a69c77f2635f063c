"""One scan of an evaluation: the true boxes, the boxes the model found, and where in the body they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.regions.box_sites import BoxSite
from bonescan_yolo.regions.region_names import REGIONS
from bonescan_yolo.scan.identity.names import View

NO_BONE: Final = -1
"""In place of the index of a region if a box is over no bone."""


@dataclass(frozen=True, eq=False)
class ScanResult:
    """True and predicted boxes of one scan: all that average precision and hits need.

    Attributes:
        width, height: of the scan in pixels.
        true_boxes: (N, 4) float32, x1 y1 x2 y2 in pixels of the scan.
        true_classes: (N,) int64 class ids.
        boxes: (M, 4) float32, predicted, with confidences down to `read_split.LOWEST_CONFIDENCE`.
        confidences: (M,) float32 in [0, 1].
        classes: (M,) int64 class ids.
    """

    width: int
    height: int
    true_boxes: Boxes
    true_classes: NDArray[np.int64]
    boxes: Boxes
    confidences: NDArray[np.float32]
    classes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BoxPlaces:
    """Where N boxes of a scan are, and how much brighter than their surroundings.

    Attributes:
        regions: (N,) int64, index into `region_names.REGIONS` of the region that each box is in; NO_BONE for a box over
            no bone. None if the model gives no sites.
        contrasts: (N,) float32, mean of the box over mean of its surroundings (`bonescan_yolo.scan.surroundings`).
    """

    regions: NDArray[np.int64] | None
    contrasts: NDArray[np.float32]

    def only(self, kept: NDArray[np.bool_]) -> BoxPlaces:
        """Return the places of the boxes that are kept, (N,) bool."""
        return BoxPlaces(None if self.regions is None else self.regions[kept], self.contrasts[kept])


def region_indices(sites: Sequence[BoxSite | None] | None) -> NDArray[np.int64] | None:
    """Return the region of each of N sites as BoxPlaces has it."""
    if sites is None:
        return None
    indices = [NO_BONE if site is None else REGIONS.index(site.bone.region) for site in sites]
    return np.array(indices, dtype=np.int64)


@dataclass(frozen=True)
class PixelOverlap:
    """How the true and the predicted pixels of one class on one scan overlap.

    Attributes:
        intersection: number of pixels in both.
        union: number of pixels in either.
    """

    intersection: int
    union: int


@dataclass(frozen=True, eq=False)
class EvaluatedScan:
    """One scan that was read with a model, with everything that figures, tables and pictures need.

    Attributes:
        image: file of the scan.
        patient: name of the patient; both views of a study belong to one patient.
        view: `anterior` or `posterior`; None if unknown.
        result: true and predicted boxes.
        abnormal_confidence: highest confidence of any abnormal box, in [0, 1].
        true_places: of the true boxes.
        places: of the predicted boxes.
        pixel_overlaps: of the outlined hot spots, true and shown, by class id; None if they were not outlined.
    """

    image: Path
    patient: str
    view: View | None
    result: ScanResult
    abnormal_confidence: float
    true_places: BoxPlaces
    places: BoxPlaces
    pixel_overlaps: tuple[PixelOverlap, ...] | None = None
