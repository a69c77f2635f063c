"""Options of the commands that read annotations: what class names mean, where images are, whose they are."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from bonescan_yolo.errors import SettingsError
from bonescan_yolo.scan.read import AS_STORED, ReadOptions


def add_map_option(parser: argparse.ArgumentParser) -> None:
    """Add `--map`, which may be given several times."""
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="NAMES",
        help='what class names mean: "Malignant=abnormal,Benign=normal,other=" (nothing after = leaves out)',
    )


def add_inverted_option(parser: argparse.ArgumentParser) -> None:
    """Add `--inverted`."""
    parser.add_argument(
        "--inverted", choices=("yes", "no"), help="whether hot is dark in the images (default: found out for each)"
    )


def add_images_option(parser: argparse.ArgumentParser) -> None:
    """Add `--images`."""
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="folder or zip of the images (default: that of the annotations)"
    )


def add_patient_option(parser: argparse.ArgumentParser) -> None:
    """Add `--patient`."""
    parser.add_argument(
        "--patient",
        metavar="REGEX",
        help="finds the patient in an image's path: its first group (default: the file name without the view)",
    )


def patient_pattern(text: str | None) -> re.Pattern[str] | None:
    """Return the value of `--patient`.

    Raises:
        SettingsError: it is not a regular expression.
    """
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise SettingsError(f"--patient {text}: is not a regular expression ({error}); fix it") from error


def reading_options(inverted: str | None) -> ReadOptions:
    """Return how images are read, given the value of `--inverted`."""
    return AS_STORED if inverted is None else ReadOptions(inverted=inverted == "yes")
