"""One interface to a folder or a zip archive, which is read in place and never unpacked."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from bonescan_yolo.convert.survey import Kind, Problem
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import natural_key, real_path, refuse, walk_folder
from bonescan_yolo.scan.packed import unpack_member

MAX_MEMBER_BYTES: Final = 64 << 20
"""Largest file that is read. A scan has 20 to 100 kB; a member that claims to unpack to more is a zip bomb."""

JUNK_NAMES: Final = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})
"""Files that macOS and Windows leave in folders and archives."""

UNFINISHED_SUFFIXES: Final = (".part", ".old")
"""Folders that a conversion leaves beside its output if it is killed half-way."""


class UnreadableError(Exception):
    """One file of a source cannot be read; the message says why."""


class Source(Protocol):
    """Files by their path inside the source: relative, with forward slashes, in natural order."""

    name: str
    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    junk: int

    def read(self, file: str) -> bytes:
        """Return the content of a file; safe to call from several threads. Raises UnreadableError."""
        ...

    def path(self, file: str) -> Path | None:
        """Return where the file is on disk, or None inside an archive."""
        ...


@contextmanager
def open_source(location: Path, leave_out: Path | None = None) -> Iterator[Source]:
    """Open a folder or a zip file.

    Args:
        location: The folder or archive.
        leave_out: A folder whose content is not part of the source: the converter's own output.

    Raises:
        DatasetError: the location is missing, or is neither a folder nor a whole zip file, or is empty, or a folder
            in it cannot be read.
    """
    if location.is_dir():
        source: Source = FolderSource(location, leave_out)
        _require_files(source, location)
        yield source
        return
    if not location.exists():
        raise DatasetError(f"{location}: does not exist; give the downloaded zip file or its folder")
    with _open_zip(location) as archive:
        source = ZipSource(location.name, archive)
        _require_files(source, location)
        yield source


class FolderSource:
    """The files below a folder. Links to folders are followed, each folder once.

    Raises:
        DatasetError: a folder cannot be read: its files would be missing without a report.
    """

    def __init__(self, root: Path, leave_out: Path | None = None) -> None:
        """List the files below `root`, except those in the folder `leave_out`."""
        self.name = real_path(root).name
        self.problems: tuple[Problem, ...] = ()
        self._root = root
        self._leave_out = real_path(leave_out) if leave_out else None
        found = list(self._walk())
        self.files = tuple(sorted((file for file in found if not _is_junk(file)), key=natural_key))
        self.junk = len(found) - len(self.files)

    def read(self, file: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            UnreadableError: it is not a regular file, is too large, or cannot be read.
        """
        return _read_file(self._root / file)

    def path(self, file: str) -> Path | None:
        """Return where the file is, without links."""
        return real_path(self._root / file)

    def _walk(self) -> Iterator[str]:
        seen: set[str] = set()
        for folder, subfolders, names in walk_folder(self._root, refuse, follow_links=True):
            real = os.path.realpath(folder)
            if real in seen or (self._leave_out and Path(real) == self._leave_out):
                subfolders.clear()
                continue
            seen.add(real)
            subfolders[:] = sorted(name for name in subfolders if not name.endswith(UNFINISHED_SUFFIXES))
            inside = folder.relative_to(self._root)
            prefix = "" if inside == Path() else f"{inside.as_posix()}/"
            for name in names:
                yield f"{prefix}{name}"


class FileSource:
    """A single file: the annotations of a set whose images are somewhere else."""

    def __init__(self, file: Path) -> None:
        """Take the file; it is opened when it is read."""
        self.name = file.name
        self.files: tuple[str, ...] = (file.name,)
        self.problems: tuple[Problem, ...] = ()
        self.junk = 0
        self._file = file

    def read(self, file: str) -> bytes:  # noqa: ARG002 - the same interface as a folder
        """Return the bytes of the file. Raises UnreadableError as a folder does."""
        return _read_file(self._file)

    def path(self, file: str) -> Path | None:  # noqa: ARG002 - the same interface as a folder
        """Return where the file is, without links."""
        return real_path(self._file)


class ZipSource:
    """The members of a zip file. Members that point outside it are reported and never touched."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        """List the members of an open archive, which is called `name` in messages."""
        self.name = name
        self._archive = archive
        self._members: dict[str, zipfile.ZipInfo] = {}
        problems: list[Problem] = []
        self.junk = 0
        for info in archive.infolist():
            if info.filename.endswith("/"):  # `is_dir` fails on an empty name before Python 3.12
                continue
            file = info.filename.replace("\\", "/")
            danger = _danger(file, info)
            if danger:
                problems.append(Problem(file, Kind.UNSAFE_MEMBER, f"{danger}; not touched"))
            elif _is_junk(file):
                self.junk += 1
            elif file in self._members:
                problems.append(Problem(file, Kind.DUPLICATE_FILE, "is in the archive twice; the first is taken"))
            else:
                self._members[file] = info
        self.files = tuple(sorted(self._members, key=natural_key))
        self.problems = tuple(problems)

    def read(self, file: str) -> bytes:
        """Return the bytes of a member.

        Raises:
            UnreadableError: it is too large, encrypted or damaged.
        """
        info = self._members[file]
        if info.file_size > MAX_MEMBER_BYTES:
            raise UnreadableError(f"would unpack to {info.file_size >> 20} MiB; refused")
        try:
            return unpack_member(self._archive, info)
        except RuntimeError as error:  # a password, or a rare compression (NotImplementedError)
            raise UnreadableError("is encrypted or packed in an unknown way") from error
        except Exception as error:  # each way of packing has errors of its own, such as lzma.LZMAError
            raise UnreadableError("is damaged in the archive") from error

    def path(self, file: str) -> Path | None:  # noqa: ARG002 - the same interface as a folder
        """Return None: a member has no path."""
        return None


@contextmanager
def _open_zip(location: Path) -> Iterator[zipfile.ZipFile]:
    try:
        if not location.is_file():  # a pipe would wait for ever
            raise DatasetError(f"{location}: is not a regular file; give a folder, a zip file or an annotation file")
        with location.open("rb") as file:
            begins_like_zip = file.read(2) == b"PK"
        archive = zipfile.ZipFile(location)
    except OSError as error:
        raise DatasetError(f"{location}: cannot be read ({error.strerror}); check the path") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        if begins_like_zip:
            raise DatasetError(f"{location}: is a damaged or cut-off zip file; download it again") from error
        raise DatasetError(f"{location}: is neither a folder nor a zip file; unpack it first") from error
    with archive:
        yield archive


def _read_file(path: Path) -> bytes:
    """Return the bytes of a file on disk; raises UnreadableError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would wait for ever, a device never end
            raise UnreadableError("is not a regular file")
        if status.st_size > MAX_MEMBER_BYTES:
            raise UnreadableError(f"is larger than {MAX_MEMBER_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read ({(error.strerror or str(error)).lower()})") from error


def _require_files(source: Source, location: Path) -> None:
    if not source.files:
        raise DatasetError(f"{location}: holds no files; give the downloaded zip file or its folder")
    if len(source.files) == 1 and source.files[0].lower().endswith(".zip"):
        raise DatasetError(f"{location}: holds only {source.files[0]}; give that zip file itself")


def _danger(file: str, info: zipfile.ZipInfo) -> str | None:
    """Return why a member could reach outside the archive, or None."""
    if not file:
        return "has no name"
    if file.startswith("/") or re.match(r"[A-Za-z]:", file):
        return "has an absolute path"
    if ".." in file.split("/"):
        return "points outside the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link"
    return None


def _is_junk(file: str) -> bool:
    parts = file.lower().split("/")
    return parts[-1].startswith("._") or not JUNK_NAMES.isdisjoint(parts)
