"""`bonescan suggest FOLDER`: choose the scans that are most worth annotating."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.commands.scan_options import SCAN_HELP, add_read_options, read_options
from bonescan_yolo.commands.threshold_option import EACH, add_threshold_options
from bonescan_yolo.errors import BonescanError, ScanError, one_line
from bonescan_yolo.files import real_path
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.output.staging import staged_directory
from bonescan_yolo.predict.batch import Failures, find_all, in_parallel, threads_for
from bonescan_yolo.predict.results import TO_CORRECT, make_writer
from bonescan_yolo.suggest.candidates import Examined, LeftOut, Pool, ScoredScan, examine
from bonescan_yolo.suggest.scores import SEEN
from bonescan_yolo.suggest.suggestion import (
    LEFT_OUT_NAME,
    Suggestion,
    require_empty,
    suggest,
    write_scans,
    write_tables,
)

DEFAULT_OUT = Path("runs") / "suggest"
DEFAULT_NUMBER = 20


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parse(arguments)
    failures = Failures()
    annotated = [file for folder in options.annotated for file in find_all([str(folder)], options.out, failures)]
    files = find_all(options.sources, options.out, failures)
    threads = threads_for(len(files) + len(annotated))
    detector = Detector(options.model, options.conf, threads=threads, operating_point=options.operating_point)
    require_empty(options.out)
    if not files:  # which was reported
        return cli.EXIT_USER_MISTAKE
    with staged_directory(options.out) as staging:
        doubting = Detector(options.model, SEEN, threads=threads)
        pool = _read_all(files, annotated, doubting, options, failures)
        suggestions = suggest(pool, options.number)
        if not suggestions:
            raise ScanError(f"{options.sources[0]}: has no scan left to suggest{_why(pool)}; give others")
        writer = make_writer(options.format, staging, detector, served_as=real_path(options.out).name)
        pictures = write_scans(suggestions, writer, detector, read_options(options))
        write_tables(suggestions, pictures, pool.left_out, staging)
    if not options.quiet:
        _print_table(suggestions, pictures, pool, options)
    return cli.EXIT_USER_MISTAKE if failures.count else 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan suggest",
        description="Choose, of scans without annotations, those that would teach the model most, and write them with "
        f"its boxes for an annotation tool. {NOTICE}",
    )
    parser.add_argument("sources", nargs="+", metavar="SCAN", help=SCAN_HELP)
    parser.add_argument(
        "--number",
        type=int,
        default=DEFAULT_NUMBER,
        help="scans to suggest (%(default)s); both views of a study are taken together, so there may be one more",
    )
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for the suggestions (%(default)s)")
    parser.add_argument(
        "--format", choices=TO_CORRECT, default="labelme", help="annotation tool to write them for (%(default)s)"
    )
    parser.add_argument(
        "--annotated",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="scans that are annotated already: they are not suggested, nor others like them; may be repeated",
    )
    parser.add_argument("--model", type=Path, help="ONNX model that is to learn (default: the shipped one)")
    add_threshold_options(parser, f"confidence above which boxes are written, 0 to 1, {EACH} (default: the model's)")
    add_read_options(parser)
    parser.add_argument("--quiet", action="store_true", help="print no table and no progress")
    return parser


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options, after checks of their ranges."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.number < 1:
        parser.error("--number must be at least 1")
    return options


def _read_all(
    files: Sequence[Path], known: Sequence[Path], detector: Detector, options: argparse.Namespace, failures: Failures
) -> Pool:
    """Return the scored scans of all files; what cannot be read is reported and left out."""
    pool = Pool()
    for _, scan in _examine_all(known, "reading annotated", frozenset(), detector, options):
        if isinstance(scan, BonescanError):
            failures.add(scan)
        elif isinstance(scan, ScoredScan):
            pool.add_annotated(scan)
    digests = frozenset(scan.digest for scan in pool.candidates)
    for path, scan in _examine_all(files, "reading", digests, detector, options):
        if isinstance(scan, BonescanError):
            failures.add(scan)
            pool.add(LeftOut(path, None, str(scan).removeprefix(f"{path}: ")))
        else:
            pool.add(scan)
    return pool


def _examine_all(
    files: Sequence[Path], label: str, annotated: Collection[str], detector: Detector, options: argparse.Namespace
) -> Iterator[tuple[Path, Examined]]:
    """Yield every scan of files, with its file, as it is read."""
    found = in_parallel(files, partial(examine, detector=detector, options=read_options(options), annotated=annotated))
    shown = found if options.quiet else cli.progress(found, len(files), label)
    for path, scans in zip(files, shown, strict=True):
        for scan in scans:
            yield path, scan


def _why(pool: Pool) -> str:
    """Return in brackets why nothing is left."""
    return f" (the first: {pool.left_out[0].path} {pool.left_out[0].reason})" if pool.left_out else ""


def _print_table(
    suggestions: Sequence[Suggestion], pictures: Sequence[str], pool: Pool, options: argparse.Namespace
) -> None:
    """Print a line per suggested scan, and where they are."""
    width = max(map(len, pictures))
    _say(f"{'rank':>4}  {'picture':<{width}}  why")
    for each, picture in zip(suggestions, pictures, strict=True):
        _say(f"{each.rank:>4}  {picture:<{width}}  {one_line(each.reasons)}")
    found = len(pool.candidates) - len(pool.annotated)
    left_out = f"; {len(pool.left_out)} left out, see {LEFT_OUT_NAME}" if pool.left_out else ""
    _say(f"{len(suggestions)} of {found} scans in {options.out}{left_out}; {NOTICE[0].lower()}{NOTICE[1:]}")


def _say(line: str) -> None:
    cli.say(line, sys.stdout)
