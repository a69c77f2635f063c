"""Trainings side by side: the same weights as one after the other, and no silence when one fails or is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from bonescan_yolo.adapt import training_processes
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_processes import train_all
from bonescan_yolo.adapt.training_progress import TrainingProgress
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.adapt.trainings import Ingredients, Training, remove_trainings, weights_of
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.evaluate.read_split import open_model
from bonescan_yolo.resources import shipped_weights

pytestmark = pytest.mark.slow

NAMES = ("fold-1", "fold-2", "all-scans")


class Counting(TrainingProgress):
    """Counts, and calls a function at every step."""

    def __init__(self, trainings: int, steps: int, at_step: Callable[[], None] = lambda: None) -> None:
        super().__init__(trainings, steps)
        self.labels: list[str] = []
        self.steps = 0
        self.at_step = at_step

    def advance(self) -> None:
        super().advance()
        self.steps += 1
        self.at_step()

    def ended(self, label: str) -> None:
        super().ended(label)
        self.labels.append(label)


def ingredients_of(recipe: AdaptRecipe) -> Ingredients:
    start = shipped_weights()
    return Ingredients(start, open_model(start).card, (), recipe, trust=False)


def train_with(cores: int, simulated: list[TrainingScan], recipe: AdaptRecipe, out: Path, progress: Counting) -> None:
    trainings = [Training(name, name, tuple(simulated[: 2 + place])) for place, name in enumerate(NAMES)]
    with pytest.MonkeyPatch.context() as patch, progress:
        patch.setattr(training_processes, "core_count", lambda: cores)
        train_all(trainings, out, ingredients_of(recipe), progress)


def test_two_processes_give_the_weights_of_one(
    simulated: list[TrainingScan], tiny: AdaptRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    alone, beside = (Counting(len(NAMES), tiny.steps) for _ in range(2))
    train_with(1, simulated, tiny, one, alone)
    train_with(2, simulated, tiny, two, beside)
    assert alone.labels == list(NAMES)
    assert sorted(beside.labels) == sorted(NAMES)
    assert alone.steps == beside.steps == len(NAMES) * tiny.steps
    for name in NAMES:
        assert weights_of(name, one).read_bytes() == weights_of(name, two).read_bytes()
    assert "fold-1: trained; about" in capsys.readouterr().err
    remove_trainings(two)
    assert not list(two.iterdir())


def test_the_error_of_a_process_is_that_of_the_run(
    simulated: list[TrainingScan], tiny: AdaptRecipe, tmp_path: Path
) -> None:
    wild = tiny.model_copy(update={"steps": 6, "learning_rate": 1e30})
    with pytest.raises(DatasetError, match="smaller learning_rate"):
        train_with(2, simulated, wild, tmp_path, Counting(len(NAMES), wild.steps))
    assert multiprocessing.active_children() == []


def test_a_killed_process_ends_the_run_in_words(
    simulated: list[TrainingScan], tiny: AdaptRecipe, tmp_path: Path
) -> None:
    long = tiny.model_copy(update={"steps": 500})

    def kill() -> None:
        for process in multiprocessing.active_children()[:1]:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(DatasetError, match="stopped from outside"):
        train_with(2, simulated, long, tmp_path, Counting(len(NAMES), long.steps, kill))
    assert multiprocessing.active_children() == []
