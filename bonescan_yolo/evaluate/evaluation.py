"""One evaluation: one model or two on a split of a data set, from the options to the record that all outputs use."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bonescan_yolo.dataset.dataset_yaml import Dataset, read_dataset
from bonescan_yolo.errors import ModelError, SettingsError
from bonescan_yolo.evaluate.bootstrap import DRAWS, Figure, Weights, differences, draw_weights, summarise
from bonescan_yolo.evaluate.figures.ultralytics_precision import ultralytics_precision
from bonescan_yolo.evaluate.matching.average_precision import ClassMetrics
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, MatchRule
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.evaluate.measured import Choices, Measured, choose, measure
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE, open_model, read_split, splits_of
from bonescan_yolo.model.card_file import require_onnx, store_temperature
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.operating_points import thresholds_at
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.version import package_versions

CHOSEN_ON = "val"
"""The split on which thresholds, operating points and temperatures are chosen."""

MOST_MODELS = 2
PACKAGES = ("numpy", "faster-coco-eval", "onnxruntime", "onnxruntime-gpu", "ultralytics", "torch")


@dataclass(frozen=True)
class EvaluationOptions:
    """What a user of the command chooses.

    Attributes:
        data: dataset.yaml.
        models: one ONNX or .pt file, or two to compare; None is the shipped model.
        split: a split's name, or `read_split.ALL`.
        thresholds: above which boxes are shown, each in [0, 1]; None takes each model's own.
        operating_point: in place of thresholds, the name of a point that each model has thresholds for.
        rule: when a detection hits a true box.
        draws: of the bootstrap over patients, at least 1.
        seed: of the bootstrap, at least 0.
        store_temperature: whether the fitted temperature is written into the card of each ONNX file afterwards.
        command: as one would type it, for the report.
        trust: whether .pt files may run code, see `load_weights`.
    """

    data: Path
    models: tuple[Path | None, ...] = (None,)
    split: str = "test"
    thresholds: Thresholds | None = None
    operating_point: str | None = None
    rule: MatchRule = HIT_RULE
    draws: int = DRAWS
    seed: int = 0
    store_temperature: bool = False
    command: str = ""
    trust: bool = False

    def check(self) -> None:
        """Raise an error if an option is out of range.

        Raises:
            SettingsError: it is.
        """
        if self.draws < 1 or self.seed < 0:
            raise SettingsError("--draws must be at least 1 and --seed at least 0")
        if len(self.models) > MOST_MODELS:
            raise SettingsError(f"--model: was given {len(self.models)} times; give one, or two to compare")


@dataclass(frozen=True)
class DataFacts:
    """Where the scans come from.

    Attributes:
        path: of dataset.yaml.
        source: the data set in words.
        sha256: of the data set, see `dataset_yaml.Dataset.sha256`.
        split: that was read, or `read_split.ALL`.
    """

    path: str
    source: str
    sha256: str
    split: str


@dataclass(frozen=True, eq=False)
class ModelResult:
    """A model and what was measured of it.

    Attributes:
        name: in tables: the name of its file, with as many folders as make it unique.
        file: its path.
        sha256: of the file.
        trained_on: its training data in words.
        operating_point: of the model at which boxes are shown; None if none of them is.
        measured: on the split.
        ultralytics: average precision by class name as Ultralytics counts it; empty where it is not installed.
        figures: every figure with its interval, by key.
    """

    name: str
    file: str
    sha256: str
    trained_on: str
    operating_point: str | None
    measured: Measured
    ultralytics: Mapping[str, ClassMetrics]
    figures: Mapping[str, Figure]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What all outputs are made of.

    Attributes:
        data: where the scans come from.
        models: one, or two to compare.
        rule: when a detection hits a true box.
        draws, seed: of the bootstrap.
        command: that made it, as one would type it.
        versions: of the packages that were used, by name.
    """

    data: DataFacts
    models: tuple[ModelResult, ...]
    rule: MatchRule
    draws: int
    seed: int
    command: str
    versions: Mapping[str, str]

    def difference(self) -> dict[str, Figure] | None:
        """Return the second model's figures minus the first's, each with its paired interval; None for one model."""
        if len(self.models) < 2:
            return None
        first, second = (model.measured.figures for model in self.models)
        return {key: summarise(sampled) for key, sampled in differences(first, second).items()}


def evaluate(options: EvaluationOptions) -> Evaluation:
    """Read the scans with each model and measure it.

    Raises:
        BonescanError: an option is out of range, a model or the data set cannot be read, or a temperature is to be
            stored in a file that cannot hold one.
    """
    options.check()
    dataset = read_dataset(options.data)
    detectors = [open_model(path, options.trust, regions=True) for path in options.models]
    if options.store_temperature:
        for detector in detectors:
            require_onnx(detector.path)
    models = []
    weights: Weights | None = None
    for name, detector in zip(_names([each.path for each in detectors]), detectors, strict=True):
        thresholds = _thresholds(options, detector)
        scans, choices = _read(dataset, detector, thresholds, options)
        pool = pool_scans(scans, options.rule)
        if weights is None:  # the same draws for both models, so that their difference is a paired one
            weights = draw_weights(len(pool.patient_names), options.draws, options.seed)
        models.append(_model_result(name, detector, measure(pool, choices, thresholds, weights)))
    return Evaluation(
        data=DataFacts(str(options.data), dataset.source, dataset.sha256(), options.split),
        models=tuple(models),
        rule=options.rule,
        draws=options.draws,
        seed=options.seed,
        command=options.command,
        versions=package_versions(PACKAGES),
    )


def _read(
    dataset: Dataset, detector: Detector, thresholds: Thresholds, options: EvaluationOptions
) -> tuple[list[EvaluatedScan], Choices]:
    """Return the scans of the wanted splits, and what is chosen on the validation split; each split is read once."""
    wanted = splits_of(dataset, options.split)
    read = {split: read_split(dataset, split, detector, thresholds) for split in dict.fromkeys((*wanted, CHOSEN_ON))}
    return [scan for split in wanted for scan in read[split]], choose(read[CHOSEN_ON], CHOSEN_ON, options.rule)


def _model_result(name: str, detector: Detector, measured: Measured) -> ModelResult:
    """Return a model with its figures summarised."""
    points = detector.card.operating_points
    return ModelResult(
        name=name,
        file=str(detector.path),
        sha256=detector.sha256,
        trained_on=detector.card.trained_on,
        operating_point=None if points is None else points.name_of(measured.thresholds),
        measured=measured,
        ultralytics=_by_ultralytics(measured),
        figures={key: summarise(sampled) for key, sampled in measured.figures.items()},
    )


def _by_ultralytics(measured: Measured) -> Mapping[str, ClassMetrics]:
    """Return average precision as Ultralytics counts it; nothing where it is not installed, as it brings torch."""
    if importlib.util.find_spec("ultralytics") is None:
        return {}
    return ultralytics_precision([scan.result for scan in measured.pool.scans])


def _thresholds(options: EvaluationOptions, detector: Detector) -> Thresholds:
    """Return the confidence above which boxes of each class are shown."""
    thresholds = detector.card.thresholds if options.thresholds is None else options.thresholds
    if options.operating_point is not None:
        thresholds = thresholds_at(detector.card.operating_points, options.operating_point, str(detector.path))
    for threshold in thresholds.by_class:
        if not LOWEST_CONFIDENCE <= threshold <= 1:
            raise SettingsError(f"confidence {threshold}: is outside {LOWEST_CONFIDENCE} to 1; give another --conf")
    return thresholds


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the names of models in tables: their files' names, with as many folders as make them differ."""
    for parts in range(1, max(len(path.parts) for path in paths) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    raise SettingsError(f"{paths[0]}: was given twice; give another model to compare it with")


def store_temperatures(models: Sequence[ModelResult]) -> None:
    """Write the temperature fitted for each model into the card of its file.

    Raises:
        ModelError: none could be fitted.
    """
    for model in models:
        temperature = model.measured.choices.temperature
        if temperature.value is None:
            raise ModelError(f"{model.file}: no temperature was stored; on {CHOSEN_ON} {temperature.missing}")
        store_temperature(Path(model.file), temperature.value)
