"""`bonescan convert bs80k temp.zip --out data/bs80k`: annotated scans in, a checked and split YOLO data set out."""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zipfile import is_zipfile

from bonescan_yolo.convert.annotation_formats import FORMATS, AnnotationFormat, ParseOptions
from bonescan_yolo.convert.class_map import parse_map
from bonescan_yolo.convert.conversion import Options, convert, require_replaceable
from bonescan_yolo.convert.format_guess import other_format
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.matching import build_survey
from bonescan_yolo.convert.readers.bs80k import read_bs80k
from bonescan_yolo.convert.source import FileSource, Source, open_source
from bonescan_yolo.convert.split import parse_fractions
from bonescan_yolo.convert.survey import Survey
from bonescan_yolo.errors import DatasetError, SettingsError, one_line
from bonescan_yolo.scan.read import AS_STORED, ReadOptions

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
    shared.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="NAMES",
        help='what class names mean: "Malignant=abnormal,Benign=normal,other=" (nothing after = leaves out)',
    )
    shared.add_argument(
        "--inverted", choices=("yes", "no"), help="whether hot is dark in the images (default: found out for each)"
    )
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
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="folder or zip of the images (default: that of the annotations)"
    )
    parser.add_argument(
        "--patient",
        metavar="REGEX",
        help="finds the patient in an image's path: its first group (default: the file name without the view)",
    )
    if entry.name == "voc":
        parser.add_argument(
            "--one-based",
            action="store_true",
            help="corners count pixels from 1, both ends included, as in the VOC challenge (default: edges from 0)",
        )


def _run(arguments: argparse.Namespace) -> str:
    options = _options(arguments)
    require_replaceable(arguments.out, arguments.source)
    if arguments.format == "bs80k":
        with open_source(arguments.source, leave_out=arguments.out) as source:
            try:
                survey = read_bs80k(source, options.classes)
            except DatasetError as error:
                raise DatasetError(f"{error}{other_format(source, arguments.format)}") from error
            return convert(source, arguments.format, _titled(survey, arguments.title), arguments.out, options)
    entry = next(entry for entry in FORMATS if entry.name == arguments.format)
    with _sources(arguments.source, arguments.images, arguments.out) as (annotations, images):
        with_pictures = entry.with_pictures if images is annotations else None
        source = images if with_pictures is None else with_pictures(images)
        survey = build_survey(
            entry.title,
            source,
            _parsed(entry, annotations, options),
            patient=options.patient,
            classes=options.classes,
            unlisted_is_background=entry.unlisted_is_background,
        )
        return convert(source, arguments.format, _titled(survey, arguments.title), arguments.out, options)


def _parsed(entry: AnnotationFormat, source: Source, options: Options) -> list[AnnotatedImage]:
    """Return what the annotations say; an error ends with the format that they are in, if that can be seen."""
    try:
        items = list(entry.parse(source, ParseOptions(one_based=options.one_based)))
    except DatasetError as error:
        raise DatasetError(f"{error}{other_format(source, entry.name)}") from error
    if items and all(item.fault is not None for item in items):
        hint = other_format(source, entry.name)
        if hint:
            raise DatasetError(f"{source.name}: {items[0].annotation} {items[0].fault}{hint}")
    return items


@contextmanager
def _sources(given: Path, images: Path | None, out: Path) -> Iterator[tuple[Source, Source]]:
    """Yield the source of the annotations and that of the images, which are one unless the user names two.

    A single annotation file has its images beside it, if no folder is named.
    """
    is_file = given.is_file() and not is_zipfile(given)
    if images is None and not is_file:
        with open_source(given, leave_out=out) as source:
            yield source, source
        return
    folder = images or given.parent
    require_replaceable(out, folder)
    with open_source(folder, leave_out=out) as source:
        if is_file:
            yield FileSource(given), source
            return
        with open_source(given, leave_out=out) as annotations:
            yield annotations, source


def _titled(survey: Survey, title: str | None) -> Survey:
    """Return the survey under the title that the user gave the data set, if any."""
    return survey if title is None else dataclasses.replace(survey, title=" ".join(title.split()))


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
        patient=_pattern(getattr(arguments, "patient", None)),
        classes=parse_map(arguments.map),
        reading=AS_STORED if arguments.inverted is None else ReadOptions(inverted=arguments.inverted == "yes"),
    )


def _pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise SettingsError(f"--patient {text}: is not a regular expression ({error}); fix it") from error
