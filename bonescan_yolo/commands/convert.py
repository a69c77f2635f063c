"""`bonescan convert bs80k temp.zip --out data/bs80k`: annotated scans in, a checked and split YOLO data set out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.commands.annotation_options import (
    add_images_option,
    add_inverted_option,
    add_map_option,
    add_patient_option,
    patient_pattern,
    reading_options,
)
from bonescan_yolo.convert.annotation_formats import FORMATS, AnnotationFormat
from bonescan_yolo.convert.class_map import parse_map
from bonescan_yolo.convert.conversion import Options
from bonescan_yolo.convert.converting import BS80K, Request, convert_annotations
from bonescan_yolo.convert.split import parse_fractions
from bonescan_yolo.errors import SettingsError, one_line

MAX_FOLDS = 100


def main(argv: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    arguments = build_parser().parse_args(argv)
    summary = convert_annotations(_request(arguments))
    sys.stdout.write(f"{summary}\nWritten to {one_line(str(arguments.out))}\n")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all source formats."""
    parser = argparse.ArgumentParser(
        prog="bonescan convert",
        description="Turn annotated bone scans into a YOLO data set: checked, split by patient, reported.",
    )
    shared = _shared_options()
    formats = parser.add_subparsers(dest="format", required=True, metavar="FORMAT")
    bs80k = formats.add_parser(BS80K, parents=[shared], help="BS-80K: its temp.zip, or the unpacked folder")
    bs80k.add_argument("source", type=Path, metavar="SOURCE", help="temp.zip as downloaded, or a folder")
    for entry in FORMATS:
        _add_format(formats.add_parser(entry.name, parents=[shared], help=entry.help), entry)
    return parser


def _shared_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write, e.g. data/bs80k")
    shared.add_argument("--seed", type=int, default=0, help="seed of the split (default: 0)")
    shared.add_argument(
        "--split", default="80/10/10", metavar="T/V/T", help="train/val/test in %% of patients (default: 80/10/10)"
    )
    shared.add_argument("--folds", type=int, default=0, metavar="K", help="also write K folds over train and val")
    shared.add_argument(
        "--title",
        metavar="TEXT",
        help="description of the data set, recorded in models trained on it (default: the format's)",
    )
    add_map_option(shared)
    add_inverted_option(shared)
    shared.add_argument("--strict", action="store_true", help="fail on any problem and write nothing")
    shared.add_argument(
        "--keep-wrapped",
        action="store_true",
        help="leave grey levels that wrapped past 255 as they are (default: fix them; these scans become PNG)",
    )
    shared.add_argument("--copy", action="store_true", help="copy images (default: hard-link them where possible)")
    return shared


def _add_format(parser: argparse.ArgumentParser, entry: AnnotationFormat) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help=entry.source_help)
    add_images_option(parser)
    add_patient_option(parser)
    if entry.name == "voc":
        parser.add_argument(
            "--one-based",
            action="store_true",
            help="corners count pixels from 1, both ends included, as in the VOC challenge (default: edges from 0)",
        )


def _request(arguments: argparse.Namespace) -> Request:
    return Request(
        source=arguments.source,
        source_format=arguments.format,
        images=getattr(arguments, "images", None),
        out=arguments.out,
        title=arguments.title,
        options=_options(arguments),
    )


def _options(arguments: argparse.Namespace) -> Options:
    if arguments.folds and not 2 <= arguments.folds <= MAX_FOLDS:
        raise SettingsError(f"--folds {arguments.folds}: cross-validation takes 2 to {MAX_FOLDS} folds")
    return Options(
        seed=arguments.seed,
        split=arguments.split,
        fractions=parse_fractions(arguments.split),
        folds=arguments.folds,
        strict=arguments.strict,
        fix_wrapped=not arguments.keep_wrapped,
        images="copy" if arguments.copy else "link",
        one_based=getattr(arguments, "one_based", False),
        patient=patient_pattern(getattr(arguments, "patient", None)),
        classes=parse_map(arguments.map),
        reading=reading_options(arguments.inverted),
    )
