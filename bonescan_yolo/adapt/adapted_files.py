"""The ONNX files of an adapted model, checked on the user's scans and on simulated ones."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from bonescan_yolo.adapt.annotated_scans import POOLED, pool_splits
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.dataset.dataset_yaml import SPLITS, Dataset
from bonescan_yolo.dataset.yolo_labels import format_labels
from bonescan_yolo.export.exporting import Export, export
from bonescan_yolo.files import write_bytes, write_text
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.scan.pictures.grey_png import grey_png
from bonescan_yolo.train.scan_lists import LISTS_YAML, SCAN_LISTS, write_scan_lists

EXPORT_NAME: Final = "adapted.onnx"


def write_adapted_files(
    weights: Path, out: Path, dataset: Dataset, replay: Sequence[TrainingScan], card: ModelCard
) -> Export:
    """Write the ONNX files of adapted weights, and the lists of the user's scans for a later `bonescan export`.

    A few scans say little about what INT8 loses, so the simulated scans of the training are read too.

    Args:
        weights: the adapted .pt file.
        out: the run's folder.
        dataset: of the user.
        replay: the simulated scans.
        card: what the files say about themselves.

    Raises:
        BonescanError: a file cannot be written, or differs from the weights more than allowed.
    """
    own = pool_splits(dataset).images[POOLED]
    write_scan_lists(replace(dataset, images=dict.fromkeys(SPLITS, own)), out / SCAN_LISTS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        both = (*own, *_write_simulated(replay, folder))
        write_scan_lists(replace(dataset, images=dict.fromkeys(SPLITS, both)), folder)
        done = export(weights, out / EXPORT_NAME, folder / LISTS_YAML, card, half=True)
    refusal = done.refusal and done.refusal.partition(";")[0]  # what follows is advice about options of `export`
    return replace(done, refusal=refusal)


def _write_simulated(scans: Sequence[TrainingScan], folder: Path) -> list[Path]:
    """Write scans in the frame of the network as a data set; returns the paths of the images."""
    images = [folder / "images" / f"{number}.png" for number in range(1, len(scans) + 1)]
    for image, scan in zip(images, scans, strict=True):
        height, width = scan.grey.shape
        write_bytes(image, grey_png(scan.grey))
        labels = folder / "labels" / image.with_suffix(".txt").name
        write_text(labels, format_labels(scan.boxes, scan.classes, width, height))
    return images
