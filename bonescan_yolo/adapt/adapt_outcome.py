"""What an adaptation came to: all that its record and its report say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bonescan_yolo.adapt.fold_figures import Compared
from bonescan_yolo.adapt.learning_curve import LearningCurve
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds


class Kept(Enum):
    """What the model files of a run are; the values are in `run.json`."""

    WEIGHTS = "adapted weights"
    THRESHOLDS = "start weights with thresholds for these scans"
    NOTHING = "nothing"


@dataclass(frozen=True)
class AdaptOutcome:
    """What an adaptation came to.

    Attributes:
        scans: number of the user's scans.
        patients: of how many patients.
        start_name: file name of the weights it started from.
        trained_on: what the files' weights were trained on, in words.
        compared: the honest figure; None without folds (`--quick`).
        curve: None without folds, or if there are too few patients for one.
        kept: what the files are.
        thresholds: of the result.
        operating_points: of the result; None if it has none.
        files: that were written, the .pt file first; empty if nothing was kept.
        int8_refusal: why there is no INT8 file; None if there is one, or nothing was kept.
        seconds: wall time of the process.
    """

    scans: int
    patients: int
    start_name: str
    trained_on: str
    compared: Compared | None
    curve: LearningCurve | None
    kept: Kept
    thresholds: Thresholds
    operating_points: OperatingPoints | None
    files: tuple[Path, ...]
    int8_refusal: str | None
    seconds: float
