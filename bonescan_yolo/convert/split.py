"""Which scan goes where: train, val or test, and which fold, decided by patient.

A patient's place is computed from a hash of the seed and the patient's id alone, so a patient added to the source
moves no other. Patients whose images have the same pixels are one patient under several ids: the group takes
the place of its smallest id.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from bonescan_yolo.convert.checks.scan_checks import CheckedScan
from bonescan_yolo.convert.survey import Annotation, Box
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.files import natural_key

SPLITS: Final = ("train", "val", "test")


class Fractions(NamedTuple):
    """Shares of the patients, which sum to 1."""

    train: float
    val: float
    test: float


@dataclass(frozen=True)
class DatasetScan:
    """A scan of the converted data set.

    Attributes:
        source_image: Path of the image inside the source.
        image: Path of the image in the data set.
        label: Path of the label file in the data set.
        split: `train`, `val` or `test`.
        patient: The patient it is split with: the smallest id of those that share pixels.
        study: The source's id for the views taken together.
        view: `anterior`, `posterior` or `unknown`.
        width, height: Size of the image in pixels.
        sha256: Of the source image's bytes, hexadecimal.
        wrapped_regions: Hot spots whose grey levels wrapped past 255.
        fix_wrapped: They are to be fixed, so the image is written anew as a lossless PNG.
        frame: Index of the scan in its file.
        frame_count: Scans in the file.
        rewritten: Why it is written as a PNG of what prediction sees, or None.
        boxes: The boxes to write; empty for a background scan.
        objects: What was annotated, as the source has it.
        bones: Path of the file of its bones inside the source, or None.
    """

    source_image: str
    image: str
    label: str
    split: str
    patient: str
    study: str
    view: str
    width: int
    height: int
    sha256: str
    wrapped_regions: int
    fix_wrapped: bool
    frame: int
    frame_count: int
    rewritten: str | None
    boxes: tuple[Box, ...]
    objects: tuple[Annotation, ...]
    bones: str | None

    def count(self, class_id: int) -> int:
        """Return how many boxes of a class the scan has."""
        return sum(box.class_id == class_id for box in self.boxes)


def place_scans(
    checked: Sequence[CheckedScan], seed: int, fractions: Fractions, fix_wrapped: bool
) -> list[DatasetScan]:
    """Give each scan its patient group, split and paths in the data set.

    Args:
        checked: The scans to write.
        seed: Of the split.
        fractions: Shares of the patients.
        fix_wrapped: Grey levels that wrapped past 255 are to be fixed.
    """
    group = group_patients((scan.patient, scan.pixel_hash or f"none:{scan.image}:{scan.frame}") for scan in checked)
    return [
        _placed(
            scan,
            group[scan.patient],
            split_of(seed, group[scan.patient], fractions),
            fix_wrapped and scan.wrapped_regions > 0,
        )
        for scan in checked
    ]


def fold_parts(scans: Sequence[DatasetScan], seed: int, folds: int) -> list[list[DatasetScan]]:
    """Return the validation scans of each fold; scans of the test split belong to none."""
    parts: list[list[DatasetScan]] = [[] for _ in range(folds)]
    for scan in scans:
        if folds and scan.split != "test":
            parts[fold_of(seed, scan.patient, folds)].append(scan)
    return parts


def parse_fractions(text: str) -> Fractions:
    """Read `80/10/10`.

    Raises:
        SettingsError: not three numbers of at least 0 that sum to 100.
    """
    try:
        parts = [float(part) for part in text.split("/")]
    except ValueError:
        parts = []
    valid = len(parts) == 3 and all(0 <= part <= 100 for part in parts)
    if not valid or not math.isclose(sum(parts), 100):
        raise SettingsError(f"--split {text}: is not three percentages that sum to 100; write 80/10/10")
    return Fractions(*(part / 100 for part in parts))


def place(seed: int, patient: str, purpose: str = "split") -> float:
    """Return the patient's place in [0, 1): the first 53 bits of a SHA-256, the same on every machine."""
    digest = hashlib.sha256(f"{purpose}:{seed}:{patient}".encode("utf-8", "backslashreplace")).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def split_of(seed: int, patient: str, fractions: Fractions) -> str:
    """Return `train`, `val` or `test`."""
    where = place(seed, patient)
    if where < fractions.train:
        return "train"
    return "val" if where < fractions.train + fractions.val or fractions.test == 0 else "test"


def fold_of(seed: int, patient: str, folds: int) -> int:
    """Return the fold, 0 to `folds` - 1, whose validation part the patient belongs to."""
    return int(place(seed, patient, "fold") * folds)


def group_patients(shared: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Group patients that share pixels.

    Args:
        shared: Pairs of patient and pixel hash, one for each image.

    Returns:
        For each patient the smallest id (in natural order) of its group; mostly itself.
    """
    leader: dict[str, str] = {}
    first_with: dict[str, str] = {}

    def find(patient: str) -> str:
        while leader[patient] != patient:
            leader[patient] = leader[leader[patient]]
            patient = leader[patient]
        return patient

    for patient, pixels in shared:
        leader.setdefault(patient, patient)
        one, other = find(patient), find(first_with.setdefault(pixels, patient))
        low, high = sorted((one, other), key=natural_key)
        leader[high] = low
    return {patient: find(patient) for patient in leader}


def _placed(scan: CheckedScan, patient: str, split: str, fix_wrapped: bool) -> DatasetScan:
    suffix = ".png" if fix_wrapped or scan.rewritten else PurePosixPath(scan.image).suffix
    return DatasetScan(
        source_image=scan.image,
        image=f"images/{split}/{scan.name}{suffix}",
        label=f"labels/{split}/{scan.name}.txt",
        split=split,
        patient=patient,
        study=scan.study,
        view=scan.view,
        width=scan.width,
        height=scan.height,
        sha256=scan.sha256,
        wrapped_regions=scan.wrapped_regions,
        fix_wrapped=fix_wrapped,
        frame=scan.frame,
        frame_count=scan.frame_count,
        rewritten=scan.rewritten,
        boxes=scan.boxes,
        objects=scan.objects,
        bones=scan.bones,
    )
