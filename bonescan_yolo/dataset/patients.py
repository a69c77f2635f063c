"""The patient of each image: from the table that `convert` wrote, else from the file's name as `convert` reads it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bonescan_yolo.dataset.dataset_yaml import CONVERT_AGAIN, SCANS_TABLE, Dataset
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import read_regular
from bonescan_yolo.scan.identity.identities import identify_all


def patients_of(dataset: Dataset, split: str) -> list[str]:
    """Return the patient of each image of a split.

    The table is beside dataset.yaml, or one folder above the YAML of a fold. It has more than the names: ids whose
    pixels are the same are one patient.

    Raises:
        DatasetError: the table exists and is damaged.
    """
    known = _read_table(dataset.yaml.parent) or _read_table(dataset.yaml.parent.parent)
    images = [image.resolve() for image in dataset.images[split]]
    if all(image in known for image in images):
        return [known[image] for image in images]
    named = _named_patients(dataset)
    return [known.get(image) or named[image] for image in images]


def _named_patients(dataset: Dataset) -> dict[Path, str]:
    """Return the patient of each image of all splits by its name and those of its folders beside dataset.yaml."""
    images = [image.resolve() for split in dataset.images.values() for image in split]
    root = dataset.yaml.parent.resolve()
    names = [
        (image.relative_to(root) if image.is_relative_to(root) else Path(image.name)).as_posix() for image in images
    ]
    return {image: identity.patient for image, identity in zip(images, identify_all(names), strict=True)}


def _read_table(folder: Path) -> dict[Path, str]:
    """Return the patient of each image in a folder's table; empty if there is no table."""
    table = folder / SCANS_TABLE
    try:
        rows = csv.DictReader(io.StringIO(read_regular(table).decode("utf-8"), newline=""))
        return {(folder / row["image"]).resolve(): row["patient"] for row in rows}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{table}: is not a table of scans; {CONVERT_AGAIN}") from error
