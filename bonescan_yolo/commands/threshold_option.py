"""The options `--conf` and `--operating-point`: the confidence above which boxes are shown.

The module with the thresholds is imported late, for the reason that `scan_options` gives.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bonescan_yolo.model.thresholds import Thresholds

EACH = "or one for each class such as abnormal=0.4,normal=0.3"
"""For help texts: what can be given besides a number."""


def add_threshold_options(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add `--conf`, which becomes `Thresholds`, or in its place `--operating-point`, the name of a point.

    Args:
        parser: gets the options.
        meaning: help text of `--conf`.
    """
    from bonescan_yolo.model.operating_points import POINT_NAMES

    either = parser.add_mutually_exclusive_group()
    either.add_argument("--conf", type=thresholds_of, help=meaning)
    either.add_argument(
        "--operating-point",
        choices=POINT_NAMES,
        help="in place of --conf, thresholds that the model has a name for (default: balanced, if it has any)",
    )


def thresholds_of(text: str) -> Thresholds:
    """Return the thresholds that a user typed; see `parse_thresholds`."""
    from bonescan_yolo.model.thresholds import parse_thresholds

    return parse_thresholds(text)
