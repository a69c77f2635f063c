"""`bonescan export runs/train/weights/best.pt`: write trained weights as ONNX files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.commands.card_options import add_card_options, format_table, read_rescoring, read_shown
from bonescan_yolo.commands.trust_option import add_trust_option
from bonescan_yolo.errors import ModelError
from bonescan_yolo.export.exporting import KINDS, ExportOptions, export_weights

DEFAULT_OUT = Path("weights") / "finetuned.onnx"
"""Beside the shipped model, which it must not replace."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = build_parser().parse_args(arguments)
    done = export_weights(
        ExportOptions(
            weights=options.weights,
            out=options.out,
            data=options.data,
            kinds=tuple(options.files or KINDS),
            trained_on=options.trained_on,
            thresholds=read_shown(options),
            rescoring=read_rescoring(options),
            half=options.half,
            trust=options.trust,
        )
    )
    if done.files:
        sys.stdout.write(format_table(done.files))
    if done.refusal is not None:
        if options.files is not None:  # the user asked for INT8 by name
            raise ModelError(done.refusal)
        cli.say(f"note: {done.refusal}", sys.stderr)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan export",
        description="Write weights as NAME.onnx for Ultralytics, OpenCV and Triton; NAME-app.onnx, whose input is a "
        "scan and whose output is boxes; and NAME-app-int8.onnx, the same in 8-bit integers.",
    )
    parser.add_argument("weights", type=Path, help=".pt file, such as runs/train/weights/best.pt")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="NAME.onnx (%(default)s)")
    parser.add_argument("--files", nargs="+", choices=KINDS, help="which to write (all)")
    parser.add_argument("--data", type=Path, help="dataset.yaml to compare the files on (that of the training run)")
    parser.add_argument("--trained-on", help="data in words, for the files' card (from the training run)")
    add_card_options(parser)
    parser.add_argument("--half", action="store_true", help="store the weights in 16 bit: half the file size")
    add_trust_option(parser)
    return parser
