"""The user's annotated scans, in memory: as training sees them, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bonescan_yolo import cli
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.boxes import Boxes
from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.dataset.dataset_yaml import SPLITS, Dataset
from bonescan_yolo.dataset.patients import patients_of
from bonescan_yolo.dataset.scan_pixels import read_grey
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.read_split import read_split
from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.fitting import Fit, fit

LEAST_SCANS = 5
"""Fewer say neither what to learn nor whether it was learnt."""

POOLED = SPLITS[0]
"""The only split of a data set whose splits do not matter."""


@dataclass(frozen=True, eq=False)
class AnnotatedScan:
    """One of the user's scans.

    Attributes:
        image: its file.
        patient: whose it is; both views of a study belong to one patient.
        training: pixels and boxes in the network's frame.
    """

    image: Path
    patient: str
    training: TrainingScan

    @property
    def n_boxes(self) -> int:
        """Number of boxes."""
        return len(self.training.classes)

    @property
    def n_abnormal(self) -> int:
        """Number of abnormal boxes."""
        return int((self.training.classes == ABNORMAL).sum())


def pool_splits(dataset: Dataset) -> Dataset:
    """Return a data set with all its scans in the split POOLED."""
    images = sorted(image for split in dataset.images.values() for image in split)
    return replace(dataset, images={POOLED: tuple(images)})


def read_annotated(dataset: Dataset) -> list[AnnotatedScan]:
    """Return the scans of a data set, of all its splits.

    Raises:
        DatasetError: there are fewer than LEAST_SCANS, none has a box, or one cannot be read.
    """
    pooled = pool_splits(dataset)
    images = pooled.images[POOLED]
    if len(images) < LEAST_SCANS:
        raise DatasetError(f"{dataset.yaml}: has {len(images)} scans; give at least {LEAST_SCANS} annotated ones")
    patients = patients_of(pooled, POOLED)
    scans = [
        AnnotatedScan(image, patient, _training_scan(dataset, image))
        for image, patient in cli.progress(zip(images, patients, strict=True), len(images), "opening")
    ]
    if not any(scan.n_boxes for scan in scans):
        raise DatasetError(f"{dataset.yaml}: has no box on any of its {len(scans)} scans; annotate hot spots first")
    return scans


def _training_scan(dataset: Dataset, image: Path) -> TrainingScan:
    """Return a scan and its boxes in the network's frame, where prediction puts them."""
    grey = read_grey(image)
    height, width = grey.shape
    boxes, classes = read_labels(dataset.label_path(image), width, height)
    frame, place = fit(grey, INPUT_HEIGHT, INPUT_WIDTH)
    return TrainingScan(frame, _to_frame(boxes, place), classes)


def _to_frame(boxes: Boxes, place: Fit) -> Boxes:
    """Return boxes (N, 4) in pixels of the scan as boxes in pixels of the frame."""
    scale = np.array([place.scale_x, place.scale_y] * 2, dtype=np.float32)
    return boxes * scale + np.array([place.left, place.top] * 2, dtype=np.float32)


def read_with(detector: Detector, dataset: Dataset, scans: Sequence[AnnotatedScan]) -> list[EvaluatedScan]:
    """Return scans as a model reads them, beside their true boxes.

    Args:
        detector: gives boxes down to a very low confidence (`evaluate.read_split.open_model`).
        dataset: that the scans are from.
        scans: to read.
    """
    part = replace(dataset, images={POOLED: tuple(scan.image for scan in scans)})
    read = read_split(part, POOLED, detector, detector.card.thresholds)
    return [replace(one, patient=scan.patient) for one, scan in zip(read, scans, strict=True)]
