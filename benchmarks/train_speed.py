"""How many scans a second training takes in, against stock Ultralytics at `imgsz=1024`, on the same simulated scans.

Three ways take turns: stock (square, three channels, float32), this project's in float32, and in bfloat16. Each turn
trains a few batches; the first is not counted. Figures are medians over all counted batches; ratios are what to read,
times depend on the machine.

    python benchmarks/train_speed.py [--rounds 3] [--batches 5]
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bonescan_yolo.train.config import TrainConfig
from bonescan_yolo.train.run import CONFIG_FILE, ultralytics_arguments
from bonescan_yolo.ultralytics_setup import prepare_ultralytics

STUDIES = 30
BATCH = 8
WAYS = ("stock", "fp32", "bf16")


class EnoughBatchesError(Exception):
    """Ends a turn."""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, default=5, help="counted in each turn")
    arguments = parser.parse_args()
    prepare_ultralytics()  # before the first import of ultralytics, hence the imports inside functions
    from bonescan_yolo.train.trainer import wants_bf16

    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        data = simulate(Path(folder))
        for turn in range(arguments.rounds):
            for way in WAYS:
                seconds[way] += measure(way, data, Path(folder) / f"{way}{turn}", arguments.batches)
    rates = {way: BATCH / median(times) for way, times in seconds.items()}
    for way, rate in rates.items():
        print(f"{way:<6} {rate:6.2f} scans/s  {rate / rates['stock']:5.1f} times stock")
    print(
        json.dumps(
            {
                "scans_per_second": rates,
                "batches": arguments.rounds * arguments.batches,
                "processor_has_bf16": wants_bf16("auto"),
            }
        )
    )
    return 0


def simulate(folder: Path) -> Path:
    """Return the dataset.yaml of simulated scans."""
    source, converted = folder / "source", folder / "converted"
    for command in (
        ["phantom", "--studies", str(STUDIES), "--out", str(source)],
        ["convert", "bs80k", str(source), "--out", str(converted)],
    ):
        subprocess.run(
            [sys.executable, "-m", f"bonescan_yolo.{command[0]}", *command[1:]], check=True, capture_output=True
        )
    return converted / "dataset.yaml"


def measure(way: str, data: Path, out: Path, batches: int) -> list[float]:
    """Return the seconds of each counted batch of one turn, loading and augmentation included."""
    trainer = stock_trainer(data, out) if way == "stock" else our_trainer(data, out, way)
    stamps: list[float] = []

    def stamp(_: Any) -> None:
        stamps.append(time.perf_counter())
        if len(stamps) == batches + 1:
            raise EnoughBatchesError

    trainer.add_callback("on_train_batch_end", stamp)
    with contextlib.suppress(EnoughBatchesError):
        trainer.train()
    return [later - earlier for earlier, later in itertools.pairwise(stamps)]


def our_trainer(data: Path, out: Path, precision: str) -> Any:
    """This project's trainer in a given precision."""
    from bonescan_yolo.train.trainer import ScanTrainer

    config = TrainConfig.model_validate(
        {
            "data": data,
            "out": out,
            "batch": BATCH,
            "epochs": 1,
            "device": "cpu",
            "precision": precision,
            "plots": False,
        }
    )
    out.mkdir()
    (out / CONFIG_FILE).write_text(config.model_dump_json())
    return ScanTrainer(overrides={**ultralytics_arguments(config), "model": "yolov8n.yaml", "pretrained": False})


def stock_trainer(data: Path, out: Path) -> Any:
    """Ultralytics as its documentation has it: square, in colour, with its own augmentation."""
    from ultralytics.models.yolo.detect import DetectionTrainer

    in_colour = data.with_name("colour.yaml")
    in_colour.write_text(data.read_text().replace("channels: 1", "channels: 3"))
    return DetectionTrainer(
        overrides={
            "model": "yolov8n.yaml",
            "pretrained": False,
            "data": str(in_colour),
            "imgsz": 1024,
            "batch": BATCH,
            "epochs": 1,
            "device": "cpu",
            "project": str(out.parent),
            "name": out.name,
            "plots": False,
            "verbose": False,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
