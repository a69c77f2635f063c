"""An evaluation as JSON, by the schema in `metrics.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import INTERVAL, Figure, Sampled, summarise
from bonescan_yolo.evaluate.evaluation import Evaluation, ModelResult
from bonescan_yolo.evaluate.figures import froc, roc
from bonescan_yolo.evaluate.figures.calibration import BINS, Reliability
from bonescan_yolo.evaluate.figures.pixel_iou import PUBLISHED
from bonescan_yolo.evaluate.measured import Choices
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.scan.identity.names import VIEWS

SCHEMA_VERSION = 2


def describe(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain lists, numbers and texts, ready for JSON."""
    pool = evaluation.models[0].measured.pool
    difference = evaluation.difference()
    return {
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "command": evaluation.command,
        "versions": dict(evaluation.versions),
        "data": {
            **asdict(evaluation.data),
            "scans": len(pool.scans),
            "patients": len(pool.patient_names),
            "views": {view: sum(scan.view == view for scan in pool.scans) for view in VIEWS},
            "true_boxes": {name: int((pool.truth.classes == index).sum()) for index, name in enumerate(CLASS_NAMES)},
        },
        "method": {
            "match": evaluation.rule.name,
            "rule": str(evaluation.rule),
            "draws": evaluation.draws,
            "seed": evaluation.seed,
            "percentiles": list(INTERVAL),
        },
        "models": [_model(model) for model in evaluation.models],
        "difference": None
        if difference is None
        else {
            "of": evaluation.models[1].name,
            "less": evaluation.models[0].name,
            "figures": _figures(difference),
        },
        "published_pixel_iou": PUBLISHED,
    }


def dump(description: Mapping[str, Any]) -> str:
    """Return a description as JSON text."""
    return json.dumps(description, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def load_schema() -> dict[str, Any]:
    """Return the JSON schema of a description."""
    text = files("bonescan_yolo.evaluate.report").joinpath("metrics.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _model(model: ModelResult) -> dict[str, Any]:
    measured = model.measured
    thresholds = measured.thresholds
    return {
        "name": model.name,
        "file": model.file,
        "sha256": model.sha256,
        "trained_on": model.trained_on,
        "threshold": thresholds.lowest if thresholds.are_equal else None,
        "thresholds": thresholds.as_record(),
        "operating_point": model.operating_point,
        "chosen": _choices(measured.choices),
        "hits": {name: score.as_record() for name, score in measured.hits.items()},
        "errors": [asdict(count) for count in measured.errors],
        "ultralytics": {name: asdict(metric) for name, metric in model.ultralytics.items()},
        "figures": _figures(model.figures),
        "curves": {
            "froc": {
                "false_per_scan": list(froc.CURVE_RATES),
                **{name: _curve(values) for name, values in measured.froc.items()},
            },
            "roc": {
                "false_positive_rate": list(roc.CURVE_RATES),
                **{level: _curve(values) for level, values in measured.roc.items()},
            },
            "reliability": _bins(measured.reliability),
        },
    }


def _choices(choices: Choices) -> dict[str, Any]:
    return {
        "split": choices.split,
        "threshold": choices.threshold,
        "thresholds": choices.by_class,
        "operating_points": {level: asdict(point) for level, point in choices.points.items()},
        "temperature": asdict(choices.temperature),
    }


def _figures(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {key: asdict(figure) for key, figure in figures.items()}


def _curve(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return a curve's values, (1 + draws, rates), and the ends of their intervals; null if they are not defined."""
    points = [summarise(Sampled(column)) for column in values.T]
    return {
        "sensitivity": [point.value for point in points],
        "low": [point.low for point in points],
        "high": [point.high for point in points],
    }


def _bins(reliability: Reliability) -> list[dict[str, Any]]:
    bins = []
    for index in range(BINS):
        share = summarise(Sampled(reliability.share_right[:, index]))
        confidence = summarise(Sampled(reliability.confidence[:, index]))
        bins.append(
            {
                "from": index / BINS,
                "to": (index + 1) / BINS,
                "detections": int(reliability.numbers[0, index]),
                "confidence": confidence.value,
                "share_right": share.value,
                "low": share.low,
                "high": share.high,
            }
        )
    return bins
