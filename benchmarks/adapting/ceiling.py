"""The ceiling: the shipped weights trained on all scans of hospital B by `bonescan train`.

The settings are those of `configs/train.yaml` for windows of 512 x 192, but for the ones below. A killed training goes
on after its last finished epoch.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import yaml

from benchmarks.adapting import scan_sets
from benchmarks.adapting.reading_sets import beside_truth, read_set
from benchmarks.adapting.set_figures import best_thresholds
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.files import write_text
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.train.run_record import RUN_FILE

POOL, VAL = "b_pool", "b_val"

SETTINGS: Final = {
    "batch": 16,
    "learning_rate": 0.001,
    "warmup_epochs": 0.3,
    "average_epochs": 4,
    "precision": "auto",
    "device": "cpu",
    "plots": False,
}
"""As in the fine-tunings of the shipped weights: 16 scans per step, the mean of the last epochs."""


def train(work: Path, weights: Path, epochs: int) -> Path:
    """Train the ceiling below `work`, or go on with it, and return its weights.

    Raises:
        subprocess.CalledProcessError: the training fails; its output says why.
    """
    out = work / "ceiling"
    best = out / "weights" / "best.pt"
    if (out / RUN_FILE).is_file():
        return best
    command = [sys.executable, "-m", "bonescan_yolo", "train", "--out", str(out)]
    if (out / "weights" / "last.pt").is_file():
        command.append("--resume")
    else:
        config = work / "ceiling.yaml"
        write_text(config, yaml.safe_dump(SETTINGS))
        start = ["--config", str(config), "--weights", str(weights), "--epochs", str(epochs)]
        command += [*start, "--data", str(write_dataset(work))]
    subprocess.run(command, check=True)
    return best


def write_dataset(work: Path) -> Path:
    """Write the dataset.yaml of the ceiling and return its path: all scans of the pool, and those that watch it."""
    folder = work / "ceiling_data"
    parts = {"train": POOL, "val": VAL}
    for part, name in parts.items():
        scan_sets.build(work, name)
        images = read_dataset(scan_sets.dataset_of(work, name) / "dataset.yaml").images
        paths = [str(image.resolve()) for split in images.values() for image in split]
        write_text(folder / f"{part}.txt", "".join(f"{path}\n" for path in sorted(paths)))
    content = {part: f"{part}.txt" for part in parts} | {"names": list(CLASS_NAMES), "source": "hospital B"}
    write_text(folder / "dataset.yaml", yaml.safe_dump(content))
    return folder / "dataset.yaml"


def own_thresholds(work: Path, weights: Path, card: ModelCard) -> Thresholds:
    """Return for each class the threshold with the highest F1 on the scans that watched the training."""
    scans = scan_sets.load(scan_sets.build(work, VAL))
    found = read_set(load_network(weights), scans, card)
    return best_thresholds(beside_truth(scans, found), card.thresholds)
