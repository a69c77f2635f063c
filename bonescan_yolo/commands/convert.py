"""`bonescan convert bs80k temp.zip --out data/bs80k`: annotated scans in, a checked and split YOLO data set out."""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.convert.conversion import Options, convert, require_replaceable
from bonescan_yolo.convert.readers.bs80k import read_bs80k
from bonescan_yolo.convert.readers.coco import read_coco
from bonescan_yolo.convert.readers.voc import read_voc
from bonescan_yolo.convert.source import open_source
from bonescan_yolo.convert.split import parse_fractions
from bonescan_yolo.convert.survey import Survey
from bonescan_yolo.errors import SettingsError, one_line
from bonescan_yolo.files import refuse, walk_folder

MAX_FOLDS = 100


def main(argv: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    arguments = build_parser().parse_args(argv)
    summary = _run(arguments)
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
    bs80k = formats.add_parser("bs80k", parents=[shared], help="BS-80K: its temp.zip, or the unpacked folder")
    bs80k.add_argument("source", type=Path, metavar="SOURCE", help="temp.zip as downloaded, or a folder")
    voc = formats.add_parser("voc", parents=[shared], help="images with Pascal VOC XML files")
    voc.add_argument("source", type=Path, metavar="SOURCE", help="folder or zip of images and XML files")
    voc.add_argument(
        "--one-based",
        action="store_true",
        help="corners count pixels from 1, both ends included, as in the VOC challenge (default: edges from 0)",
    )
    coco = formats.add_parser("coco", parents=[shared], help="a COCO JSON file with its images")
    coco.add_argument("source", type=Path, metavar="SOURCE", help="the JSON file, or a folder with one JSON file")
    coco.add_argument(
        "--images", type=Path, metavar="DIR", help="folder or zip of the images (default: the JSON file's folder)"
    )
    for parser_of_any in (voc, coco):
        parser_of_any.add_argument(
            "--patient",
            metavar="REGEX",
            help="finds the patient in an image's path: its first group (default: the file name without the view)",
        )
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
    shared.add_argument("--strict", action="store_true", help="fail on any problem and write nothing")
    shared.add_argument(
        "--keep-wrapped",
        action="store_true",
        help="leave grey levels that wrapped past 255 as they are (default: fix them; these scans become PNG)",
    )
    shared.add_argument("--copy", action="store_true", help="copy images (default: hard-link them where possible)")
    return shared


def _run(arguments: argparse.Namespace) -> str:
    options = _options(arguments)
    if arguments.format == "coco":
        return _run_coco(arguments, options)
    require_replaceable(arguments.out, arguments.source)
    with open_source(arguments.source, leave_out=arguments.out) as source:
        if arguments.format == "bs80k":
            survey = read_bs80k(source)
        else:
            survey = read_voc(source, options.one_based, _pattern(options.patient_pattern))
        return convert(source, arguments.format, _titled(survey, arguments.title), arguments.out, options)


def _titled(survey: Survey, title: str | None) -> Survey:
    """Return the survey under the title that the user gave the data set, if any."""
    return survey if title is None else dataclasses.replace(survey, title=" ".join(title.split()))


def _run_coco(arguments: argparse.Namespace, options: Options) -> str:
    json_file = _json_file(arguments.source)
    images = arguments.images or json_file.parent
    require_replaceable(arguments.out, json_file)
    require_replaceable(arguments.out, images)
    try:
        data = json_file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{json_file}: cannot be read ({error.strerror}); check the path") from error
    with open_source(images, leave_out=arguments.out) as source:
        survey = read_coco(data, json_file.name, source, _pattern(options.patient_pattern))
        return convert(source, "coco", _titled(survey, arguments.title), arguments.out, options)


def _json_file(source: Path) -> Path:
    """Return the JSON file itself, or the only one in a folder."""
    if not source.is_dir():
        return source
    found = [
        folder / name for folder, _, names in walk_folder(source, refuse) for name in names if name.endswith(".json")
    ]
    if len(found) != 1:
        raise SettingsError(f"{source}: holds {len(found)} JSON files; give the COCO file itself and --images DIR")
    return found[0]


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
        patient_pattern=getattr(arguments, "patient", None),
    )


def _pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise SettingsError(f"--patient {text}: is not a regular expression ({error}); fix it") from error
