"""The option `--conf`: the confidence above which boxes are shown, for both classes or for each.

The module with the thresholds is imported late, for the reason that `scan_options` gives.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bonescan_yolo.model.thresholds import Thresholds

EACH = "or one for each class such as abnormal=0.4,normal=0.3"
"""For help texts: what can be given besides a number."""


def add_threshold_option(parser: argparse.ArgumentParser, meaning: str, default: Thresholds | None = None) -> None:
    """Add `--conf`, which becomes `Thresholds`, or `default` if it is not given; `meaning` is its help text."""
    parser.add_argument("--conf", type=thresholds_of, default=default, help=meaning)


def thresholds_of(text: str) -> Thresholds:
    """Return the thresholds that a user typed; see `parse_thresholds`."""
    from bonescan_yolo.model.thresholds import parse_thresholds

    return parse_thresholds(text)
