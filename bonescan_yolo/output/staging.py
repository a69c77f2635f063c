"""Folders that appear whole or not at all, by a rename."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bonescan_yolo.errors import OutputError
from bonescan_yolo.files import names_file_outside, umask, unwritable
from bonescan_yolo.output.holding import RETIRED, temporary_folder


@contextmanager
def staged_directory(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path` that takes its place when the block ends without an error.

    An existing folder at `path` is kept until then, and stays if the block fails. An OSError of the block that names
    a file elsewhere (a source that cannot be read) is raised unchanged.

    Raises:
        OutputError: the folder cannot be written to, `path` is a file, the disk is full, or another process is
            writing `path`.
    """
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path}: is a file; choose another output folder")
    with hidden_folder_beside(path) as staging:
        yield staging
        staging.chmod(0o777 & ~umask())
        put_in_place(staging, path)


@contextmanager
def hidden_folder_beside(path: Path) -> Iterator[Path]:
    """Yield a new hidden folder beside `path`, for what is moved into its place by a rename; it is removed in the end.

    Raises:
        OutputError: the folder cannot be written to, the disk is full, or another process is writing `path`.
        OSError: one of the block that names a file elsewhere, such as a source that cannot be read.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(path) as staging:
            yield staging
    except OSError as error:
        if names_file_outside(error, path.parent):
            raise
        raise unwritable(path, error) from error


def put_in_place(folder: Path, path: Path) -> None:
    """Move a folder to `path` in the same parent folder, and remove the old folder there; if that fails, both stay.

    Raises:
        OSError: one of them cannot be moved.
    """
    if not path.exists():
        folder.replace(path)
        return
    with temporary_folder(path, RETIRED) as retired:
        old = retired / path.name
        path.replace(old)
        try:
            folder.replace(path)
        except BaseException:  # also when the user interrupts
            old.replace(path)
            raise
        shutil.rmtree(old, ignore_errors=True)
