"""Reading a split: every scan once, with a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.boxes import Boxes
from bonescan_yolo.dataset.dataset_yaml import Dataset
from bonescan_yolo.dataset.patients import patients_of
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate.matching.pixel_overlap import class_masks, pixel_overlaps
from bonescan_yolo.evaluate.matching.scan_result import Places, ScanRecord, ScanResult
from bonescan_yolo.evaluate.matching.sites import sites_of
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.predict.batch import read_files, threads_for
from bonescan_yolo.scan.body import find_extent
from bonescan_yolo.scan.surroundings import contrasts

LOWEST_CONFIDENCE = 0.001
"""Average precision needs the whole curve, down to predictions nobody would show; Ultralytics takes the same."""

MANY = 2
"""Scans from which on each core takes one; a split has as many, or it does not matter."""

WEIGHTS_SUFFIX = ".pt"


def open_model(path: Path | None) -> Detector:
    """Return a detector for an ONNX file or a .pt file, which brings torch; None takes the project's own model.

    Raises:
        BonescanError: the file is missing or no model of this project.
    """
    if path is not None and path.suffix.lower() == WEIGHTS_SUFFIX:
        from bonescan_yolo.model.torch_detector import TorchDetector
        from bonescan_yolo.train.run_record import read_card

        return TorchDetector(path, LOWEST_CONFIDENCE, read_card(path))
    return Detector(path, confidence=LOWEST_CONFIDENCE, threads=threads_for(MANY))


def read_results(dataset: Dataset, split: str, detector: Detector) -> list[ScanResult]:
    """Return truth and prediction of every scan of a split, and nothing more.

    Raises:
        BonescanError: the split has no scans, or a scan or its labels cannot be read.
    """
    images = images_of(dataset, split)
    return [compare(dataset, reading) for reading in _read(images, split, detector)]


def read_split(dataset: Dataset, split: str, detector: Detector, threshold: float) -> list[ScanRecord]:
    """Return truth and prediction of every scan of a split, where they lie, and how their outlines overlap.

    Args:
        dataset: with labels.
        split: its name.
        detector: reads down to a very low confidence.
        threshold: confidence above which boxes are shown; hot spots are outlined in those.

    Raises:
        BonescanError: the split has no scans, or a scan or its labels cannot be read.
    """
    images = images_of(dataset, split)
    patients = patients_of(dataset, split)
    readings = _read(images, split, detector)
    return [
        _describe(reading, compare(dataset, reading), image, patient, threshold)
        for reading, image, patient in zip(readings, images, patients, strict=True)
    ]


def images_of(dataset: Dataset, split: str) -> tuple[Path, ...]:
    """Return the scans of a split.

    Raises:
        BonescanError: it has none.
    """
    images = dataset.images.get(split)
    if not images:
        raise BonescanError(f"{dataset.yaml}: split `{split}` has no scans; choose another --split")
    return images


def _read(images: Sequence[Path], split: str, detector: Detector) -> Iterator[Reading]:
    """Yield the reading of each image, in order."""
    for found in cli.progress(read_files(images, detector), len(images), f"reading {split}"):
        if isinstance(found, BonescanError):
            raise found
        yield found[0]


def compare(dataset: Dataset, reading: Reading) -> ScanResult:
    """Return the reading of one of the data set's scans beside its truth."""
    scan = reading.scan
    if scan.path is None:
        raise ValueError("a scan of a data set has a path")
    true_boxes, true_classes = read_labels(dataset.label_path(scan.path), scan.width, scan.height)
    return ScanResult(
        width=scan.width,
        height=scan.height,
        true_boxes=true_boxes,
        true_classes=true_classes,
        boxes=reading.boxes,
        confidences=reading.confidences,
        classes=reading.classes,
    )


def _describe(reading: Reading, result: ScanResult, image: Path, patient: str, threshold: float) -> ScanRecord:
    """Return one scan's truth and prediction with their places and outlines."""
    grey = reading.scan.grey()
    body = find_extent(grey)

    def places(boxes: Boxes) -> Places:
        return Places(sites_of(boxes, body), contrasts(grey, boxes))

    shown = result.confidences > threshold
    return ScanRecord(
        image=image,
        patient=patient,
        view=reading.scan.view,
        result=result,
        abnormal_confidence=reading.scan_abnormal_confidence,
        true_places=places(result.true_boxes),
        places=places(result.boxes),
        pixel_overlaps=pixel_overlaps(
            class_masks(grey, result.true_boxes, result.true_classes),
            class_masks(grey, result.boxes[shown], result.classes[shown]),
        ),
    )
