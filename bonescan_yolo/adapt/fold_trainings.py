"""The trainings of the folds: each is kept when it ends, and not done again by the run that goes on after a kill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonescan_yolo.adapt.adapted_weights import save_adapted
from bonescan_yolo.adapt.annotated_scans import AnnotatedScan, read_with
from bonescan_yolo.adapt.fold_plan import ALL, FoldTraining
from bonescan_yolo.adapt.learning_curve import Read
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_progress import TrainingProgress
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.dataset.dataset_yaml import Dataset
from bonescan_yolo.evaluate.read_split import open_model
from bonescan_yolo.model.card import ModelCard

FOLDS_FOLDER = "folds"
"""Below the run's: the weights of the folds' trainings, until the run ends."""


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

    def train(self, scans: Sequence[AnnotatedScan], label: str, progress: TrainingProgress) -> Any:
        """Return the network adapted to scans; `label` names the training for the user."""
        from bonescan_yolo.adapt.adapting import adapt_network  # imports torch and Ultralytics

        with progress.training(label) as advance:
            return adapt_network(
                self.start,
                [scan.training for scan in scans],
                self.replay,
                self.recipe,
                self.recipe.seed,
                progress=advance,
                trust=self.trust,
            )


def missing_trainings(plan: Sequence[FoldTraining], out: Path) -> list[FoldTraining]:
    """Return the trainings whose weights are not there yet."""
    return [training for training in plan if not _path(training, out).is_file()]


def train_and_read(
    plan: Sequence[FoldTraining], out: Path, dataset: Dataset, ingredients: Ingredients, progress: TrainingProgress
) -> Iterator[Read]:
    """Yield each training with its held-out scans as its model reads them.

    Args:
        plan: the trainings.
        out: the run's folder.
        dataset: that the scans are from.
        ingredients: what the trainings share.
        progress: of all trainings of the run.
    """
    folds = 1 + max(training.fold for training in plan)
    for training in plan:
        path = _path(training, out)
        if not path.is_file():
            network = ingredients.train(training.scans, _label(training, folds), progress)
            save_adapted(network, path, ingredients.card)
        yield training, read_with(open_model(path), dataset, training.held_out)


def _path(training: FoldTraining, out: Path) -> Path:
    return out / FOLDS_FOLDER / f"{training.name}.pt"


def _label(training: FoldTraining, folds: int) -> str:
    """Return a training in words."""
    part = "" if training.part == ALL else f" with {len(training.scans)} scans for the learning curve"
    return f"fold {training.fold + 1} of {folds}{part}"


def remove_trainings(out: Path) -> None:
    """Remove the weights of the folds, which nobody needs once the run has ended."""
    folder = out / FOLDS_FOLDER
    for path in folder.glob("fold-*.pt"):
        path.unlink()
    with suppress(OSError):  # not there, or not empty
        folder.rmdir()
