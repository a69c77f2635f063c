"""The data set as Ultralytics gets it: lists of scans and a YAML of our own, in the run's folder.

Ultralytics acts upon keys of a dataset.yaml: it downloads what `download` names or runs it as code, and looks for
`path` in folders of its own. So it never reads the user's file, only what was read of it here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.dataset.dataset_yaml import Dataset
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import write_text

SCAN_LISTS: Final = "data"
"""Folder below the run's."""

LISTS_YAML: Final = "dataset.yaml"
LISTS: Final = {"train": "train.txt", "val": "val.txt", "test": "test.txt"}
CHANNELS: Final = 1


def write_scan_lists(dataset: Dataset, folder: Path) -> None:
    """Write the scans of each split as a list of absolute paths, and the dataset.yaml that names the lists.

    Raises:
        DatasetError: the path of a scan cannot be a line of a list.
        OutputError: the folder cannot be written to.
    """
    for split, images in dataset.images.items():
        write_text(folder / LISTS[split], "".join(f"{_line(image)}\n" for image in images))
    described = {split: LISTS[split] for split in dataset.images if dataset.images[split]}
    names = dict(enumerate(CLASS_NAMES))
    write_text(folder / LISTS_YAML, json.dumps({**described, "channels": CHANNELS, "names": names}, indent=2) + "\n")


def _line(image: Path) -> str:
    """Return a scan's path as a line of a list."""
    path = str(image.absolute())
    if len(path.splitlines()) != 1 or path != path.strip() or not _is_text(path):
        raise DatasetError(f"{image}: has a name that Ultralytics cannot read in a list; rename it")
    return path


def _is_text(path: str) -> bool:
    """Return whether a path is Unicode; other names of Linux are kept by Python as surrogates."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
