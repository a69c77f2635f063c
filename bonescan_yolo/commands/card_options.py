"""What the commands `export` and `release` share: options of the card, and the table of files that they print."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.commands.threshold_option import EACH, thresholds_of
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.export.exporting import ExportedFile
from bonescan_yolo.model.card import DEFAULT_THRESHOLDS
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.points_file import read_points
from bonescan_yolo.model.rescoring import NO_RESCORING, Rescoring
from bonescan_yolo.model.thresholds import Thresholds


def add_card_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that end up in the files' card: thresholds or points, and the two numbers of the rescoring."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--conf",
        type=thresholds_of,
        default=DEFAULT_THRESHOLDS,
        help=f"the files' own threshold, 0 to 1, {EACH} (%(default)s)",
    )
    either.add_argument(
        "--operating-points",
        type=Path,
        metavar="FILE.json",
        help="in place of --conf, operating points that `bonescan fit-thresholds --out` wrote",
    )
    parser.add_argument(
        "--rescoring",
        type=float,
        nargs=2,
        metavar=("WEIGHT", "LONE"),
        default=(NO_RESCORING.weight, NO_RESCORING.lone),
        help="rescore abnormal boxes by how many others the scan has: their odds are multiplied by LONE x (1 + "
        "expected number of others) ^ WEIGHT; `bonescan fit-rescoring` fits both (off)",
    )
    parser.add_argument(  # the option's earlier name
        "--context", dest="rescoring", type=float, nargs=2, default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )


def read_shown(options: argparse.Namespace) -> Thresholds | OperatingPoints:
    """Return the files' own thresholds, or all operating points, that a user gave.

    Raises:
        SettingsError: the file with the operating points cannot be read, or holds something else.
    """
    thresholds: Thresholds = options.conf
    return thresholds if options.operating_points is None else read_points(options.operating_points)


def read_rescoring(options: argparse.Namespace) -> Rescoring:
    """Return the numbers of the rescoring that a user gave.

    Raises:
        SettingsError: a number is out of range.
    """
    rescoring = Rescoring(*options.rescoring)
    if not rescoring.is_valid:
        raise SettingsError(
            f"--rescoring {rescoring.weight:g} {rescoring.lone:g}: out of range; give a WEIGHT of 0 or more and a LONE "
            "above 0"
        )
    return rescoring


def format_table(files: Sequence[ExportedFile]) -> str:
    """Return a line per file, with line ends: path, size, time per scan, and what its check found."""
    width = max(len(str(file.path)) for file in files)
    lines = [f"{'file':<{width}}  {'MB':>5}  {'ms/scan':>7}  agreement\n"]
    for file in files:
        lines.append(f"{file.path!s:<{width}}  {file.size / 1e6:>5.1f}  {file.latency_ms:>7.1f}  {file.check}\n")
    return "".join(lines)
