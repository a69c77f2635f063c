"""`bonescan fit-thresholds`: read annotated scans once, choose a model's operating points, measure them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.evaluate.bootstrap import DRAWS, Figure, draw_weights, summarise
from bonescan_yolo.evaluate.figures.shown_boxes import hit_figures
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.evaluate.point_choice import (
    FALSE_BOXES_NEEDED,
    SENSITIVE_RATIO,
    SPECIFIC_RATIO,
    ChosenPoints,
    choose_by_f1,
    choose_by_rates,
)
from bonescan_yolo.evaluate.read_split import open_model, read_split, splits_of
from bonescan_yolo.model.card_file import require_storable
from bonescan_yolo.model.operating_points import BALANCED, POINT_NAMES, SENSITIVE, SPECIFIC, OperatingPoints

SHOWN_FIGURES = ("recall", "false_per_scan", "f1")
"""Of `shown_boxes.hit_figures`."""


@dataclass(frozen=True)
class PointOptions:
    """What a user of the command chooses.

    Attributes:
        data: dataset.yaml of each data set; better not scans that the model was trained on.
        model: an ONNX or .pt file; None is the shipped model.
        split: a split's name, or `read_split.ALL`.
        false_per_scan: false abnormal boxes per scan at each of POINT_NAMES, falling, above 0; None chooses by the
            highest F1.
        draws: of the bootstrap over patients, at least 1.
        seed: of the bootstrap, at least 0.
        store: whether the points are to be stored in the model's file afterwards, which must be an ONNX file.
        trust: whether a .pt file may run code, see `load_weights`.
    """

    data: tuple[Path, ...]
    model: Path | None = None
    split: str = "val"
    false_per_scan: tuple[float, ...] | None = None
    draws: int = DRAWS
    seed: int = 0
    store: bool = False
    trust: bool = False

    def check(self) -> None:
        """Raise an error if an option is out of range.

        Raises:
            SettingsError: it is.
        """
        rates = self.false_per_scan or ()
        if not all(0 < rate < float("inf") for rate in rates) or sorted(set(rates), reverse=True) != list(rates):
            shown = " ".join(f"{rate:g}" for rate in rates)
            raise SettingsError(f"--false-per-scan {shown}: are not falling numbers above 0; give such as 2 1 0.3")
        if self.draws < 1 or self.seed < 0:
            raise SettingsError("--draws must be at least 1 and --seed at least 0")


@dataclass(frozen=True)
class PointsOnSet:
    """What the operating points are worth on a data set, which they were chosen on.

    Attributes:
        data: its dataset.yaml.
        scans: number of scans read.
        patients: of how many patients.
        figures: by name of the point, by class name, by one of SHOWN_FIGURES.
    """

    data: Path
    scans: int
    patients: int
    figures: Mapping[str, Mapping[str, Mapping[str, Figure]]]


@dataclass(frozen=True)
class PointFit:
    """The result of a fit.

    Attributes:
        model: file that was read with.
        chosen: the points.
        sets: what they are worth on each data set.
    """

    model: Path
    chosen: ChosenPoints
    sets: tuple[PointsOnSet, ...]


def fit_operating_points(options: PointOptions) -> PointFit:
    """Read the scans, choose the points and measure them.

    Raises:
        BonescanError: an option is out of range, a data set or the model cannot be read, or the points are to be
            stored in a file that cannot hold them.
    """
    options.check()
    datasets = [read_dataset(path, needed=()) for path in options.data]
    splits = [splits_of(dataset, options.split) for dataset in datasets]
    detector = open_model(options.model, options.trust)
    if options.store:
        require_storable(detector.path)
    own = detector.card.thresholds
    read = [
        [scan for split in names for scan in read_split(dataset, split, detector, own)]
        for dataset, names in zip(datasets, splits, strict=True)
    ]
    results = [[scan.result for scan in scans] for scans in read]
    chosen = (
        choose_by_f1(results, own)
        if options.false_per_scan is None
        else choose_by_rates(results, options.false_per_scan, own)
    )
    sets = tuple(_measure(path, scans, chosen.points, options) for path, scans in zip(options.data, read, strict=True))
    return PointFit(detector.path, chosen, sets)


def _measure(data: Path, scans: Sequence[EvaluatedScan], points: OperatingPoints, options: PointOptions) -> PointsOnSet:
    """Return what the points are worth on the scans of a data set."""
    pool = pool_scans(scans, HIT_RULE)
    weights = draw_weights(len(pool.patient_names), options.draws, options.seed)
    figures = {}
    for point in POINT_NAMES:
        drawn = hit_figures(pool, weights, points.at(point))
        figures[point] = {
            name: {key: summarise(drawn[f"hits/{key}/{name}"]) for key in SHOWN_FIGURES} for name in CLASS_NAMES
        }
    return PointsOnSet(data, len(scans), len(pool.patient_names), figures)


def format_points(fit: PointFit, false_per_scan: Sequence[float] | None) -> str:
    """Return the points as a table with line ends, and what each is worth on each data set.

    Args:
        fit: the result.
        false_per_scan: false abnormal boxes per scan that each of POINT_NAMES was chosen for; None for the highest F1.
    """
    lines = [f"operating points of {fit.model}"]
    lines.append(f"{'point':<11}{'false boxes':>22}" + "".join(f"{name:>11}" for name in CLASS_NAMES))
    for name, wish in zip(POINT_NAMES, _wishes(false_per_scan), strict=True):
        thresholds = "".join(f"{threshold:>11g}" for threshold in fit.chosen.points.at(name).by_class)
        lines.append(f"{name:<11}{wish:>22}{thresholds}")
    lines += [
        f"{name} has fewer false {CLASS_NAMES[ABNORMAL]} boxes even at the lowest threshold"
        for name in fit.chosen.unreached
    ]
    if false_per_scan is None and not fit.chosen.ratios_are_known:
        lines.append(
            f"{SENSITIVE} and {SPECIFIC} are uncertain: {BALANCED} has {fit.chosen.balanced_false} false "
            f"{CLASS_NAMES[ABNORMAL]} boxes on all scans, fewer than {FALSE_BOXES_NEEDED}"
        )
    for one in fit.sets:
        lines.append(f"\n{one.data}: {one.scans} scans of {one.patients} patients; in brackets 95 % intervals")
        lines.append(f"{'point':<11}{'class':<9}{'sensitivity':>24}{'false per scan':>24}{'F1':>24}")
        for point, by_class in one.figures.items():
            for name, figures in by_class.items():
                values = "".join(f"{_with_interval(figures[key]):>24}" for key in SHOWN_FIGURES)
                lines.append(f"{point:<11}{name:<9}{values}")
    return "\n".join(lines) + "\n"


def _wishes(false_per_scan: Sequence[float] | None) -> tuple[str, ...]:
    """Return in words how many false abnormal boxes each of POINT_NAMES was chosen for."""
    if false_per_scan is not None:
        return tuple(f"at most {rate:g} per scan" for rate in false_per_scan)
    return f"{SENSITIVE_RATIO:g} x {BALANCED}", "at the highest F1", f"{SPECIFIC_RATIO:g} x {BALANCED}"


def _with_interval(figure: Figure) -> str:
    """Return a figure with its interval in brackets; a dash if it is not defined."""
    if figure.value is None:
        return "-"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
