"""Experiments on adapting to the second simulated hospital (docs/research/experiments/adapting.md).

    python -m benchmarks.adapting data    --work DIR
    python -m benchmarks.adapting shipped --work DIR
    python -m benchmarks.adapting ceiling --work DIR [--epochs 16]
    python -m benchmarks.adapting run     --work DIR [--scans 5 10 20 40] [--seeds 0 1 2]
                                          [--suggested-of 400] [--unlabelled 100 --sure 0.3] [--set KEY=VALUE ...]
    python -m benchmarks.adapting table   --work DIR
    python -m benchmarks.adapting thresholds --work DIR

Every command goes on where it was stopped: sets that are there are kept, finished runs are passed over, and the
ceiling goes on after its last epoch. DIR is outside the repository; its runs.csv gets one row per finished run. KEY is
one of `configs/adapt.yaml`; inner keys have dots, such as augmentation.crop=null.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.adapting import ceiling, gap, scan_sets, threshold_choice
from benchmarks.adapting.runs import (
    CEILING,
    SHIPPED,
    Row,
    RunKey,
    append_row,
    finished,
    read_rows,
    read_tests,
    table_of,
)
from bonescan_yolo.cli import run
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.train.run_record import read_card

REPOSITORY = Path(__file__).resolve().parents[2]
WEIGHTS = Path("weights") / "bonescan.pt"
NUMBERS = (5, 10, 20, 40)

PASSIVE_WAITING = ("OMP_WAIT_POLICY", "PASSIVE")
"""Threads of torch sleep while they wait for each other. By default they spin: beside other work on the same two cores
a scan then took 594 ms of processor time, and 106 ms so."""


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.adapting",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=tuple(COMMANDS))
    parser.add_argument("--work", type=Path, required=True, help="folder of the experiments, outside the repository")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help=f"to start from (default {WEIGHTS})")
    parser.add_argument("--epochs", type=int, default=16, help="of the ceiling (default 16)")
    parser.add_argument("--scans", type=int, nargs="+", default=NUMBERS, help="of B to adapt to (default 5 10 20 40)")
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2), help="(default 0 1 2)")
    parser.add_argument(
        "--suggested-of", type=int, default=0, help="adapt to scans suggested of so many, not random ones"
    )
    parser.add_argument("--unlabelled", type=int, default=0, help="scans whose boxes the adapted network gives")
    parser.add_argument("--sure", type=float, default=0.3, help="confidence of such a box (default 0.3)")
    parser.add_argument("--teacher", type=float, default=0.0, help="weight of a mean teacher, in place of such boxes")
    parser.add_argument("--hospital", choices=("a", "b"), default="b", help="whose scans to adapt to (default b)")
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="KEY=VALUE", help="what differs from configs/adapt.yaml"
    )
    options = parser.parse_args(arguments)
    if options.work.resolve().is_relative_to(REPOSITORY):
        parser.error("--work must be outside the repository")
    if options.set and options.command not in ("run", "judge"):
        parser.error("--set is for `run` and `judge`")
    os.environ.setdefault(*PASSIVE_WAITING)  # before torch is imported, and for the processes of the training
    COMMANDS[options.command](options)
    return 0


def data(options: argparse.Namespace) -> None:
    """Make every set."""
    for name in scan_sets.PLANS:
        print(scan_sets.build(options.work, name), flush=True)


def shipped(options: argparse.Namespace) -> None:
    """Measure the network to start from."""
    key = RunKey(SHIPPED, 0, 0)
    if key not in finished(table_of(options.work)):
        _record(options.work, key, load_network(options.weights), read_card(options.weights), 0.0)


def train_ceiling(options: argparse.Namespace) -> None:
    """Train the ceiling and measure it, with thresholds chosen on other scans of B."""
    started = time.monotonic()
    best = ceiling.train(options.work, options.weights, options.epochs)
    seconds = time.monotonic() - started
    key = RunKey(CEILING, scan_sets.PLANS[ceiling.POOL].studies * 2, 0)
    if key not in finished(table_of(options.work)):
        card = read_card(options.weights)
        card = card.with_thresholds(ceiling.own_thresholds(options.work, best, card))
        _record(options.work, key, load_network(best), card, seconds)


def adapt(options: argparse.Namespace) -> None:
    """Adapt with every number of scans and every seed that is not in the table, and measure."""
    from benchmarks.adapting.adapted import adapted_network, recipe_of, setting_of
    from benchmarks.adapting.scan_choice import ScanChoice

    choice = ScanChoice(options.suggested_of, options.unlabelled, options.sure, options.teacher, options.hospital)
    recipe, setting = recipe_of(options.set), setting_of(options.set, choice)
    for key in _keys(options, setting):
        if key not in finished(table_of(options.work)):
            started = time.monotonic()
            network = adapted_network(options.work, options.weights, key, recipe, choice)
            _record(options.work, key, network, read_card(options.weights), time.monotonic() - started)


def judge(options: argparse.Namespace) -> None:
    """Print what the folds of every run say, beside what is true."""
    from benchmarks.adapting.adapted import recipe_of, setting_of
    from benchmarks.adapting.judged import Case, judge, line
    from benchmarks.adapting.scan_choice import ScanChoice

    setting, recipe = setting_of(options.set, ScanChoice(hospital=options.hospital)), recipe_of(options.set)
    for key in _keys(options, setting):
        case = Case(options.work, options.weights, key, recipe, options.hospital)
        print(line(key, judge(case)), flush=True)


def _keys(options: argparse.Namespace, setting: str) -> list[RunKey]:
    """Return the runs of a setting that the user asks for."""
    return [RunKey(setting, number, seed) for number in options.scans for seed in options.seeds]


def table(options: argparse.Namespace) -> None:
    """Print the table."""
    sys.stdout.write(gap.table(options.work))


def thresholds(options: argparse.Namespace) -> None:
    """Print what thresholds are worth that are chosen on few scans, by the readings of the shipped recipe."""
    from benchmarks.adapting.adapted import setting_of

    rows = [row for row in read_rows(table_of(options.work)) if row.key.setting == setting_of([])]
    sys.stdout.write(threshold_choice.table(options.work, [row for row in rows if row.key.scans in options.scans]))


def _record(work: Path, key: RunKey, network: Any, card: ModelCard, train_seconds: float) -> None:
    """Read the tests with a network and write the row of its run."""
    started = time.monotonic()
    figures = read_tests(work, key, network, card)
    row = Row(key, card.thresholds, train_seconds, time.monotonic() - started, figures)
    append_row(table_of(work), row)
    shown = {name: round(figures[name], 3) for name in ("b_test/ap50/mean", "b_test/f1_best/mean", "a_test/ap50/mean")}
    print(f"{key}: {shown}, {train_seconds:.0f} s of training, {row.read_seconds:.0f} s of reading", flush=True)


COMMANDS = {
    "data": data,
    "shipped": shipped,
    "ceiling": train_ceiling,
    "run": adapt,
    "judge": judge,
    "table": table,
    "thresholds": thresholds,
}


if __name__ == "__main__":
    run(main)
