"""One adaptation: from annotated scans to an honest figure and, if it is better, adapted model files."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bonescan_yolo import cli, files
from bonescan_yolo.adapt.adapt_input import AnnotatedSource, convert_to, read_converted
from bonescan_yolo.adapt.adapt_outcome import AdaptOutcome, Kept
from bonescan_yolo.adapt.adapt_record import (
    ADAPTATION,
    REPORT_FILE,
    SCANS_FOLDER,
    WEIGHTS_FILE,
    State,
    describe_state,
    require_same_state,
    write_record,
    write_state,
)
from bonescan_yolo.adapt.adapt_report import report_text
from bonescan_yolo.adapt.adapted_files import write_adapted_files
from bonescan_yolo.adapt.adapted_weights import save_adapted
from bonescan_yolo.adapt.annotated_scans import AnnotatedScan, read_annotated, read_with
from bonescan_yolo.adapt.fold_figures import Compared, compare
from bonescan_yolo.adapt.fold_plan import ALL, FoldTraining, plan_trainings
from bonescan_yolo.adapt.learning_curve import LearningCurve, learning_curve
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_processes import train_all
from bonescan_yolo.adapt.training_progress import TrainingProgress
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.adapt.trainings import (
    ALL_SCANS,
    Ingredients,
    remove_trainings,
    trainings_of,
    weights_of,
)
from bonescan_yolo.dataset.dataset_yaml import Dataset, read_dataset
from bonescan_yolo.errors import OutputError
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.read_split import open_model
from bonescan_yolo.export.exporting import Export
from bonescan_yolo.model.card import STOCK, ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.output.holding import hold_folder
from bonescan_yolo.output.run_folders import keep_as_previous, previous_folder, require_folder_for_run
from bonescan_yolo.output.staging import hidden_folder_beside, put_in_place
from bonescan_yolo.resources import shipped_weights
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
from bonescan_yolo.train.run_record import RUN_FILE, read_card
from bonescan_yolo.train.scan_lists import LISTS_YAML, SCAN_LISTS

REPLAY_SEED: Final = 90_001
"""Seed of the simulated scans that are mixed in, plus the recipe's: not that of scans the weights were trained on."""


@dataclass(frozen=True)
class AdaptOptions:
    """What a user of the command chooses.

    Attributes:
        source: the annotated scans.
        out: the run's folder.
        recipe: how to adapt.
        quick: whether to leave out the folds, and with them the honest figure.
        trust: whether the weights to start from may run code, see `load_weights`.
    """

    source: AnnotatedSource
    out: Path
    recipe: AdaptRecipe
    quick: bool = False
    trust: bool = False


def adapt(options: AdaptOptions) -> AdaptOutcome:
    """Adapt weights to annotated scans; a run that was stopped goes on.

    A finished run in `out` is kept beside it as `NAME.previous`, replacing the run kept there before.

    Raises:
        BonescanError: the scans or the weights cannot be used, or `out` contains something else, or a stopped run
            with other scans, weights or recipe.
    """
    started = time.monotonic()
    out, recipe = options.out, options.recipe
    start = shipped_weights() if recipe.start is None else recipe.start
    require_folder_for_run(out, start, ADAPTATION)
    _require_source_outside(options.source.place, out)
    prepare_ultralytics()
    card = read_card(start, options.trust)
    open_model(start, options.trust)  # a file of another kind is refused before scans are converted
    with hidden_folder_beside(out) as staging:
        dataset = _open_source(options.source, staging / SCANS_FOLDER)
        scans = read_annotated(dataset)
        _plan(scans, options)  # refuses scans of one patient
        state = describe_state(dataset, start, recipe)
        require_same_state(out, state)
        if (out / RUN_FILE).exists():
            with hold_folder(out):  # no run that goes on is moved
                keep_as_previous(out, ADAPTATION)
        with hold_folder(out):
            write_state(out, state)
            if (staging / SCANS_FOLDER).is_dir():
                put_in_place(staging / SCANS_FOLDER, out / SCANS_FOLDER)
                dataset, scans = _moved(dataset, scans, staging, out)
            run = _Run(options, start, card, dataset, scans, _plan(scans, options))
            return run.finish(started, state)


def _require_source_outside(source: Path, out: Path) -> None:
    """Refuse annotations in the folder of the run, which would be moved or replaced."""
    if any(files.real_path(source).is_relative_to(files.real_path(folder)) for folder in (out, previous_folder(out))):
        raise OutputError(f"{out}: holds the annotated scans; choose another --out")


def _open_source(source: AnnotatedSource, folder: Path) -> Dataset:
    """Return the user's data set, converted into a folder if it is not yet."""
    yaml = source.converted_yaml
    return convert_to(folder, source) if yaml is None else read_converted(source, yaml)


def _simulate(recipe: AdaptRecipe) -> list[TrainingScan]:
    """Return the simulated scans that are mixed in."""
    if not recipe.replay_studies:
        return []
    from bonescan_yolo.adapt.replay import simulate_scans  # imports the simulator
    from bonescan_yolo.phantom.parameters import read_parameters

    return simulate_scans(read_parameters(), recipe.replay_studies, REPLAY_SEED + recipe.seed)


def _plan(scans: Sequence[AnnotatedScan], options: AdaptOptions) -> list[FoldTraining]:
    """Return the trainings of the folds; none with `--quick`."""
    return [] if options.quick else plan_trainings(scans, options.recipe)


def _moved(
    dataset: Dataset, scans: Sequence[AnnotatedScan], staging: Path, out: Path
) -> tuple[Dataset, list[AnnotatedScan]]:
    """Return a data set and its scans after their folder was moved to the run's."""
    moved = [replace(scan, image=out / scan.image.relative_to(staging)) for scan in scans]
    return read_dataset(out / dataset.yaml.relative_to(staging), needed=()), moved


@dataclass(frozen=True, eq=False)
class _Run:
    """A run whose folder is held.

    Attributes:
        options: what the user chose.
        start: the .pt file to start from.
        card: of it.
        dataset: the user's data set.
        scans: of it.
        plan: trainings of the folds; empty with `--quick`.
    """

    options: AdaptOptions
    start: Path
    card: ModelCard
    dataset: Dataset
    scans: Sequence[AnnotatedScan]
    plan: Sequence[FoldTraining]

    @property
    def patients(self) -> int:
        """Number of patients."""
        return len({scan.patient for scan in self.scans})

    def finish(self, started: float, state: State) -> AdaptOutcome:
        """Do what is left to do, and write everything."""
        out, recipe = self.options.out, self.options.recipe
        boxes = sum(scan.n_boxes for scan in self.scans)
        cli.say(
            f"adapting {self.start} to {len(self.scans)} scans of {self.patients} patients with {boxes} boxes",
            sys.stderr,
        )
        replay = _simulate(recipe)
        ingredients = Ingredients(self.start, self.card, replay, recipe, self.options.trust)
        self._train(ingredients)
        compared, curve = self._judge() if self.plan else (None, None)
        kept = what_to_keep(compared)
        card = self._card_of(kept, compared)
        exported = None if kept is Kept.NOTHING else self._write_files(kept, replay, card)
        outcome = AdaptOutcome(
            scans=len(self.scans),
            patients=self.patients,
            start_name=self.start.name,
            trained_on=card.trained_on,
            compared=compared,
            curve=curve,
            kept=kept,
            thresholds=card.thresholds,
            operating_points=card.operating_points,
            files=(out / WEIGHTS_FILE, *(file.path for file in exported.files)) if exported else (),
            int8_refusal=exported.refusal if exported else None,
            seconds=time.monotonic() - started,
        )
        files.write_text(out / REPORT_FILE, report_text(outcome))
        write_record(out, outcome, recipe, state, self._lists_yaml if exported else self.dataset.yaml)
        remove_trainings(out)
        return outcome

    @property
    def _lists_yaml(self) -> Path:
        return self.options.out / SCAN_LISTS / LISTS_YAML

    def _train(self, ingredients: Ingredients) -> None:
        """Do the trainings whose weights are not there yet."""
        out = self.options.out
        missing = [one for one in trainings_of(self.plan, self.scans) if not weights_of(one.name, out).is_file()]
        with TrainingProgress(len(missing), ingredients.recipe.steps) as progress:
            train_all(missing, out, ingredients, progress)

    def _judge(self) -> tuple[Compared, LearningCurve | None]:
        """Read what the folds hold out, and compare with the start model."""
        seed, out = self.options.recipe.seed, self.options.out
        of_start = open_model(self.start, self.options.trust)
        start = [self._read(of_start, training) for training in self.plan if training.part == ALL]
        read = [(training, self._read(open_model(weights_of(training.name, out)), training)) for training in self.plan]
        adapted = [scans for training, scans in read if training.part == ALL]
        return compare(start, adapted, self.card, seed), learning_curve(start, read, seed)

    def _read(self, detector: Detector, training: FoldTraining) -> list[EvaluatedScan]:
        """Return what a fold holds out as a model reads it."""
        return read_with(detector, self.dataset, training.held_out)

    def _card_of(self, kept: Kept, compared: Compared | None) -> ModelCard:
        """Return the card of the files; temperature and operating points of the start model go with other weights."""
        where = f"{len(self.scans)} scans of {self.patients} patients"
        if kept is Kept.WEIGHTS:
            words = f"{self.card.trained_on}, adapted on {where}"
            card = replace(self.card, trained_on=words, temperature=None, layout=STOCK)
            return card.with_shown(card.thresholds if compared is None else compared.points or compared.thresholds)
        if kept is Kept.THRESHOLDS and compared is not None:
            words = f"{self.card.trained_on}; thresholds chosen on {where}"
            return replace(self.card, trained_on=words, layout=STOCK).with_shown(
                compared.start_points or compared.start_thresholds
            )
        return self.card

    def _write_files(self, kept: Kept, replay: Sequence[TrainingScan], card: ModelCard) -> Export:
        """Write the model files: of the training on all scans, or of the start weights."""
        out = self.options.out
        if kept is Kept.WEIGHTS:
            network = load_network(weights_of(ALL_SCANS, out))
        else:
            network = load_network(self.start, self.options.trust)
        save_adapted(network, out / WEIGHTS_FILE, card)
        cli.say("writing the ONNX files", sys.stderr)
        return write_adapted_files(out / WEIGHTS_FILE, out, self.dataset, replay, card)


def what_to_keep(compared: Compared | None) -> Kept:
    """Return what a run keeps: what is better on scans of held-out patients; adapted weights if that is unknown."""
    if compared is None or compared.is_better:
        return Kept.WEIGHTS
    return Kept.THRESHOLDS if compared.thresholds_are_better else Kept.NOTHING
