"""One process per output: the second is refused, and what a killed one left behind is removed.

A process holds a folder by a lock of the system (flock), which ends with the process, however it ends. Nothing is
written for it. Where there is no such lock (Windows, some network disks), outputs are not held and nothing is removed.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bonescan_yolo.errors import OutputError
from bonescan_yolo.files import temporary_prefix, unwritable

if sys.platform != "win32":
    import fcntl

UNFINISHED: Final = ".part"
"""Suffix of what is being written."""

RETIRED: Final = ".old"
"""Suffix of a folder that holds what a new folder replaces, for the moment of the exchange."""

_RANDOM: Final = "[a-z0-9_]{8}"
"""What `tempfile` puts before the suffix."""

_LEFTOVER_FILE: Final = re.compile(rf"\..*\.{_RANDOM}{re.escape(UNFINISHED)}", re.DOTALL)


class HeldError(Exception):
    """Another process holds it."""


def take(path: Path) -> int | None:
    """Lock a folder; returns the descriptor that holds it until it is closed, or None where there are no locks.

    Raises:
        HeldError: another process holds it.
        OSError: it cannot be opened.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise HeldError from error
        return None
    return descriptor


def release(descriptor: int | None) -> None:
    """End a lock."""
    if descriptor is not None:
        os.close(descriptor)


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold a folder into which files are written one by one. A folder made for it is removed if it stays empty.

    Hidden files that a killed process did not finish there (`.NAME.xxxxxxxx.part`) are removed first.

    Raises:
        OutputError: another process writes there, or the folder cannot be made.
    """
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = take(folder)
    except HeldError as error:
        raise _in_use(folder) from error
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        if descriptor is not None:
            _remove_unfinished_files(folder)
        yield
    finally:
        release(descriptor)
        if is_new:
            with suppress(OSError):  # not empty
                folder.rmdir()


@contextmanager
def temporary_folder(path: Path, suffix: str = UNFINISHED) -> Iterator[Path]:
    """Yield a new hidden folder beside `path`, held by this process, and remove it in the end.

    Folders that a killed process left there for the same `path` are removed first; if it was killed between the two
    steps of an exchange, what was at `path` before is put back.

    Raises:
        OutputError: another process is writing `path`.
        OSError: the folder cannot be made.
    """
    made = Path(tempfile.mkdtemp(dir=path.parent, prefix=temporary_prefix(path), suffix=suffix))
    descriptor = None
    try:
        try:
            descriptor = take(made)
            if suffix == UNFINISHED and descriptor is not None:
                _sweep_beside(path, made)
        except (HeldError, FileNotFoundError) as error:  # the other one swept this folder before it was held
            raise _in_use(path) from error
        yield made
    finally:
        if suffix == UNFINISHED:
            shutil.rmtree(made, ignore_errors=True)
        else:
            with suppress(OSError):  # not empty: what is in it could not be put back, and must not be lost
                made.rmdir()
        release(descriptor)


def _sweep_beside(path: Path, own: Path) -> None:
    """Remove what killed processes left of writing `path`. Raises HeldError if one of them still runs."""
    pattern = re.compile(rf"{re.escape(temporary_prefix(path))}{_RANDOM}({UNFINISHED}|{RETIRED})")
    for place in sorted(path.parent.iterdir()):
        if place == own or not pattern.fullmatch(place.name) or not place.is_dir() or place.is_symlink():
            continue
        try:
            descriptor = take(place)
        except FileNotFoundError:  # it ended in the meantime
            continue
        before = place / path.name
        if place.suffix == RETIRED and before.exists() and not path.exists():
            before.replace(path)
        shutil.rmtree(place, ignore_errors=True)
        release(descriptor)


def _remove_unfinished_files(folder: Path) -> None:
    """Remove files of a killed process; nobody else writes here as long as the folder is held."""
    with suppress(OSError):
        for place in folder.iterdir():
            if _LEFTOVER_FILE.fullmatch(place.name) and place.is_file() and not place.is_symlink():
                place.unlink()


def _in_use(path: Path) -> OutputError:
    return OutputError(f"{path}: another process is writing there; wait for it, or choose another --out")
