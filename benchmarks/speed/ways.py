"""The two ways of training that the benchmarks compare, and the simulated scans they share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from bonescan_yolo.train.run import ultralytics_arguments
from bonescan_yolo.train.settings import CONFIG_FILE, shipped_config_with

STOCK_NOMINAL_BATCH = 64
"""Ultralytics' default."""


def simulate(folder: Path, studies: int, split: str) -> Path:
    """Return the dataset.yaml of simulated scans; `split` is train/val/test in per cent of patients."""
    source, converted = folder / "source", folder / "converted"
    for module, *options in (
        ["phantom", "--studies", str(studies), "--out", str(source)],
        ["convert", "bs80k", str(source), "--out", str(converted), "--split", split],
    ):
        command = [sys.executable, "-m", f"bonescan_yolo.{module}", *options]
        subprocess.run(command, check=True, capture_output=True)
    return converted / "dataset.yaml"


def simulate_scans(folder: Path, studies: int) -> list[Path]:
    """Return simulated scans, both views of a number of studies."""
    command = [sys.executable, "-m", "bonescan_yolo.phantom", "--studies", str(studies), "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return sorted(folder.rglob("*.jpg"))


def our_trainer(data: Path, out: Path, precision: str, batch: int, epochs: int) -> Any:
    """Return this project's trainer with the settings of configs/train.yaml, in a given precision."""
    from bonescan_yolo.train.trainer import ScanTrainer

    config = shipped_config_with(
        {
            "data": data,
            "out": out,
            "batch": batch,
            "epochs": epochs,
            "device": "cpu",
            "precision": precision,
            "plots": False,
        }
    )
    out.mkdir()
    (out / CONFIG_FILE).write_text(config.model_dump_json())
    return ScanTrainer(overrides={**ultralytics_arguments(config), "model": "yolov8n.yaml", "pretrained": False})


def stock_trainer(data: Path, out: Path, batch: int, epochs: int, nominal_batch: int = STOCK_NOMINAL_BATCH) -> Any:
    """Return Ultralytics' trainer as documented: square, colour, float32, with its own optimizer and augmentation.

    `nominal_batch` is the number of scans per optimizer step, independent of the batch.
    """
    from ultralytics.models.yolo.detect import DetectionTrainer

    in_colour = data.with_name("colour.yaml")
    in_colour.write_text(data.read_text().replace("channels: 1", "channels: 3"))
    return DetectionTrainer(
        overrides={
            "model": "yolov8n.yaml",
            "pretrained": False,
            "data": str(in_colour),
            "imgsz": 1024,
            "batch": batch,
            "nbs": nominal_batch,
            "epochs": epochs,
            "device": "cpu",
            "project": str(out.parent),
            "name": out.name,
            "plots": False,
            "verbose": False,
        }
    )
