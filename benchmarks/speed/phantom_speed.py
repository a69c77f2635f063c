"""Measure the simulator: start-up time, and studies per second with two processes.

    python -m benchmarks.speed.phantom_speed [--studies 120]

Prints one line, last as JSON. Exits with 1 if it misses the bar.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from bonescan_yolo.phantom.body.anatomy import load_skeleton
from bonescan_yolo.phantom.generate import Order, generate
from bonescan_yolo.phantom.parameters import read_parameters

WORKERS = 2
LEAST_PER_S = 10.0
"""The bar: studies per second on two cores, after start-up."""

FEW = 8


def main() -> int:
    """Measure and print; returns 1 below the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=120)
    options = parser.parse_args()
    began = time.perf_counter()
    load_skeleton()
    skeleton_s = time.perf_counter() - began
    few_s, all_s = (seconds(studies) for studies in (FEW, FEW + options.studies))
    rate = options.studies / (all_s - few_s)
    print(f"skeleton read in {skeleton_s:.1f} s; {FEW} studies in {few_s:.1f} s; then {rate:.1f} studies/s")
    result = {"benchmark": "phantom_speed", "workers": WORKERS, "skeleton_s": round(skeleton_s, 2)}
    print(json.dumps({**result, "few_s": round(few_s, 2), "studies_per_s": round(rate, 2), "bar": LEAST_PER_S}))
    return int(rate < LEAST_PER_S)


def seconds(studies: int) -> float:
    """Return the wall time of simulating and writing a number of studies, start-up included."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder) / "phantom", Order(studies, 0, read_parameters()), WORKERS)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
