"""The folder of a new run: it may contain an earlier run, which is kept as NAME.previous, but no other files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bonescan_yolo import files
from bonescan_yolo.errors import OutputError
from bonescan_yolo.output.holding import temporary_folder
from bonescan_yolo.output.staging import put_in_place

PREVIOUS_SUFFIX: Final = ".previous"

ANYWHERE: Final = (".*.part", ".DS_Store", "Thumbs.db", "desktop.ini")
"""Files of a killed process that were not finished, and those of file managers."""


@dataclass(frozen=True)
class RunKind:
    """What runs of a kind leave in their folders.

    Attributes:
        what: the kind in words: "training run".
        example: name of a folder for one, for messages.
        marker: the file that every run of the kind has from its beginning.
        worth: a run that has this file, `*` matches any text, is kept when a new one takes its place; one that ended
            before has nothing to keep.
        own: files that a run may leave in its folder and below it, by folder; `*` matches any text.
    """

    what: str
    example: str
    marker: str
    worth: str
    own: Mapping[str, Sequence[str]]


def require_folder_for_run(out: Path, start: Path, kind: RunKind) -> None:
    """Check that a run into `out` moves or replaces only earlier runs; changes nothing.

    Args:
        out: the run's folder; may be missing or empty.
        start: the weights that the run starts from; may be missing.
        kind: of the run.

    Raises:
        OutputError: `out`, or the folder where an earlier run is kept, contains something else, or is the working
            folder or above it, or the run would move away the weights it starts from.
    """
    try:
        _require_own_folder(out, kind)
        _require_run(out, kind)
        if not _is_to_be_kept(out, kind):
            return
        previous = previous_folder(out)
        _require_run(previous, kind)
        if start.is_file() and any(start.resolve().is_relative_to(folder.resolve()) for folder in (out, previous)):
            raise OutputError(f"{start}: is in an earlier run that this one would replace; choose another --out")
    except OSError as error:  # a name too long for the file system, or a folder without permission
        raise files.unwritable(out, error) from error


def keep_as_previous(out: Path, kind: RunKind) -> None:
    """Move an earlier run in `out` to `NAME.previous`, replacing the run kept there before.

    Raises:
        OutputError: it cannot be moved; both runs then stay where they were.
    """
    if not _is_to_be_kept(out, kind):
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


def _is_to_be_kept(out: Path, kind: RunKind) -> bool:
    """Return whether the folder contains a run that is worth keeping."""
    return any(out.glob(kind.worth))


def _require_own_folder(out: Path, kind: RunKind) -> None:
    """Refuse a folder that must not be moved: the working folder or one above it."""
    place = Path(os.path.realpath(out))  # unlike Path.resolve, accepts a link to itself
    if not place.name or Path.cwd().is_relative_to(place):
        raise OutputError(
            f"{out}: is the working folder, a folder above it or a whole disk, and a run needs a folder of its own; "
            f"choose another --out, such as {Path('runs') / kind.example}"
        )


def _require_run(folder: Path, kind: RunKind) -> None:
    """Refuse a folder that contains anything except a run, finished or not; it may be missing or empty."""
    files.require_replaceable(folder, kind.marker, (*kind.own["."], *ANYWHERE), kind.what)
    for below, own in kind.own.items():
        if (folder / below).is_dir():
            files.require_only(folder / below, (*own, *ANYWHERE), kind.what)
