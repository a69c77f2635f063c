"""Write the ONNX files of trained weights: `python -m bonescan_yolo.export runs/train/weights/best.pt`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.export.exporting import KINDS, Exported, export
from bonescan_yolo.model.card import DEFAULT_CONFIDENCE, ModelCard
from bonescan_yolo.model.rescoring import Context
from bonescan_yolo.train.run_record import read_data_path, read_trained_on

DEFAULT_OUT = Path("weights") / "finetuned.onnx"
"""Beside the project's own model, which it must not replace."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    if not options.weights.is_file():
        raise BonescanError(f"{options.weights}: does not exist; train first (`make train`) or give a .pt file")
    data = options.data or read_data_path(options.weights)
    if data is None:
        raise BonescanError(f"{options.weights}: no run.json tells its data set; give --data data/NAME/dataset.yaml")
    context = read_context(options)
    card = ModelCard(
        trained_on=options.trained_on or read_trained_on(options.weights) or "unknown",
        confidence=options.conf,
        context_weight=context.weight,
        context_lone=context.lone,
    )
    done = export(options.weights, options.out, data, card, kinds=options.files or KINDS, half=options.half)
    if done.files:
        print_table(done.files)
    if done.refusal is not None:
        if options.files is not None:
            raise BonescanError(done.refusal)
        cli.say(f"note: {done.refusal}", sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m bonescan_yolo.export",
        description="Write weights as NAME.onnx for Ultralytics, OpenCV and Triton, NAME-app.onnx, which takes a scan "
        "and gives boxes by itself, and NAME-app-int8.onnx, the same in 8-bit integers.",
    )
    parser.add_argument("weights", type=Path, help=".pt file, such as runs/train/weights/best.pt")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="NAME.onnx (%(default)s)")
    parser.add_argument("--files", nargs="+", choices=KINDS, help="which to write (all)")
    parser.add_argument("--data", type=Path, help="dataset.yaml to compare on (that of the training run)")
    parser.add_argument("--trained-on", help="data in words, for the files' description (from the training run)")
    parser.add_argument(
        "--conf", type=float, default=DEFAULT_CONFIDENCE, help="the files' own threshold, 0 to 1 (%(default)s)"
    )
    add_context_option(parser)
    parser.add_argument("--half", action="store_true", help="store the weights in 16 bit: half the file")
    return parser


def add_context_option(parser: argparse.ArgumentParser) -> None:
    """Let a user say how much the other abnormal boxes of a scan count."""
    none = Context()
    parser.add_argument(
        "--context",
        type=float,
        nargs=2,
        metavar=("WEIGHT", "LONE"),
        default=(none.weight, none.lone),
        help="score abnormal boxes in the light of the scan's others: their odds are multiplied by "
        "LONE x (1 + expected number of others) ^ WEIGHT (not done)",
    )


def read_context(options: argparse.Namespace) -> Context:
    """Return what the user said.

    Raises:
        BonescanError: it is out of range.
    """
    context = Context(*options.context)
    if not context.is_possible:
        raise BonescanError(
            f"--context {context.weight:g} {context.lone:g}: give a weight of 0 or more and a factor above 0"
        )
    return context


def print_table(files: Sequence[Exported]) -> None:
    """Print a line a file on standard output: name, size, latency, agreement."""
    width = max(len(str(file.path)) for file in files)
    sys.stdout.write(f"{'file':<{width}}  {'MB':>5}  {'ms/scan':>7}  agreement\n")
    for file in files:
        sys.stdout.write(f"{file.path!s:<{width}}  {file.size / 1e6:>5.1f}  {file.latency_ms:>7.1f}  {file.check}\n")


if __name__ == "__main__":
    cli.run(main)
