"""All figures and curves of one model on the scans of a split, and what was chosen for it on the validation split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights
from bonescan_yolo.evaluate.figures.calibration import (
    Reliability,
    Temperature,
    calibration_figures,
    fit_temperature,
    judge,
    reliability,
)
from bonescan_yolo.evaluate.figures.error_analysis import ErrorCount, count_errors, error_figures
from bonescan_yolo.evaluate.figures.froc import froc_figures, sensitivities
from bonescan_yolo.evaluate.figures.pixel_iou import pixel_iou_figures
from bonescan_yolo.evaluate.figures.precision_figures import coco_precision, detection_figures
from bonescan_yolo.evaluate.figures.roc import (
    OperatingPoint,
    choose_point,
    patient_cases,
    roc_curves,
    roc_figures,
    scan_cases,
)
from bonescan_yolo.evaluate.figures.shown_boxes import hit_figures, number_figures
from bonescan_yolo.evaluate.matching.average_precision import ClassMetrics
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import HitScore, MatchRule, best_by_class, best_threshold, hit_scores
from bonescan_yolo.evaluate.matching.pool import CLASSES, PooledScans, pool_scans
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE
from bonescan_yolo.model.thresholds import Thresholds


@dataclass(frozen=True)
class Choices:
    """What was chosen for a model on one split, to be reported on another.

    Attributes:
        split: on which it was chosen.
        threshold: one confidence for both classes with the highest mean F1, in [0, 1]; None if no detection hits.
        by_class: by class name, the confidence with the highest F1 of the class; None if no detection of it hits.
        points: operating points by level, `scan` and `patient`.
        temperature: with which the confidences have the highest likelihood.
    """

    split: str
    threshold: float | None
    by_class: dict[str, float | None]
    points: dict[str, OperatingPoint]
    temperature: Temperature


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of a model on the scans of a split.

    Attributes:
        pool: the scans, with true and predicted boxes.
        thresholds: confidence above which boxes of each class are shown.
        choices: made on the validation split.
        metrics: the COCO evaluator's average precision, by subset and class name.
        hits: hits at the thresholds, by class name.
        errors: missed and invented boxes, by part.
        figures: every figure with its draws, by key such as `froc/mean_sensitivity/abnormal`.
        froc: sensitivity at `froc.CURVE_RATES` by class name, each (1 + draws, rates) float64.
        roc: sensitivity at `roc.CURVE_RATES` by level, each (1 + draws, rates) float64.
        reliability: detections by the model's own confidence.
        reliability_at_temperature: the same at the chosen temperature; None without one.
    """

    pool: PooledScans
    thresholds: Thresholds
    choices: Choices
    metrics: dict[str, dict[str, ClassMetrics]]
    hits: dict[str, HitScore]
    errors: tuple[ErrorCount, ...]
    figures: dict[str, Sampled]
    froc: dict[str, NDArray[np.float64]]
    roc: dict[str, NDArray[np.float64]]
    reliability: Reliability
    reliability_at_temperature: Reliability | None


def choose(scans: Sequence[EvaluatedScan], split: str, rule: MatchRule) -> Choices:
    """Return the thresholds, operating points and temperature that are best on the scans of a split."""
    pool = pool_scans(scans, rule)
    results = [scan.result for scan in scans]
    return Choices(
        split=split,
        threshold=best_threshold(results, LOWEST_CONFIDENCE, rule),
        by_class=best_by_class(results, LOWEST_CONFIDENCE, rule),
        points={cases.level: choose_point(cases) for cases in (scan_cases(pool), patient_cases(pool))},
        temperature=fit_temperature(judge(pool)),
    )


def measure(pool: PooledScans, choices: Choices, thresholds: Thresholds, weights: Weights) -> Measured:
    """Return all figures of a model on the scans of a pool.

    Args:
        pool: the scans, read and matched.
        choices: of `choose`, on the validation split.
        thresholds: confidence above which boxes of each class are shown.
        weights: of `bootstrap.draw_weights`, for the patients of the pool.
    """
    metrics = coco_precision(pool)
    froc = {name: sensitivities(pool, weights, class_id) for class_id, name in CLASSES}
    roc_parts, roc = _roc(pool, choices, weights)
    judged, temperature = judge(pool), choices.temperature
    raw = reliability(judged, weights)
    cooled = None if temperature.value is None else reliability(judged, weights, temperature.value)
    return Measured(
        pool=pool,
        thresholds=thresholds,
        choices=choices,
        metrics=metrics,
        hits=hit_scores([scan.result for scan in pool.scans], thresholds, pool.rule),
        errors=count_errors(pool, thresholds),
        figures={
            **detection_figures(pool, weights, metrics),
            **froc_figures(froc),
            **hit_figures(pool, weights, thresholds),
            **roc_parts,
            **number_figures(pool, weights, thresholds),
            **calibration_figures(raw, cooled, temperature.missing),
            **error_figures(pool, weights, thresholds),
            **pixel_iou_figures(pool, weights),
        },
        froc=froc,
        roc=roc,
        reliability=raw,
        reliability_at_temperature=cooled,
    )


def _roc(
    pool: PooledScans, choices: Choices, weights: Weights
) -> tuple[dict[str, Sampled], dict[str, NDArray[np.float64]]]:
    """Return figures and curves of scans and of patients."""
    figures: dict[str, Sampled] = {}
    curves = {}
    for cases in (scan_cases(pool), patient_cases(pool)):
        area, curves[cases.level] = roc_curves(cases, weights)
        figures |= roc_figures(cases, area, choices.points[cases.level], weights)
    return figures, curves
