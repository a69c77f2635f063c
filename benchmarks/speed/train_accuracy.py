"""Whether fast training costs accuracy.

Stock Ultralytics at `imgsz=1024` and this project train from scratch, on the same simulated scans for the same number
of epochs. The weights of the last epoch are validated on the same scans, each at its own shape.

Stock Ultralytics at `imgsz=1024` and this project train from scratch on the same simulated scans for the same number of
epochs. The weights of the last epoch are validated on the same scans, each way at its own input shape.

It takes half an hour or more, nearly all of it for stock, so `make bench` leaves it out.

    python -m benchmarks.speed.train_accuracy [--studies 90] [--epochs 10] [--batch 4]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.speed.ways import our_trainer, simulate, stock_trainer
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

WAYS = ("bf16", "fp32", "stock", "stock-step-a-batch")
"""This project's two precisions; stock, with 64 scans per optimizer step; and stock with one step per batch, as in this
project, so that all take the same number of steps."""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--studies", type=int, default=90, help="simulated studies, two scans each; 40 %% for validation"
    )
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    arguments = parser.parse_args()
    prepare_ultralytics()  # must precede the import of ultralytics, so imports are inside functions
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        data = simulate(Path(folder), arguments.studies, "60/40/0")
        for way in arguments.ways:
            out = Path(folder) / way
            if way == "stock":
                trainer = stock_trainer(data, out, arguments.batch, arguments.epochs)
            elif way == "stock-step-a-batch":
                trainer = stock_trainer(data, out, arguments.batch, arguments.epochs, nominal_batch=arguments.batch)
            else:
                trainer = our_trainer(data, out, way, arguments.batch, arguments.epochs)
            results[way] = measure(trainer)
            print(f"{way:<18} AP50 {results[way]['ap50']:.3f}  AP50-95 {results[way]['ap50_95']:.3f}", flush=True)
    print(json.dumps({"studies": arguments.studies, "epochs": arguments.epochs, "ways": results}))
    return 0


def measure(trainer: Any) -> dict[str, float]:
    """Train; return the last epoch's average precision by Ultralytics' validator, and the seconds it took."""
    trainer.args.val = False  # validate only at the end: with stock it takes as long as half an epoch
    started = time.perf_counter()
    trainer.train()
    metrics = trainer.metrics
    return {
        "ap50": float(metrics["metrics/mAP50(B)"]),
        "ap50_95": float(metrics["metrics/mAP50-95(B)"]),
        "seconds": round(time.perf_counter() - started, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
