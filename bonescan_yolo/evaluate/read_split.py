"""Reading a split: every scan once with a model, beside its true boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.dataset.dataset_yaml import SPLITS, Dataset
from bonescan_yolo.dataset.patients import patients_of
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.errors import BonescanError, DatasetError
from bonescan_yolo.evaluate.figures.pixel_iou import class_masks, pixel_overlaps
from bonescan_yolo.evaluate.matching.evaluated_scan import BoxPlaces, EvaluatedScan, ScanResult, region_indices
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.model.scan_sites import sites_on_scan
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.predict.batch import read_files, threads_for
from bonescan_yolo.scan.surroundings import contrasts

LOWEST_CONFIDENCE = 0.001
"""Boxes are read down to this confidence, since average precision needs the whole curve. Ultralytics uses the same."""

ALL = "all"
"""In place of a split's name: all scans of the data set."""

MANY = 2
"""Number of scans given to `threads_for`: with two or more, each core reads a scan of its own."""

WEIGHTS_SUFFIX = ".pt"


def open_model(path: Path | None, trust: bool = False, *, regions: bool = False) -> Detector:
    """Return a detector that gives boxes down to LOWEST_CONFIDENCE.

    Args:
        path: an ONNX file, or a .pt file, which needs torch; None takes the shipped model.
        trust: whether a .pt file may run code, see `load_weights`.
        regions: whether readings get the sites of their boxes too, if the file gives them; see `Detector`.

    Raises:
        ModelError: the file is missing, or is not a model of this project.
    """
    if path is not None and path.suffix.lower() == WEIGHTS_SUFFIX:
        from bonescan_yolo.model.torch_network import TorchDetector
        from bonescan_yolo.train.run_record import read_card

        return TorchDetector(path, LOWEST_CONFIDENCE, read_card(path, trust), trust)
    return Detector(path, confidence=LOWEST_CONFIDENCE, threads=threads_for(MANY), regions=regions)


def splits_of(dataset: Dataset, split: str) -> tuple[str, ...]:
    """Return the splits that a name means: that one, or with ALL every split that has scans of its own.

    A data set may have the same scans in several splits, such as the one that `adapt` leaves; they count once.

    Raises:
        DatasetError: the split has no scans.
    """
    if split == ALL:
        splits: dict[str, set[Path]] = {}
        for name in SPLITS:
            others = set(dataset.images.get(name, ())).difference(*splits.values())
            if others:
                splits[name] = others
        return tuple(splits)
    if not dataset.images.get(split):
        raise DatasetError(f"{dataset.yaml}: split `{split}` has no scans; choose another --split")
    return (split,)


def read_results(dataset: Dataset, split: str, detector: Detector) -> list[ScanResult]:
    """Return true and predicted boxes of every scan of a split, or of ALL.

    Raises:
        BonescanError: the split has no scans, or a scan or its labels cannot be read.
    """
    return [
        _beside_truth(dataset, reading)
        for name in splits_of(dataset, split)
        for reading in _read(dataset.images[name], name, detector)
    ]


def read_split(dataset: Dataset, split: str, detector: Detector, thresholds: Thresholds) -> list[EvaluatedScan]:
    """Return true and predicted boxes of every scan of a split, with their places and how their outlines overlap.

    Args:
        dataset: with labels.
        split: its name.
        detector: gives boxes down to a very low confidence (`open_model`).
        thresholds: above which boxes are shown; hot spots are outlined in those.

    Raises:
        BonescanError: the split has no scans, or a scan or its labels cannot be read.
    """
    (name,) = splits_of(dataset, split)
    images, patients = dataset.images[name], patients_of(dataset, name)
    return [
        _describe(reading, _beside_truth(dataset, reading), image, patient, thresholds)
        for reading, image, patient in zip(_read(images, name, detector), images, patients, strict=True)
    ]


def _read(images: Sequence[Path], split: str, detector: Detector) -> Iterator[Reading]:
    """Yield the reading of each image, in order; `split` labels the progress bar.

    Raises:
        BonescanError: a scan cannot be read.
    """
    found = read_files(images, detector, force=True)  # people saw these scans when they drew the boxes
    for first, *_ in cli.progress(found, len(images), f"reading {split}"):
        if isinstance(first, BonescanError):
            raise first
        yield first


def _beside_truth(dataset: Dataset, reading: Reading) -> ScanResult:
    """Return the boxes of a reading beside the true boxes of its scan."""
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


def _describe(reading: Reading, result: ScanResult, image: Path, patient: str, thresholds: Thresholds) -> EvaluatedScan:
    """Return one scan with the places of its boxes and the overlap of its outlines.

    True boxes have no site of their own: theirs is where the model's map of bones puts them.
    """
    grey = reading.scan.grey()
    true_sites = sites_on_scan(reading.scan, reading.cover, result.true_boxes)
    shown = thresholds.above(result.confidences, result.classes)
    return EvaluatedScan(
        image=image,
        patient=patient,
        view=reading.scan.view,
        result=result,
        abnormal_confidence=reading.scan_abnormal_confidence,
        true_places=BoxPlaces(region_indices(true_sites), contrasts(grey, result.true_boxes)),
        places=BoxPlaces(region_indices(reading.sites), contrasts(grey, result.boxes)),
        pixel_overlaps=pixel_overlaps(
            class_masks(grey, result.true_boxes, result.true_classes),
            class_masks(grey, result.boxes[shown], result.classes[shown]),
        ),
    )
