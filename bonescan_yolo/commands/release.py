"""`bonescan release runs/weights`: write the files of a finished run that can be passed on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.commands.card_options import add_card_options, format_table, read_rescoring, read_shown
from bonescan_yolo.commands.trust_option import add_trust_option
from bonescan_yolo.export.release_files import DEFAULT_OUT, NAME, release


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = build_parser().parse_args(arguments)
    files = release(
        options.run, options.out, options.data, read_shown(options), read_rescoring(options), trust=options.trust
    )
    sys.stdout.write(format_table(files))
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan release",
        description="Write the files of a finished run that can be passed on.",
    )
    parser.add_argument("run", type=Path, help="folder of a finished run, such as runs/weights")
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, help=f"folder for {NAME}.pt and its ONNX files (%(default)s)"
    )
    parser.add_argument("--data", type=Path, help="dataset.yaml to compare the files on (that of the run)")
    add_card_options(parser)
    add_trust_option(parser)
    return parser
