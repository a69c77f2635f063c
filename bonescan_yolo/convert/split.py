"""Which patient goes where: train, val or test, and which fold.

A patient's place follows from a hash of the seed and the patient's id alone, so adding a patient to the source
moves no other. Patients whose images hold the same pixels are one patient under several ids: the group takes
the place of its smallest id.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from typing import Final, NamedTuple

from bonescan_yolo.convert.source import natural_key
from bonescan_yolo.errors import SettingsError

SPLITS: Final = ("train", "val", "test")


class Fractions(NamedTuple):
    """Shares of the patients, which sum to 1."""

    train: float
    val: float
    test: float


def parse_fractions(text: str) -> Fractions:
    """Read `80/10/10`.

    Raises:
        SettingsError: not three numbers of at least 0 that sum to 100.
    """
    try:
        parts = [float(part) for part in text.split("/")]
    except ValueError:
        parts = []
    sound = len(parts) == 3 and all(0 <= part <= 100 for part in parts)
    if not sound or not math.isclose(sum(parts), 100):
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
