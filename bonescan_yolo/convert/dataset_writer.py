"""The only writer of the converted data set: images, labels, dataset.yaml, scans.csv and folds.

images/{train,val,test}/NAME.jpg    linked or copied byte for byte, or a PNG of what prediction sees in the file
labels/{train,val,test}/NAME.txt    `class cx cy w h`, normalised; empty for a background scan
bones/{train,val,test}/NAME.npz     which bones are under each cell of the scan; of simulated scans that have them
dataset.yaml                        read by Ultralytics; `folds/fold-K.yaml` likewise
scans.csv                           one row per scan
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES, NORMAL
from bonescan_yolo.convert.images import as_wrapped
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.split import SPLITS, DatasetScan
from bonescan_yolo.dataset.dataset_yaml import bones_path
from bonescan_yolo.dataset.yolo_labels import format_labels
from bonescan_yolo.errors import DatasetError, one_line
from bonescan_yolo.files import write_bytes
from bonescan_yolo.regions.bone_files import decode_masks, encode_map
from bonescan_yolo.regions.region_map import BoneMap, bone_map
from bonescan_yolo.scan.pictures.grey_png import grey_png
from bonescan_yolo.scan.read import AS_STORED, ReadOptions, decode_scans
from bonescan_yolo.scan.wraparound import find_wraparound, fix_wraparound

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


def write_folders(root: Path) -> None:
    """Make the folders of a data set, also those that stay empty."""
    for kind in ("images", "labels"):
        for split in SPLITS:
            (root / kind / split).mkdir(parents=True, exist_ok=True)


def write_scan(
    root: Path, source: Source, scan: DatasetScan, mode: ImageMode, options: ReadOptions = AS_STORED
) -> tuple[int, str]:
    """Write a scan's image and labels; return the number of boxes written and the image's SHA-256.

    Raises:
        DatasetError: the image changed or vanished since it was checked.
        OSError: the folder cannot be written to.
    """
    corners = np.array([box.xyxy for box in scan.boxes], dtype=np.float32).reshape(-1, 4)
    classes = np.array([box.class_id for box in scan.boxes], dtype=np.int64)
    text = format_labels(corners, classes, scan.width, scan.height)
    (root / scan.label).write_text(text, encoding="ascii", newline="\n")
    if scan.bones is not None:
        write_bytes(bones_path(root / scan.image), encode_map(_bones(source, scan, scan.bones)))
    target = root / scan.image
    if scan.fix_wrapped or scan.rewritten:
        data = _as_png(_read_again(source, scan), scan, options)
        target.write_bytes(data)
        return len(scan.boxes), hashlib.sha256(data).hexdigest()
    on_disk = source.path(scan.source_image)
    if not (mode == "link" and on_disk is not None and _link(on_disk, target)):
        target.write_bytes(_read_again(source, scan))
    return len(scan.boxes), scan.sha256


def scans_csv(scans: Sequence[DatasetScan], hashes: Sequence[str]) -> str:
    """Return the table of scans; `hashes` are those of the images as written."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(SCANS_COLUMNS)
    for scan, sha256 in zip(scans, hashes, strict=True):
        counts = (scan.count(ABNORMAL), scan.count(NORMAL))
        row = (scan.image, scan.split, scan.patient, scan.study, scan.view, scan.width, scan.height, *counts)
        table.writerow([_printable(one_line(str(value))) for value in (*row, sha256)])
    return text.getvalue()


def dataset_yaml(title: str, train: str, val: str, test: str) -> str:
    """Return a data set description for Ultralytics; paths are relative to the file's own folder."""
    names = "\n".join(f"  {number}: {name}" for number, name in enumerate(CLASS_NAMES))
    return (
        f"# Hot spots on whole-body bone scans, converted from {title}.\n"
        "# Written by bonescan_yolo.convert; what was found and left out is in convert_report.txt.\n"
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


def _read_again(source: Source, scan: DatasetScan) -> bytes:
    """Return the image's bytes, which must be those that were checked."""
    file = scan.source_image
    try:
        data = source.read(file)
    except UnreadableError as error:
        raise DatasetError(f"{file}: {error}; it could be read before, so run the conversion again") from error
    if hashlib.sha256(data).hexdigest() != scan.sha256:
        raise DatasetError(f"{file}: changed during the conversion; run it again")
    return data


def _bones(source: Source, scan: DatasetScan, file: str) -> BoneMap:
    """Return the map of a scan's bones."""
    try:
        masks = decode_masks(source.read(file), file)
    except UnreadableError as error:
        raise DatasetError(f"{file}: {error}; simulate again with --regions") from error
    if masks.shape[1:] != (scan.height, scan.width):
        raise DatasetError(f"{file}: has another size than its scan {scan.source_image}; simulate again with --regions")
    return bone_map(masks)


def _as_png(data: bytes, scan: DatasetScan, options: ReadOptions) -> bytes:
    """Return the scan as a PNG of what prediction sees, with its wrapped hot spots at 255 if they are to be fixed."""
    grey = decode_scans(data, Path(scan.source_image), as_wrapped(options))[scan.frame].grey()
    return grey_png(fix_wraparound(grey, find_wraparound(grey)) if scan.fix_wrapped else grey)


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
