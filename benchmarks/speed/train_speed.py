"""Measure training in scans per second, against stock Ultralytics at `imgsz=1024`, on the same simulated scans.

Three ways take turns: stock (square, three channels, float32), this project in float32, and in bfloat16. Each turn
trains a few batches; the first is not counted. Figures are medians over all counted batches. Compare the ratios,
because times depend on the machine.

    python -m benchmarks.speed.train_speed [--rounds 3] [--batches 5]
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.speed.ways import our_trainer, simulate, stock_trainer
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

STUDIES = 30
BATCH = 8
WAYS = ("stock", "fp32", "bf16")


class EnoughBatchesError(Exception):
    """Ends a turn."""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, default=5, help="counted batches per turn")
    arguments = parser.parse_args()
    prepare_ultralytics()  # must precede the import of ultralytics, so imports are inside functions
    from bonescan_yolo.train.precision import wants_bf16

    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        data = simulate(Path(folder), STUDIES, "80/20/0")
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


def measure(way: str, data: Path, out: Path, batches: int) -> list[float]:
    """Return the seconds of each counted batch of one turn, loading and augmentation included."""
    trainer = stock_trainer(data, out, BATCH, 1) if way == "stock" else our_trainer(data, out, way, BATCH, 1)
    stamps: list[float] = []

    def stamp(_: Any) -> None:
        stamps.append(time.perf_counter())
        if len(stamps) == batches + 1:
            raise EnoughBatchesError

    trainer.add_callback("on_train_batch_end", stamp)
    with contextlib.suppress(EnoughBatchesError):
        trainer.train()
    return [later - earlier for earlier, later in itertools.pairwise(stamps)]


if __name__ == "__main__":
    sys.exit(main())
