"""Reading what `convert` wrote: the data set's YAML and the scans of its splits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.config import read_yaml
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import read_regular
from bonescan_yolo.regions.bone_files import SUFFIX
from bonescan_yolo.scan.pictures.raster import SUFFIXES

SPLITS = ("train", "val", "test")
SCANS_TABLE = "scans.csv"
CONVERT_REPORT = "convert_report.json"
MOST_LIST_BYTES: Final = 64 << 20
"""Of a text file that lists the scans of a split: about half a million paths."""

SHOWN_CHARS, PATH_CHARS = 100, 300
"""Of a wrong value, and of a path, in a message."""

CONVERT_AGAIN = "convert the data set again with `bonescan convert`"


@dataclass(frozen=True)
class Dataset:
    """A converted data set.

    Attributes:
        yaml: its dataset.yaml.
        source: where the scans come from, in words.
        images: paths of the scans of each split, sorted; a split that the YAML does not name is missing.
    """

    yaml: Path
    source: str
    images: dict[str, tuple[Path, ...]]

    def label_path(self, image: Path) -> Path:
        """Return the label file of an image, as Ultralytics finds it: images/ becomes labels/, else beside it."""
        return _beside(image, "labels", ".txt")

    def sha256(self) -> str:
        """Return a hash over the names and bytes of all labels and bones and the names and sizes of all images.

        The hashes of the images' bytes are in scans.csv, which is included if it exists.
        """
        digest = hashlib.sha256()
        for split in sorted(self.images):
            for image in self.images[split]:
                digest.update(f"{split}/{image.name} {image.stat().st_size}\n".encode())
                for beside in (self.label_path(image), bones_path(image)):
                    digest.update(read_regular(beside) if beside.exists() else b"")
        table = self.yaml.parent / SCANS_TABLE
        digest.update(read_regular(table) if table.exists() else b"")
        return digest.hexdigest()


def bones_path(image: Path) -> Path:
    """Return the file of the bones under an image, which scans simulated with `--regions` have."""
    return _beside(image, "bones", SUFFIX)


def _beside(image: Path, folder: str, suffix: str) -> Path:
    """Return the file of another kind that belongs to an image: images/ becomes the folder, else beside it."""
    parts = list(image.parts)
    if "images" not in parts[:-1]:
        return image.with_suffix(suffix)
    parts[len(parts) - 1 - parts[::-1].index("images")] = folder
    return Path(*parts).with_suffix(suffix)


def read_dataset(path: Path, needed: Sequence[str] = ("train", "val")) -> Dataset:
    r"""Read a dataset.yaml.

    Args:
        path: of the file.
        needed: splits that must have scans.

    Raises:
        DatasetError: it is not of this project's classes, a needed split has no scans, or a split names what is not
            there.
        SettingsError: it is missing or cannot be read.

    Examples:
        >>> from pathlib import Path
        >>> from bonescan_yolo.dataset.dataset_yaml import read_dataset
        >>> for split in ("train", "val"):
        ...     Path("images", split).mkdir(parents=True)
        ...     Path("images", split, f"{split}-1.png").touch()  # only listed here, not opened
        >>> yaml = Path("dataset.yaml")
        >>> _ = yaml.write_text(
        ...     "names: [abnormal, normal]\ntrain: images/train\nval: images/val\n", encoding="utf-8"
        ... )
        >>> dataset = read_dataset(yaml)
        >>> [image.as_posix() for image in dataset.images["val"]]
        ['images/val/val-1.png']
        >>> dataset.label_path(dataset.images["val"][0]).as_posix()
        'labels/val/val-1.txt'
    """
    values = read_yaml(path)
    names = values.get("names")
    listed = list(names.values()) if isinstance(names, dict) else names
    if listed != list(CLASS_NAMES):
        raise DatasetError(f"{path}: has classes {str(listed)[:SHOWN_CHARS]}, not {list(CLASS_NAMES)}; {CONVERT_AGAIN}")
    for key in ("path", *SPLITS):
        if not isinstance(values.get(key), (str, type(None))):
            raise DatasetError(f"{path}: `{key}` is {str(values[key])[:SHOWN_CHARS]}, not a path; {CONVERT_AGAIN}")
    folder = path.parent / str(values.get("path") or "")
    images = {split: _images_of(folder / str(values[split]), path) for split in SPLITS if values.get(split)}
    for split in needed:
        if not images.get(split):
            raise DatasetError(f"{path}: split `{split}` has no scans; give more studies, or {CONVERT_AGAIN}")
    return Dataset(path, str(values.get("source") or path.parent.name), images)


def read_split_options(dataset: Dataset) -> dict[str, object] | None:
    """Return how patients were split, as the conversion reported it: shares, seed, folds; None without a report."""
    report = dataset.yaml.parent / CONVERT_REPORT
    if not report.exists():
        return None
    try:
        options = json.loads(read_regular(report))["options"]
        return {key: options[key] for key in ("split", "seed", "folds")}
    except (OSError, RecursionError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{report}: is not a conversion's report; {CONVERT_AGAIN}") from error


def _images_of(source: Path, yaml: Path) -> tuple[Path, ...]:
    """Return the images that a split names: a folder, or a text file with one path per line.

    Raises:
        DatasetError: it is neither, cannot be read, or lists what is not an image.
    """
    try:
        if source.is_file():
            return _listed_images(source)
        if not source.is_dir():
            raise DatasetError(f"{yaml}: names {str(source)[:PATH_CHARS]}, which does not exist; {CONVERT_AGAIN}")
        images = tuple(sorted(path for path in source.iterdir() if path.suffix.lower() in SUFFIXES))
        odd = next((image for image in images if image.exists() and not image.is_file()), None)
        if odd is not None:  # Ultralytics would wait for ever on a pipe
            raise DatasetError(f"{str(odd)[:PATH_CHARS]}: is not a regular file; remove it")
        return images
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DatasetError(f"{yaml}: names {str(source)[:PATH_CHARS]}, which cannot be read ({reason})") from error


def _listed_images(source: Path) -> tuple[Path, ...]:
    """Return the images in a text file with one path per line, relative to its folder."""
    if source.stat().st_size > MOST_LIST_BYTES:
        raise DatasetError(f"{source}: has more than {MOST_LIST_BYTES >> 20} MB; {CONVERT_AGAIN}")
    try:
        lines = [line.strip() for line in source.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise DatasetError(f"{source}: is not a list of scans; {CONVERT_AGAIN}") from error
    images = tuple(sorted(source.parent / line for line in lines if line))
    for image in images:
        if image.suffix.lower() not in SUFFIXES or not image.is_file():
            raise DatasetError(f"{source}: lists {str(image)[:PATH_CHARS]}, which is not a scan; {CONVERT_AGAIN}")
    return images
