"""The trainings of a run: each is kept when it ends, and not done again by the run that goes on after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bonescan_yolo.adapt.adapted_weights import save_adapted
from bonescan_yolo.adapt.annotated_scans import AnnotatedScan
from bonescan_yolo.adapt.fold_plan import FoldTraining
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_progress import Progress
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.model.card import ModelCard

TRAININGS_FOLDER: Final = "trainings"
"""Below the run's: the weights of all trainings, until the run ends."""

ALL_SCANS: Final = "all-scans"
"""Name of the training that gives the adapted model."""


@dataclass(frozen=True, eq=False)
class Ingredients:
    """What all trainings of a run share.

    Attributes:
        start: the .pt file to start from.
        card: of it.
        replay: simulated scans.
        recipe: how to train.
        trust: whether `start` may run code, see `load_weights`.
    """

    start: Path
    card: ModelCard
    replay: Sequence[TrainingScan]
    recipe: AdaptRecipe
    trust: bool


@dataclass(frozen=True, eq=False)
class Training:
    """One training.

    Attributes:
        name: of its weights, without suffix.
        label: for the user.
        scans: of the user, to train on.
    """

    name: str
    label: str
    scans: tuple[TrainingScan, ...]


def weights_of(name: str, out: Path) -> Path:
    """Return the path of a training's weights below a run's folder."""
    return out / TRAININGS_FOLDER / f"{name}.pt"


def trainings_of(plan: Sequence[FoldTraining], scans: Sequence[AnnotatedScan]) -> list[Training]:
    """Return the trainings of a run: those of the folds, and the one on all scans."""
    return [
        *(Training(one.name, one.label, tuple(scan.training for scan in one.scans)) for one in plan),
        Training(ALL_SCANS, "all scans", tuple(scan.training for scan in scans)),
    ]


def train(training: Training, out: Path, ingredients: Ingredients, threads: int, progress: Progress) -> None:
    """Do a training and keep its weights."""
    from bonescan_yolo.adapt.adapting import adapt_network  # imports torch and Ultralytics

    network = adapt_network(
        ingredients.start,
        training.scans,
        ingredients.replay,
        ingredients.recipe,
        ingredients.recipe.seed,
        progress=progress,
        trust=ingredients.trust,
        threads=threads,
    )
    save_adapted(network, weights_of(training.name, out), ingredients.card)


def remove_trainings(out: Path) -> None:
    """Remove the weights of the trainings, which nobody needs once the run has ended."""
    folder = out / TRAININGS_FOLDER
    for path in (*folder.glob("fold-*.pt"), weights_of(ALL_SCANS, out)):
        path.unlink(missing_ok=True)
    with suppress(OSError):  # not there, or not empty
        folder.rmdir()
