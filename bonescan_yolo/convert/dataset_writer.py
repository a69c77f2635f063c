"""The only writer of the converted data set: images, labels, dataset.yaml, scans.csv and folds.

images/{train,val,test}/NAME.jpg    linked or copied byte for byte, never re-encoded
labels/{train,val,test}/NAME.txt    `class cx cy w h`, normalised; empty for a background scan
dataset.yaml                        read by Ultralytics; `folds/fold-K.yaml` likewise
scans.csv                           one line a scan
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

import numpy as np
from PIL import Image

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES, NORMAL
from bonescan_yolo.convert.checks import SoundScan
from bonescan_yolo.convert.images import decode
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.split import SPLITS
from bonescan_yolo.convert.wrap import find_wraparound, unwrap
from bonescan_yolo.dataset.yolo_labels import format_labels
from bonescan_yolo.errors import DatasetError, one_line

ImageMode = Literal["link", "copy"]

SCANS_COLUMNS: Final = (
    "image",
    "split",
    "patient",
    "study",
    "view",
    "width",
    "height",
    "n_abnormal",
    "n_normal",
    "sha256",
)


@dataclass(frozen=True)
class PlacedScan:
    """A sound scan with its place.

    Attributes:
        sound: The scan, its image's facts and its boxes.
        patient: The group it is split with: the smallest id of those that share pixels.
        split: `train`, `val` or `test`.
        mend: Its wrapped grey levels are mended, so its image is written anew as a lossless PNG.
    """

    sound: SoundScan
    patient: str
    split: str
    mend: bool = False

    @property
    def image(self) -> str:
        """Path of the image in the converted data set."""
        suffix = ".png" if self.mend else PurePosixPath(self.sound.scan.image).suffix
        return f"images/{self.split}/{self.sound.scan.name}{suffix}"

    @property
    def label(self) -> str:
        """Path of the label file in the converted data set."""
        return f"labels/{self.split}/{self.sound.scan.name}.txt"

    def count(self, class_id: int) -> int:
        """Return how many boxes of a class the scan has."""
        return sum(box.class_id == class_id for box in self.sound.boxes)


def write_folders(root: Path) -> None:
    """Make the folders of a data set, also those that stay empty."""
    for kind in ("images", "labels"):
        for split in SPLITS:
            (root / kind / split).mkdir(parents=True, exist_ok=True)


def write_scan(root: Path, source: Source, placed: PlacedScan, mode: ImageMode) -> tuple[int, str]:
    """Write a scan's image and labels; return the number of boxes written and the image's SHA-256.

    Raises:
        DatasetError: the image changed or vanished since it was checked.
        OSError: the folder cannot be written to.
    """
    boxes = placed.sound.boxes
    corners = np.array([box.xyxy for box in boxes], dtype=np.float32).reshape(-1, 4)
    classes = np.array([box.class_id for box in boxes], dtype=np.int64)
    text = format_labels(corners, classes, placed.sound.facts.width, placed.sound.facts.height)
    (root / placed.label).write_text(text, encoding="ascii", newline="\n")
    target = root / placed.image
    if placed.mend:
        data = _mended(_read_again(source, placed))
        target.write_bytes(data)
        return len(boxes), hashlib.sha256(data).hexdigest()
    lies_at = source.path(placed.sound.scan.image)
    if not (mode == "link" and lies_at is not None and _link(lies_at, target)):
        target.write_bytes(_read_again(source, placed))
    return len(boxes), placed.sound.facts.sha256


def scans_csv(placed: Sequence[PlacedScan], hashes: Sequence[str]) -> str:
    """Return the table of scans."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(SCANS_COLUMNS)
    for item, sha256 in zip(placed, hashes, strict=True):
        scan, facts = item.sound.scan, item.sound.facts
        counts = (item.count(ABNORMAL), item.count(NORMAL))
        row = (item.image, item.split, item.patient, scan.study, scan.view, facts.width, facts.height, *counts)
        table.writerow([_printable(one_line(str(value))) for value in (*row, sha256)])
    return text.getvalue()


def dataset_yaml(title: str, train: str, val: str, test: str) -> str:
    """Return a data set description for Ultralytics; paths are relative to the file's own folder."""
    names = "\n".join(f"  {number}: {name}" for number, name in enumerate(CLASS_NAMES))
    return (
        f"# Hot spots on whole-body bone scans, converted from {title}.\n"
        "# Written by bonescan_yolo.convert; what was found and left out stands in convert_report.txt.\n"
        "# The third class, background, has no number and no boxes: a scan with an empty label file, and every part\n"
        "# of a scan outside the boxes, is background.\n"
        f"source: {json.dumps(title, ensure_ascii=False)}\n"
        f"train: {train}\nval: {val}\ntest: {test}\nchannels: 1\nnames:\n{names}\n"
    )


def fold_list(images: Sequence[str]) -> str:
    """Return a list of images for a fold; Ultralytics takes `./` for the folder of the list."""
    return "".join(f"./../{image}\n" for image in images)


def _link(source: Path, target: Path) -> bool:
    """Hard-link a file; False where that cannot be done (another disk, or a system without links)."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def _read_again(source: Source, placed: PlacedScan) -> bytes:
    """Return the image's bytes, which must be those that were checked."""
    file = placed.sound.scan.image
    try:
        data = source.read(file)
    except UnreadableError as error:
        raise DatasetError(f"{file}: {error}; it could be read before, so run the conversion again") from error
    if hashlib.sha256(data).hexdigest() != placed.sound.facts.sha256:
        raise DatasetError(f"{file}: changed during the conversion; run it again")
    return data


def _mended(data: bytes) -> bytes:
    """Return the image with its wrapped hot spots at 255, as a PNG."""
    pixels, _ = decode(data)
    grey = (pixels if pixels.ndim == 2 else pixels.max(axis=2)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(unwrap(grey, find_wraparound(grey))).save(file, "PNG", optimize=False)
    return file.getvalue()


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
