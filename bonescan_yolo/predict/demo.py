"""The last step of `make demo`: read one simulated test scan and print where the results are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.dataset.dataset_yaml import Dataset, read_dataset
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import write_bytes, write_text
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.predict import drawing
from bonescan_yolo.predict.formats import reading_json
from bonescan_yolo.scan.read import read_scans

TYPICAL_BOXES = (5, 3)
"""Wanted numbers of abnormal and normal boxes on the scan that is shown; the nearest scan of the test split is taken.
It has some disease, but not all over the body, and normal spots to distinguish from it."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bonescan_yolo.predict.demo", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml of the simulated scans")
    parser.add_argument("--model", type=Path, required=True, help="ONNX model to read with")
    parser.add_argument("--out", type=Path, required=True, help="folder for the picture and the JSON")
    options = parser.parse_args(arguments)
    scan_path = choose_scan(read_dataset(options.data))
    detector = Detector(options.model)
    reading = detector(scan_path)[0]
    picture_path, json_path = (options.out / f"{scan_path.stem}.{suffix}" for suffix in ("png", "json"))
    write_bytes(picture_path, drawing.draw(reading))
    write_text(json_path, reading_json.dump(reading_json.describe(reading, detector)))
    sys.stdout.write(
        f"\nread {scan_path}: {reading.n_abnormal} abnormal and {reading.n_normal} normal hot spots\n"
        f"  picture  {picture_path}\n"
        f"  JSON     {json_path}\n"
        f"  model    {options.model}\n"
        f"read your own scan: {sys.executable} -m bonescan_yolo.predict scan.png --model {options.model}\n"
        f"{NOTICE}\n"
    )
    return 0


def choose_scan(dataset: Dataset) -> Path:
    """Return the test scan whose numbers of true boxes are nearest to TYPICAL_BOXES.

    One with disease is preferred, if there is any. The boxes that a model finds do not matter.

    Raises:
        DatasetError: there is no test scan.
    """
    images = dataset.images.get("test")
    if not images:
        raise DatasetError(f"{dataset.yaml}: split `test` has no scans; simulate more studies")
    return min(images, key=lambda path: _unlikeness(dataset, path))


def _unlikeness(dataset: Dataset, image: Path) -> tuple[bool, int]:
    """Return whether an image shows no disease, and how far its numbers of true boxes are from TYPICAL_BOXES."""
    scan = read_scans(image)[0]
    _, classes = read_labels(dataset.label_path(image), scan.width, scan.height)
    numbers = [int((classes == class_id).sum()) for class_id in range(len(TYPICAL_BOXES))]
    apart = sum(abs(number - wanted) for number, wanted in zip(numbers, TYPICAL_BOXES, strict=True))
    return numbers[ABNORMAL] == 0, apart


if __name__ == "__main__":
    cli.run(main)
