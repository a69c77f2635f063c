"""`run.json`: the record of a training run, to document, compare and repeat it."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

from bonescan_yolo.dataset.dataset_yaml import Dataset, read_split_options
from bonescan_yolo.errors import ModelError
from bonescan_yolo.files import sha256_of, write_text
from bonescan_yolo.model.card import METADATA_KEY, ModelCard, read_model_card
from bonescan_yolo.model.weights_file import load_weights
from bonescan_yolo.train.settings import TrainConfig
from bonescan_yolo.version import package_versions

RUN_FILE = "run.json"
SCHEMA_VERSION = 1
RECORDED_PACKAGES = ("torch", "torchvision", "ultralytics", "numpy", "opencv-python", "opencv-python-headless")
RESULTS_FILE = "results.csv"
MEAN_METRICS_FILE = "mean_metrics.json"
"""Validation metrics of the mean of the last epochs; Ultralytics' results have no row for it."""
BEST_BY = "metrics/mAP50-95(B)"
"""The metric by which Ultralytics chooses the best epoch."""


def write_run_record(config: TrainConfig, dataset: Dataset, best: Path, seconds: float) -> None:
    """Write the record of a finished run beside its weights.

    Args:
        config: of the run.
        dataset: that it was trained on.
        best: its best weights.
        seconds: wall time; of the last process if the run was resumed.
    """
    record = {
        "schema_version": SCHEMA_VERSION,
        "trained_on": describe_training_data(dataset),
        "config": config.model_dump(mode="json"),
        "seed": config.seed,
        "data": {
            "path": str(dataset.yaml),
            "sha256": dataset.sha256(),
            "scans": {split: len(images) for split, images in dataset.images.items()},
            "split": read_split_options(dataset),
        },
        "weights": {"best": sha256_of(best)},
        "metrics": _metrics(config),
        "seconds": round(seconds, 1),
        "versions": package_versions(RECORDED_PACKAGES),
        "git_commit": git_commit(),
    }
    write_text(config.out / RUN_FILE, json.dumps(record, indent=2) + "\n")


def describe_training_data(dataset: Dataset) -> str:
    """Return in words what a model was trained on."""
    return f"{dataset.source}, {len(dataset.images['train'])} scans"


def read_trained_on(weights: Path, trust: bool = False) -> str | None:
    """Return what weights were trained on, or None.

    It comes from the record of their run (beside `RUN/weights/best.pt`), or from the file itself if `bonescan release`
    wrote it. `trust` is that of `load_weights`.

    Raises:
        ModelError: the file cannot be loaded, or the record cannot be read.
    """
    record = _read_record(weights)
    if "trained_on" in record:
        text = record["trained_on"]
        return text if isinstance(text, str) else None
    own = _read_own_card(weights, trust)
    return own.trained_on if own else None


def read_card(weights: Path, trust: bool = False) -> ModelCard:
    """Return the description of weights: their own, else one made from the record of their run; see `load_weights`."""
    return _read_own_card(weights, trust) or ModelCard(trained_on=read_trained_on(weights, trust) or "unknown")


def read_data_path(weights: Path) -> Path | None:
    """Return the dataset.yaml that weights were trained on, from the record of their run, or None."""
    data = _read_record(weights).get("data")
    return Path(data["path"]) if isinstance(data, dict) and "path" in data else None


def read_best_hash(weights: Path) -> str | None:
    """Return the SHA-256 that the record of their run gives for the best weights, or None."""
    recorded = _read_record(weights).get("weights")
    return recorded.get("best") if isinstance(recorded, dict) else None


def _read_own_card(weights: Path, trust: bool) -> ModelCard | None:
    """Return the description in a .pt file; None if it has none."""
    text = load_weights(weights, trust)[1].get(METADATA_KEY)
    return read_model_card({METADATA_KEY: text}, str(weights)) if isinstance(text, str) else None


def _read_record(weights: Path) -> dict[str, Any]:
    """Return the record of the run that weights belong to; empty if there is none."""
    path = weights.resolve().parent.parent / RUN_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: is not a record of a training run; give --data and --trained-on") from error
    return content if isinstance(content, dict) else {}


def _metrics(config: TrainConfig) -> dict[str, float]:
    """Return the validation metrics of the best weights: those of one epoch, or of the mean of the last ones."""
    with (config.out / RESULTS_FILE).open(newline="") as file:
        rows = [{key.strip(): float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    epochs_run = float(len(rows))
    if config.average_epochs:
        means = json.loads((config.out / MEAN_METRICS_FILE).read_text(encoding="utf-8"))
        return {"epochs_run": epochs_run, "epochs_averaged": min(epochs_run, float(config.average_epochs)), **means}
    return {"epochs_run": epochs_run, **max(rows, key=lambda row: row[BEST_BY])}


def git_commit() -> str | None:
    """Return the commit of the working folder; None if it is not a checkout or git is missing."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=10)  # noqa: S607 git is found on the PATH
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
