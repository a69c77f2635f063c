"""`bonescan simulate --studies 100 --out data/sources/phantom`: write simulated studies in BS-80K's layout."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.phantom.bs80k_layout import FOLDERS, Extras, Written
from bonescan_yolo.phantom.generate import Order, default_workers, generate
from bonescan_yolo.phantom.parameters import read_parameters


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code."""
    options = build_parser().parse_args(argv)
    order = Order(
        options.studies, options.seed, read_parameters(options.config), Extras(options.masks, options.regions)
    )
    workers = options.workers if options.workers is not None else default_workers(order.studies)
    written = generate(options.out, order, workers)
    sys.stdout.write(_summary(options.out, written))
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan simulate",
        description="Simulate whole-body bone scans with exact boxes, in BS-80K's layout. No patient data is used.",
    )
    parser.add_argument("--studies", type=_at_least(1), required=True, help="number of studies (two views each)")
    parser.add_argument("--out", type=Path, required=True, help="output folder; an earlier phantom in it is replaced")
    parser.add_argument("--seed", type=_at_least(0), default=0, help="same seed, same scans (default 0)")
    parser.add_argument("--config", type=Path, help="YAML with parameters, as in configs/phantom.yaml")
    parser.add_argument("--workers", type=_at_least(1), help="number of processes (default: the cores available)")
    parser.add_argument("--masks", action="store_true", help="also write the pixels of each box's hot spot")
    parser.add_argument("--regions", action="store_true", help="also write which bones are under each pixel")
    return parser


class _at_least:  # noqa: N801 - used like a function in the parser
    """A whole number with a lower bound, for argparse."""

    def __init__(self, least: int) -> None:
        self.least = least

    def __call__(self, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = self.least - 1
        if value < self.least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {self.least}")
        return value


def _summary(out: Path, written: list[Written]) -> str:
    """Return one line per view: scans with an abnormal box, boxes by class."""
    lines = [f"{out}: {len(written)} studies\n"]
    for view, folder in FOLDERS.items():
        sick = sum(study.abnormal[view] for study in written)
        abnormal = sum(study.n_abnormal[view] for study in written)
        normal = sum(study.n_normal[view] for study in written)
        lines.append(f"  {folder}: {sick} scans with an abnormal box; boxes: {abnormal} abnormal, {normal} normal\n")
    return "".join(lines)
