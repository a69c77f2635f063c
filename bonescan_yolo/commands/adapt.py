"""`bonescan adapt ANNOTATED --out runs/adapt`: adapt the model to a few annotated scans, and measure if that helped."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.adapt.adapt_input import AnnotatedSource, conversion_options
from bonescan_yolo.adapt.adapt_record import REPORT_FILE
from bonescan_yolo.adapt.adapt_report import summary_lines
from bonescan_yolo.adapt.adapt_run import AdaptOptions, adapt
from bonescan_yolo.adapt.annotated_scans import LEAST_SCANS
from bonescan_yolo.adapt.recipe import read_recipe
from bonescan_yolo.commands.annotation_options import (
    add_images_option,
    add_inverted_option,
    add_map_option,
    add_patient_option,
    patient_pattern,
    reading_options,
)
from bonescan_yolo.commands.trust_option import add_trust_option
from bonescan_yolo.convert.class_map import parse_map
from bonescan_yolo.convert.converting import FORMAT_NAMES

DEFAULT_OUT = Path("runs") / "adapt"
OVERRIDABLE = ("start", "steps", "folds", "seed")


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code, 0 also if the adapted model was not kept."""
    parsed = build_parser().parse_args(arguments)
    changes: dict[str, object] = {key: value for key in OVERRIDABLE if (value := getattr(parsed, key)) is not None}
    conversion = conversion_options(
        parse_map(parsed.map), patient=patient_pattern(parsed.patient), reading=reading_options(parsed.inverted)
    )
    outcome = adapt(
        AdaptOptions(
            source=AnnotatedSource(parsed.annotated, parsed.format, parsed.images, conversion),
            out=parsed.out,
            recipe=read_recipe(parsed.config, changes),
            quick=parsed.quick,
            trust=parsed.trust,
        )
    )
    for line in summary_lines(outcome):
        cli.say(line, sys.stdout)
    for path in (*outcome.files, parsed.out / REPORT_FILE):
        cli.say(str(path), sys.stdout)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan adapt",
        description="Adapt the model to a few annotated scans of your own, measure on held-out patients whether that "
        "helped, and keep the adapted model if it did. A run that was stopped goes on with the same command.",
    )
    parser.add_argument(
        "annotated",
        type=Path,
        metavar="ANNOTATED",
        help=f"at least {LEAST_SCANS} annotated scans: a folder, archive or file that `bonescan convert` reads, or the "
        "dataset.yaml that it wrote",
    )
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="DIR", help="folder of the run (%(default)s)")
    parser.add_argument(
        "--quick", action="store_true", help="adapt only: without held-out patients there is no honest figure"
    )
    parser.add_argument("--config", type=Path, help="YAML with the recipe (the shipped configs/adapt.yaml)")
    parser.add_argument("--start", type=Path, help=".pt file to start from (the shipped weights)")
    parser.add_argument("--steps", type=int, help="steps of each training")
    parser.add_argument("--folds", type=int, help="parts of the patients that are held out in turn")
    parser.add_argument("--seed", type=int, help="seed of the random numbers")
    parser.add_argument("--format", choices=FORMAT_NAMES, help="format of the annotations (default: found out)")
    add_images_option(parser)
    add_map_option(parser)
    add_patient_option(parser)
    add_inverted_option(parser)
    add_trust_option(parser)
    return parser
