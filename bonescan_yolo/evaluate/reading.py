"""Reading a split: every scan once, with a model."""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.boxes import Boxes
from bonescan_yolo.dataset_yaml import Dataset
from bonescan_yolo.detector import Detector
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate.contrast import contrasts
from bonescan_yolo.evaluate.patients import patients_of
from bonescan_yolo.evaluate.record import Places, ScanRecord, ScanResult
from bonescan_yolo.evaluate.sites import find_body, sites_of
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.yolo_labels import read_labels

LOWEST_CONFIDENCE = 0.001
"""Average precision needs the whole curve, down to predictions nobody would show; Ultralytics takes the same."""

WEIGHTS_SUFFIX = ".pt"


def open_model(path: Path | None) -> Detector:
    """Return a detector for an ONNX file or a .pt file, which brings torch; None takes the project's own model.

    Raises:
        BonescanError: the file is missing or no model of this project.
    """
    if path is not None and path.suffix.lower() == WEIGHTS_SUFFIX:
        from bonescan_yolo.evaluate.torch_detector import TorchDetector

        return TorchDetector(path, LOWEST_CONFIDENCE)
    return Detector(path, confidence=LOWEST_CONFIDENCE)


def read_split(dataset: Dataset, split: str, detector: Detector) -> list[ScanRecord]:
    """Return truth and prediction of every scan of a split.

    Raises:
        BonescanError: the split has no scans, or a scan or its labels cannot be read.
    """
    images = dataset.images.get(split)
    if not images:
        raise BonescanError(f"{dataset.yaml}: split `{split}` has no scans; choose another --split")
    patients = patients_of(dataset, split)
    shown = cli.progress(images, len(images), f"reading {split}")
    return [_read(dataset, image, patient, detector) for image, patient in zip(shown, patients, strict=True)]


def _read(dataset: Dataset, image: Path, patient: str, detector: Detector) -> ScanRecord:
    """Return one scan's truth and prediction."""
    scan = read_scans(image)[0]
    reading = detector.read(scan)
    true_boxes, true_classes = read_labels(dataset.label_path(image), scan.width, scan.height)
    grey = scan.grey()
    body = find_body(grey)

    def places(boxes: Boxes) -> Places:
        return Places(sites_of(boxes, body), contrasts(grey, boxes))

    return ScanRecord(
        image=image,
        patient=patient,
        view=scan.view,
        result=ScanResult(
            width=scan.width,
            height=scan.height,
            true_boxes=true_boxes,
            true_classes=true_classes,
            boxes=reading.boxes,
            confidences=reading.confidences,
            classes=reading.classes,
        ),
        abnormal_confidence=reading.scan_abnormal_confidence,
        true_places=places(true_boxes),
        places=places(reading.boxes),
    )
