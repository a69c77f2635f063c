"""Train arms of the experiment on the shipped network and compare them (docs/research/experiments/regions.md).

    python -m benchmarks.networks run   --work DIR --data TRAIN/dataset.yaml --arms plain narrow ... [--seeds 0 1 2]
    python -m benchmarks.networks table --work DIR [--against plain] [--rescoring 0.3 0.4]

An arm is an entry of arms.yaml: what differs from its part `all`, which differs from configs/train.yaml. Finished runs
are passed over, and a killed training goes on after its last epoch. The tests are both hospitals of
`benchmarks.adapting`, native and reduced to the detail of published figures. DIR is outside the repository.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.adapting.__main__ import PASSIVE_WAITING
from benchmarks.networks import arms, comparison
from bonescan_yolo.cli import run
from bonescan_yolo.model.rescoring import Rescoring


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.networks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("run", "table"))
    parser.add_argument("--work", type=Path, required=True, help="folder of the experiments, outside the repository")
    parser.add_argument("--data", type=Path, help="dataset.yaml to train on, converted with its bones")
    parser.add_argument("--arms", nargs="+", default=[], help="of arms.yaml")
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2), help="(default 0 1 2)")
    parser.add_argument("--against", default="plain", help="arm that the others are compared with (default plain)")
    parser.add_argument(
        "--rescoring", type=float, nargs=2, default=(0.3, 0.4), metavar=("WEIGHT", "LONE"), help="(default 0.3 0.4)"
    )
    options = parser.parse_args(arguments)
    os.environ.setdefault(*PASSIVE_WAITING)  # before torch is imported, and for the processes of the training
    if options.command == "table":
        sys.stdout.write(comparison.table(options.work, options.against, Rescoring(*options.rescoring)))
        return 0
    if options.data is None:
        parser.error("--data is missing")
    for seed in options.seeds:
        for name in options.arms:
            best = arms.train(options.work, options.data, arms.Run(name, seed))
            comparison.read_tests(options.work, arms.Run(name, seed), best)
    return 0


if __name__ == "__main__":
    run(main)
