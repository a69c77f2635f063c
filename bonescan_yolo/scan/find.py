"""Find the files that a user names on the command line."""

from __future__ import annotations

import glob
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bonescan_yolo.errors import BonescanError, ScanError
from bonescan_yolo.files import natural_key, real_path, refuse, walk_folder
from bonescan_yolo.scan.pictures.raster import SUFFIXES
from bonescan_yolo.scan.read import DICOM_SUFFIXES, suffix_of
from bonescan_yolo.scan.sniff import HEAD_BYTES, Kind, is_zip, kind_inside, kind_of

DICOM_INDEX = "DICOMDIR"
"""PS3.10, section 8.6: lists the files of a medium, and begins with the same bytes as a DICOM file."""

DRAWN_SUFFIX = ".png"
"""Of the pictures and masks of results."""

_SUFFIXES = (*SUFFIXES, *DICOM_SUFFIXES)
_SCAN_KINDS = ("picture", "dicom")


def find_scan_files(
    source: str, leave_out: Path | None = None, unreadable: Callable[[BonescanError], None] = refuse
) -> list[Path]:
    """Return the files that `source` means: a file, a folder (with its subfolders), a zip archive, or a glob pattern.

    From a folder come the files with the suffix of an image or of DICOM, and those of any other name that begin as
    such files do: a PACS names them by UIDs, `.img` or without a suffix. Packed files (`.dcm.gz`) count as what is
    inside, archives (`.zip`) are searched as folders are, and their members have paths such as `scans.zip/1.png`.
    Hidden files and folders, the index of a DICOM medium (DICOMDIR) and the pictures and masks of results
    (`sniff.DRAWN_TEXT`) are left out.
    Broken links and links to themselves are returned, so that reading them reports the error.
    The order is natural: 2.png before 10.png.

    Args:
        source: as typed.
        leave_out: a folder below `source` whose files are left out: the folder of the results.
        unreadable: called with the error of a folder that cannot be read; if it returns, the others are read.

    Raises:
        ScanError: nothing is found, or a folder cannot be read and `unreadable` is the default.
    """
    if not source:
        raise ScanError("scan: its name is empty; give a file, a folder or a pattern")
    path = Path(source)
    try:
        if path.is_dir():
            return _in_folder(path, leave_out, unreadable)
        if path.exists() or path.is_symlink() or not glob.has_magic(source):
            return _in_archive(path) if _is_file(path) and is_zip(path) else [path]
    except OSError as error:  # a name too long for the file system
        reason = (error.strerror or "not a valid path").lower()
        raise ScanError(f"{source}: cannot be accessed ({reason}); check the path") from error
    matches = [Path(name) for name in glob.glob(source, recursive=True)]  # noqa: PTH207 absolute patterns
    usable = [path for path in matches if _is_file(path) is not False and not _is_drawing(path)]
    files = [file for path in usable for file in _opened(path, unreadable)]
    if not files:
        what = "only pictures that bonescan made of scans" if matches and not usable else "no file"
        raise ScanError(f"{source}: matches {what}; check the pattern")
    return natural_order(files)


def natural_order(paths: Sequence[Path]) -> list[Path]:
    """Return paths in natural order: numbers in them are compared as numbers."""
    return sorted(paths, key=lambda path: natural_key(str(path)))


def _in_folder(folder: Path, leave_out: Path | None, unreadable: Callable[[BonescanError], None]) -> list[Path]:
    """Return the scans in a folder and its subfolders; call `unreadable` for each folder that cannot be read."""
    errors: list[BonescanError] = []
    results = real_path(leave_out) if leave_out is not None else None
    files: list[Path] = []
    others = 0
    for path in _not_hidden(folder, errors.append):
        if results is None or results == real_path(folder) or results not in real_path(path).parents:
            scans = _opened(path, errors.append) if _may_be_scan(path) else []
            files += scans
            others += not scans
    for error in errors:
        unreadable(error)
    if not files and not errors:
        raise ScanError(_no_scans(folder, others))
    return natural_order(files)


def _no_scans(place: Path, others: int) -> str:
    """Return the message for a folder or archive in which nothing is a scan."""
    found = f" among its {others} file{'s' * (others > 1)}" if others else ""
    return f"{place}: holds no scans{found}; give a folder with PNG, JPEG, TIFF, BMP or DICOM files"


def _opened(path: Path, unreadable: Callable[[BonescanError], None]) -> list[Path]:
    """Return a file, or instead of a zip archive the scans in it, which may be none."""
    if path.suffix.lower() in _SUFFIXES or not is_zip(path):
        return [path]
    try:
        return _scans_among(_members(path))
    except BonescanError as error:
        unreadable(error)
        return []


def _in_archive(archive: Path) -> list[Path]:
    """Return the scans in a zip archive that the user named."""
    members = _members(archive)
    scans = _scans_among(members)
    if not scans:
        raise ScanError(_no_scans(archive, len(members)))
    return scans


def _members(archive: Path) -> list[tuple[Path, Kind | None]]:
    """Return the members of a zip archive with their kinds; imports what only archives need."""
    from bonescan_yolo.scan.packed import list_members

    return list_members(archive)


def _scans_among(members: Sequence[tuple[Path, Kind | None]]) -> list[Path]:
    """Return the members of an archive that may be scans, in natural order.

    Archives in it are among them, so that reading them says what to do.
    """
    wanted: dict[Kind | None, tuple[str, ...]] = {None: _SUFFIXES, "zip": (".zip",)}
    return natural_order(
        [path for path, kind in members if kind in _SCAN_KINDS or suffix_of(path) in wanted.get(kind, ())]
    )


def _not_hidden(folder: Path, unreadable: Callable[[BonescanError], None]) -> Iterator[Path]:
    """Yield the files below a folder, except hidden ones and those in hidden folders."""
    for place, subfolders, names in walk_folder(folder, unreadable):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        yield from (place / name for name in names if not name.startswith("."))


def _may_be_scan(path: Path) -> bool:
    """Return whether a file may contain a scan, by its suffix or, if that says nothing, by its first bytes."""
    is_file = _is_file(path)
    if is_file is False:
        return False
    if path.suffix.lower() in _SUFFIXES:
        return not _is_drawing(path)
    if is_file is None or path.stem.upper() == DICOM_INDEX:
        return False
    try:
        head = _head_of(path)
    except OSError:
        return False
    kind = kind_of(head)
    return (kind_inside(head) if kind == "gzip" else kind) in (*_SCAN_KINDS, "zip")


def _is_drawing(path: Path) -> bool:
    """Return whether a file is a picture of results; only PNG is opened, which they are."""
    if path.suffix.lower() != DRAWN_SUFFIX:
        return False
    try:
        return kind_of(_head_of(path)) == "drawing"
    except OSError:  # reading it as a scan reports the error
        return False


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _is_file(path: Path) -> bool | None:
    """Return whether a path is a regular file; None if that cannot be determined, as for a link to itself."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return None
