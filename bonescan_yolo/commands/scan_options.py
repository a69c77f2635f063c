"""Options of commands that read scans: what the user says about files that do not say it themselves.

Nothing of the reader is imported with this module, which a command imports first. Reached through it, numpy is imported
a few levels deeper, where CPython 3.11 allocates a part of its stack anew for every call: 40 ms more of a cold start.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bonescan_yolo.scan.read import ReadOptions

SCAN_HELP = "PNG, JPEG, TIFF, BMP, DICOM, also in .gz and .zip; folders; globs"

_YES = "yes"


def add_read_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `read_options` collects."""
    from bonescan_yolo.scan.identity.names import VIEWS
    from bonescan_yolo.scan.orientation import TURNS

    parser.add_argument("--view", choices=VIEWS, help="view of scans whose file does not name one")
    add_inverted_option(parser)
    parser.add_argument(
        "--turn",
        type=int,
        choices=TURNS,
        default=0,
        help="degrees clockwise by which lying scans are turned, so that the head is up (%(default)s)",
    )


def add_inverted_option(parser: argparse.ArgumentParser) -> None:
    """Add `--inverted`."""
    parser.add_argument(
        "--inverted",
        choices=(_YES, "no"),
        help="whether the files show hot as dark (default: found from the air around the body)",
    )


def read_options(options: argparse.Namespace) -> ReadOptions:
    """Return what the user said about the files."""
    from bonescan_yolo.scan.read import ReadOptions

    return ReadOptions(options.view, is_inverted(options), options.turn)


def is_inverted(options: argparse.Namespace) -> bool | None:
    """Return what the user said with `--inverted`; None is nothing."""
    return None if options.inverted is None else options.inverted == _YES
