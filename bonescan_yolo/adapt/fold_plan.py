"""Who is read by whom: folds by patient, and the parts of the training patients for the learning curve."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bonescan_yolo.adapt.annotated_scans import AnnotatedScan
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.errors import DatasetError

LEAST_PATIENTS = 2
"""With one, nobody is left to read."""

ALL = 1.0
"""The part of the training patients that is all of them."""


@dataclass(frozen=True, eq=False)
class FoldTraining:
    """A training for the honest figure or the learning curve.

    Attributes:
        fold: from 0.
        part: of the fold's training patients, in (0, 1].
        scans: to train on.
        held_out: scans of the patients that none of the fold's trainings uses.
    """

    fold: int
    part: float
    scans: tuple[AnnotatedScan, ...]
    held_out: tuple[AnnotatedScan, ...]

    @property
    def name(self) -> str:
        """Of its weights, without suffix."""
        return f"fold-{self.fold + 1}" + ("" if self.part == ALL else f"-of-{round(100 * self.part)}-percent")

    @property
    def label(self) -> str:
        """The training in words."""
        part = "" if self.part == ALL else f" with {len(self.scans)} scans for the learning curve"
        return f"fold {self.fold + 1}{part}"


def plan_trainings(scans: Sequence[AnnotatedScan], recipe: AdaptRecipe) -> list[FoldTraining]:
    """Return the trainings of all folds, the whole ones first, then those of the learning curve.

    A smaller part has the first of the patients of a larger one. Where a part has as many patients as a larger one, it
    is left out.

    Raises:
        DatasetError: all scans are of one patient.
    """
    folds = deal_patients(scans, recipe.folds, recipe.seed)
    if len(folds) < LEAST_PATIENTS:
        raise DatasetError(
            f"adapt: all {len(scans)} scans are of one patient, who cannot be trained on and held out; "
            "give more patients, say --patient if the names hide them, or give --quick"
        )
    plan = [_training(scans, folds, fold, ALL, recipe.seed) for fold in range(len(folds))]
    for part in sorted(recipe.curve, reverse=True):
        for fold in range(min(recipe.curve_folds, len(folds))):
            smaller = _training(scans, folds, fold, part, recipe.seed)
            larger = [one for one in plan if one.fold == fold]
            if all(len(smaller.scans) < len(one.scans) for one in larger):
                plan.append(smaller)
    return plan


def deal_patients(scans: Sequence[AnnotatedScan], folds: int, seed: int) -> list[list[str]]:
    """Return the patients of each fold, at most one fold for each patient.

    Patients are dealt like cards, those with the most abnormal boxes first, back and forth, so that each fold has about
    as much disease as the others.
    """
    abnormal: defaultdict[str, int] = defaultdict(int)
    for scan in scans:
        abnormal[scan.patient] += scan.n_abnormal
    order = sorted(abnormal, key=lambda patient: (-abnormal[patient], _place(seed, patient)))
    dealt: list[list[str]] = [[] for _ in range(min(folds, len(order)))]
    for index, patient in enumerate(order):
        round_number, place = divmod(index, len(dealt))
        dealt[place if round_number % 2 == 0 else len(dealt) - 1 - place].append(patient)
    return dealt


def _training(
    scans: Sequence[AnnotatedScan], folds: Sequence[Sequence[str]], fold: int, part: float, seed: int
) -> FoldTraining:
    """Return the training of a fold on a part of the patients of the others."""
    others = sorted(
        (patient for number, patients in enumerate(folds) for patient in patients if number != fold),
        key=lambda patient: _place(seed, patient),
    )
    chosen = set(others[: max(1, round(part * len(others)))])
    return FoldTraining(
        fold=fold,
        part=part,
        scans=tuple(scan for scan in scans if scan.patient in chosen),
        held_out=tuple(scan for scan in scans if scan.patient in set(folds[fold])),
    )


def _place(seed: int, patient: str) -> bytes:
    """Return a patient's place in an order that a seed sets, the same on every machine."""
    return hashlib.sha256(f"adapt:{seed}:{patient}".encode("utf-8", "backslashreplace")).digest()
