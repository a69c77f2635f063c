"""What an adaptation came to: all that its record and its report say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bonescan_yolo.adapt.fold_figures import Compared
from bonescan_yolo.adapt.learning_curve import LearningCurve
from bonescan_yolo.model.thresholds import Thresholds


@dataclass(frozen=True)
class AdaptOutcome:
    """What an adaptation came to.

    Attributes:
        scans: number of the user's scans.
        patients: of how many patients.
        start_name: file name of the weights it started from.
        trained_on: what the adapted weights were trained on, in words.
        compared: the honest figure; None without folds (`--quick`).
        curve: None without folds, or if there are too few patients for one.
        kept: whether there are adapted weights.
        thresholds: of the result.
        files: that were written, the .pt file first; empty if the adapted model was not kept.
        int8_refusal: why there is no INT8 file; None if there is one, or nothing was kept.
        seconds: wall time of the process.
    """

    scans: int
    patients: int
    start_name: str
    trained_on: str
    compared: Compared | None
    curve: LearningCurve | None
    kept: bool
    thresholds: Thresholds
    files: tuple[Path, ...]
    int8_refusal: str | None
    seconds: float
