"""The folder of a new run: it may contain an earlier run, which is kept as NAME.previous, but no other files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from bonescan_yolo import files
from bonescan_yolo.errors import OutputError
from bonescan_yolo.output.holding import temporary_folder
from bonescan_yolo.output.staging import put_in_place
from bonescan_yolo.train.run_record import MEAN_METRICS_FILE, RESULTS_FILE, RUN_FILE
from bonescan_yolo.train.scan_lists import LISTS, LISTS_YAML, SCAN_LISTS
from bonescan_yolo.train.settings import CONFIG_FILE

WEIGHTS_FOLDER: Final = "weights"
PREVIOUS_SUFFIX: Final = ".previous"
WHAT: Final = "training run"

ANYWHERE: Final = (".*.part", ".DS_Store", "Thumbs.db", "desktop.ini")
"""Files of a killed process that were not finished, and those of file managers."""

OWN_ENTRIES: Final = {
    ".": (
        CONFIG_FILE,
        RUN_FILE,
        RESULTS_FILE,
        MEAN_METRICS_FILE,
        WEIGHTS_FOLDER,
        # by Ultralytics
        "args.yaml",
        "results.png",
        "labels.jpg",
        "*_curve.png",
        "confusion_matrix.png",
        "confusion_matrix_normalized.png",
        "train_batch*.jpg",
        "val_batch*_labels.jpg",
        "val_batch*_pred.jpg",
        # by `make demo`
        "bonescan-app.onnx",
        "predict",
        SCAN_LISTS,
    ),
    WEIGHTS_FOLDER: ("best.pt", "last.pt", "best.part", "last.part", "epochs"),
    f"{WEIGHTS_FOLDER}/epochs": ("[0-9][0-9][0-9][0-9]*.pt",),
    "predict": ("*.json", "*.png"),
    SCAN_LISTS: (LISTS_YAML, *LISTS.values()),
}
"""Files that a run may leave in its folder and below it, by folder; `*` matches any text."""


def require_folder_for_run(out: Path, weights: str) -> None:
    """Check that a run into `out` moves or replaces only earlier runs; changes nothing.

    Args:
        out: the run's folder; may be missing or empty.
        weights: the weights that the run starts from, as configured.

    Raises:
        OutputError: `out`, or the folder where an earlier run is kept, contains something else, or is the working
            folder or above it, or the run would move away the weights it starts from.
    """
    try:
        _require_own_folder(out)
        _require_run(out)
        if not _is_to_be_kept(out):
            return
        previous = previous_folder(out)
        _require_run(previous)
        start = Path(weights)
        if start.is_file() and any(start.resolve().is_relative_to(folder.resolve()) for folder in (out, previous)):
            raise OutputError(f"{weights}: is in an earlier run that this one would replace; choose another --out")
    except OSError as error:  # a name too long for the file system, or a folder without permission
        raise files.unwritable(out, error) from error


def keep_as_previous(out: Path) -> None:
    """Move an earlier run in `out` to `NAME.previous`, replacing the run kept there before.

    Raises:
        OutputError: it cannot be moved; both runs then stay where they were.
    """
    if not _is_to_be_kept(out):
        return
    try:
        previous = previous_folder(out)
        with temporary_folder(previous):  # removes what a killed run left
            put_in_place(out, previous)
    except OSError as error:
        raise files.unwritable(previous_folder(out), error) from error


def previous_folder(out: Path) -> Path:
    """Return the folder where the run before the one in `out` is kept."""
    named = out if out.name not in ("", "..") else Path(os.path.realpath(out))
    return named.with_name(f"{named.name}{PREVIOUS_SUFFIX}")


def _is_to_be_kept(out: Path) -> bool:
    """Return whether the folder contains a run that has written weights; one that ended before has only the folder."""
    return any((out / WEIGHTS_FOLDER).glob("*.pt"))


def _require_own_folder(out: Path) -> None:
    """Refuse a folder that must not be moved: the working folder or one above it."""
    place = Path(os.path.realpath(out))  # unlike Path.resolve, accepts a link to itself
    if not place.name or Path.cwd().is_relative_to(place):
        raise OutputError(
            f"{out}: is the working folder, a folder above it or a whole disk, and a run needs a folder of its own; "
            f"choose another --out, such as {Path('runs') / 'train'}"
        )


def _require_run(folder: Path) -> None:
    """Refuse a folder that contains anything except a run, finished or not; it may be missing or empty."""
    files.require_replaceable(folder, CONFIG_FILE, (*OWN_ENTRIES["."], *ANYWHERE), WHAT)
    for below, own in OWN_ENTRIES.items():
        if (folder / below).is_dir():
            files.require_only(folder / below, (*own, *ANYWHERE), WHAT)
