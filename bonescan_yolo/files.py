"""Files on disk. A file is written whole or not at all, by a rename; unreadable folders are reported."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import os
import re
import stat
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from bonescan_yolo.errors import BonescanError, OutputError, one_line

Row = Sequence[object]
"""The cells of one row of a CSV table; None is an empty cell."""

HASH_BLOCK_BYTES = 1 << 20

MOST_READ_BYTES: Final = 64 << 20
"""Of a text file, such as labels or the table of a data set: 100,000 scans have a table of 20 MB."""

MAX_NAME_BYTES = 255
"""Longest file name on Linux, in bytes of UTF-8. Such a name also fits the 255 UTF-16 units of Windows and macOS."""

NAME_HASH_DIGITS = 12
"""Hexadecimal digits that distinguish shortened names: 48 bits."""

TEMPORARY_BYTES = 15
"""Added to a name to make it a temporary one: two dots, eight random characters and `.part`."""


def real_path(path: Path) -> Path:
    """Return a path without links. Before Python 3.13 `Path.resolve` raises RuntimeError for a link to itself."""
    return Path(os.path.realpath(path))


def natural_key(text: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Return a sorting key that puts `2.jpg` before `10.jpg`, and ignores case unless all else is equal."""
    parts = re.split(r"([0-9]{1,18})", text.lower())
    return tuple((0, int(part), part) if part[0] in "0123456789" else (1, 0, part) for part in parts if part), text


def shorten_name(name: str, most_bytes: int) -> str:
    """Return a file name that has at most `most_bytes` bytes of UTF-8.

    A longer name keeps its beginning, followed by the first digits of its SHA-256. The same name always gives the same
    short name; two different names practically never do.
    """
    encoded = os.fsencode(name)
    if len(encoded) <= most_bytes:
        return name
    ending = f"-{hashlib.sha256(encoded).hexdigest()[:NAME_HASH_DIGITS]}"
    return encoded[: most_bytes - len(ending)].decode("utf-8", "ignore") + ending


SYSTEM_FOLDERS: Final = frozenset(
    {
        "lost+found",
        "system volume information",
        "$recycle.bin",
        ".documentrevisions-v100",
        ".fseventsd",
        ".spotlight-v100",
        ".temporaryitems",
        ".trashes",
    }
)
"""System folders that Linux, Windows and macOS keep at the top of a disk, in lower case."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def read_regular(path: Path, most_bytes: int = MOST_READ_BYTES) -> bytes:
    """Return the bytes of a regular file: reading a pipe may wait for ever, and a device may never end.

    Raises:
        OSError: it cannot be read, is no regular file, or has more than `most_bytes`.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    if status.st_size > most_bytes:
        raise OSError(errno.EFBIG, f"More than {most_bytes >> 20} MiB", str(path))
    return path.read_bytes()


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, making its folder; an existing file is replaced whole or not at all.

    Raises:
        OutputError: the folder cannot be written to or the disk is full.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=temporary_prefix(path), suffix=".part")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o666 & ~umask())  # mkstemp makes files that only their owner can read
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if temporary is not None:  # also when the user interrupts
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def csv_text(columns: Row, rows: Iterable[Row]) -> str:
    """Return a table as CSV text, one line per row below the names of the columns; None is an empty cell.

    Control characters in a text are written as escapes, so that a row stays one line.

    Examples:
        >>> from bonescan_yolo.files import csv_text
        >>> print(csv_text(["file", "view"], [["7.png", "anterior"], ["8.png", None]]), end="")
        file,view
        7.png,anterior
        8.png,
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([one_line(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()


def require_writable(folder: Path) -> None:
    """Check that files can be written to a folder that may not exist yet, before time is spent on them.

    Raises:
        OutputError: it or a folder above it is a file, or its permissions forbid it.
    """
    try:
        for place in (folder, *folder.absolute().parents):
            if place.is_dir():
                if os.access(place, os.W_OK | os.X_OK):
                    return
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            if place.exists() or place.is_symlink():
                raise NotADirectoryError(errno.ENOTDIR, f"{os.strerror(errno.ENOTDIR)}: {place.name}")
    except OSError as error:
        raise unwritable(folder, error) from error


def require_replaceable(folder: Path, marker: str, own: Collection[str], what: str) -> None:
    """Check that replacing a folder destroys only an earlier result of the same kind.

    Args:
        folder: to be replaced; may be missing or empty.
        marker: the file that every such result contains.
        own: names of all files and folders that such a result may contain, including `marker`; `*` matches any text.
        what: the kind of result, in words: "conversion".

    Raises:
        OutputError: the path is a file, or the folder contains something else.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"{folder}: is a file; choose another --out")
    entries = _entries(folder)
    if entries and marker not in entries:
        raise OutputError(
            f"{folder}: is not empty and is not an earlier {what}; choose another --out or move its contents away"
        )
    require_only(folder, own, what)


def require_only(folder: Path, own: Collection[str], what: str) -> None:
    """Check that a folder contains only parts of an earlier result; arguments of `require_replaceable`.

    Raises:
        OutputError: it contains something else, or cannot be read.
    """
    foreign = [name for name in _entries(folder) if not any(fnmatchcase(name, pattern) for pattern in own)]
    if foreign:
        raise OutputError(
            f"{folder}: holds {foreign[0]} beside an earlier {what}; move it away or choose another --out"
        )


def _entries(folder: Path) -> list[str]:
    """Return the names of a folder's entries, sorted."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise unwritable(folder, error) from error


def walk_folder(
    folder: Path, unreadable: Callable[[BonescanError], None], follow_links: bool = False
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Yield each folder, `folder` first, with the names of its subfolders and of its files, as `os.walk` does.

    Subfolders removed from their list are not entered. If a folder cannot be read, `unreadable` gets the error, and the
    walk continues unless it raises. Unreadable system folders are skipped.
    """

    def report(error: OSError) -> None:
        path = Path(str(error.filename))
        if path == folder or path.name.lower() not in SYSTEM_FOLDERS:
            reason = (error.strerror or str(error)).lower()
            unreadable(BonescanError(f"{path}: cannot be read ({reason}); change its permissions or move it away"))

    for name, subfolders, files in os.walk(folder, onerror=report, followlinks=follow_links):
        yield Path(name), subfolders, files


def refuse(error: BonescanError) -> None:
    """Raise the error; for a walk that must not miss anything."""
    raise error


def unwritable(path: Path, error: OSError) -> BonescanError:
    """Return the error for a file or folder that could not be written."""
    reason = (error.strerror or str(error)).lower()
    return OutputError(f"{path}: cannot be written ({reason}); choose another output folder or free disk space")


def names_file_outside(error: OSError, folder: Path) -> bool:
    """Return whether an error names a file that is not below `folder`: a source that cannot be read, say."""
    return error.filename is not None and not Path(error.filename).absolute().is_relative_to(folder.absolute())


def temporary_prefix(path: Path) -> str:
    """Return the prefix of a file's or folder's temporary name: hidden, and short enough for what is added."""
    return f".{shorten_name(path.name, MAX_NAME_BYTES - TEMPORARY_BYTES)}."


def umask() -> int:
    """Return the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
