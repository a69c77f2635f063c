"""`bonescan predict scan.png`: find hot spots on bone scans."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.commands.scan_options import SCAN_HELP, add_read_options, read_options
from bonescan_yolo.commands.threshold_option import EACH, add_threshold_options
from bonescan_yolo.errors import one_line
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.output.holding import hold_folder
from bonescan_yolo.predict.batch import (
    Failures,
    find_all,
    keep_readings,
    protect_scans,
    read_files,
    say_doubts,
    threads_for,
)
from bonescan_yolo.predict.formats import reading_json
from bonescan_yolo.predict.neutral_names import DEIDENTIFY_HELP, NeutralNames
from bonescan_yolo.predict.results import FORMATS, ResultFiles
from bonescan_yolo.scan.record import Scan

DEFAULT_OUT = Path("runs") / "predict"
STANDARD_OUTPUT = Path("-")


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parse(arguments)
    failures = Failures()
    files = find_all(options.sources, options.out, failures)
    detector = Detector(
        options.model,
        options.conf,
        options.iou,
        threads=threads_for(len(files)),
        operating_point=options.operating_point,
        regions=True,
    )
    found = read_files(files, detector, read_options(options), force=options.force)
    shown = found if options.quiet else cli.progress(found, len(files), "reading")
    readings = keep_readings(shown, failures)
    if not options.quiet:
        readings = say_doubts(readings)
    named = files
    if options.deidentify:
        neutral = NeutralNames(files)
        named, readings = neutral.files, map(neutral.replace, readings)
    if options.out == STANDARD_OUTPUT:
        for reading in readings:
            sys.stdout.write(reading_json.dump_line(reading_json.describe(reading, detector)))
    else:
        protect_scans(files, options.out)
        results = ResultFiles(options.out, options.format, named, detector, pictures=not options.no_picture)
        _write_all(readings, results, TablePrinter(quiet=options.quiet))
    return cli.EXIT_USER_MISTAKE if failures.count else 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan predict",
        description=f"Find hot spots on whole-body bone scans. {NOTICE}",
    )
    parser.add_argument("sources", nargs="+", metavar="SCAN", help=SCAN_HELP)
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, help="folder for the results (%(default)s); `-` prints JSON lines"
    )
    parser.add_argument("--model", type=Path, help="ONNX model (default: the shipped one)")
    add_threshold_options(parser, f"lowest confidence shown, 0 to 1, {EACH} (default: the model's)")
    parser.add_argument(
        "--iou", type=float, help="drop the weaker of two boxes whose IoU is above this, 0 to 1 (default: the model's)"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="json",
        help="format of the results (%(default)s); labelme, cvat and label-studio write the scans as PNG with their "
        "boxes, to be corrected in that tool, and no pictures of the boxes",
    )
    add_read_options(parser)
    parser.add_argument("--force", action="store_true", help="read scans that the quality check refuses too")
    parser.add_argument("--deidentify", action="store_true", help=DEIDENTIFY_HELP)
    parser.add_argument("--no-picture", action="store_true", help="write no picture with the boxes")
    parser.add_argument("--quiet", action="store_true", help="print no table, no progress and no notes")
    return parser


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options, after checks that involve several of them."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.out == STANDARD_OUTPUT and options.format != "json":
        parser.error("--out - prints JSON lines; leave --format out or give a folder")
    return options


def _write_all(readings: Iterator[Reading], results: ResultFiles, printer: TablePrinter) -> None:
    """Write the results and pictures, and print a line per scan."""
    with hold_folder(results.out):
        try:
            for reading in readings:
                results.add(reading)
                printer.line(reading)
        finally:  # what was read stays
            results.close()
    printer.close(results.out)


class TablePrinter:
    """Prints a small table on standard output: one line per scan, and the folder of the results."""

    def __init__(self, quiet: bool) -> None:
        """Print nothing at all if `quiet`."""
        self._quiet = quiet
        self._count = 0

    def line(self, reading: Reading) -> None:
        """Print one scan."""
        self._count += 1
        if self._quiet:
            return
        if self._count == 1:
            self._say(f"{'abnormal':>8}  {'normal':>6}  {'abnormal conf.':>14}  {'view':<9}  scan")
        scan = reading.scan
        self._say(
            f"{reading.n_abnormal:>8}  {reading.n_normal:>6}  {reading.scan_abnormal_confidence:>14.2f}  "
            f"{scan.view or '-':<9}  {scan.name}{_aside(scan)}"
        )

    def close(self, out: Path) -> None:
        """Print the folder of the results."""
        if self._count and not self._quiet:
            self._say(f"results in {out}; {NOTICE[0].lower()}{NOTICE[1:]}")

    def _say(self, line: str) -> None:
        cli.say(line, sys.stdout)


def _aside(scan: Scan) -> str:
    """Return in brackets what to know about how a scan was stored and read; nothing for most scans."""
    facts = [
        *(["inverted"] if scan.inverted else []),
        *(["lossy"] if scan.lossy else []),
        *scan.notes,
    ]
    return f"  ({one_line('; '.join(facts))})" if facts else ""
