"""Scans in gzip files and zip archives, read in place: nothing is unpacked on disk.

A member of an archive has the path `archive.zip/folder/member`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.sniff import HEAD_BYTES, Kind, is_zip, kind_inside, kind_of

if TYPE_CHECKING:
    import zipfile

MAX_MEMBERS: Final = 1000
"""The list of members is read again for each scan; a whole data set is faster unpacked."""

PIECE_BYTES: Final = 1 << 16
"""Bytes that are asked of a member at once."""

LZMA_PIECE_BYTES: Final = 4096
"""The same of LZMA: `zipfile` unpacks as many packed bytes without a limit, to 30 MB."""

STORED, BZIP2, LZMA = 0, 12, 14
"""Ways of packing (APPNOTE.TXT, 4.4.5)."""

_LEFT_BY_MACS: Final = "__MACOSX"


def unpack_gzip(content: bytes, name: str, most_bytes: int) -> bytes:
    """Return the content of a gzip file (RFC 1952), of which only the first member is read.

    Args:
        content: of the file.
        name: the file's, in errors.
        most_bytes: it stops there, whatever size the file claims.

    Raises:
        ScanError: it is damaged, or unpacks to more.
    """
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        data = unpacker.decompress(content, most_bytes + 1)
    except zlib.error as error:
        raise ScanError(f"{name}: is damaged (its gzip data cannot be unpacked); copy it again") from error
    if len(data) > most_bytes:
        raise ScanError(f"{name}: unpacks to more than {most_bytes >> 20} MiB, too large for a scan")
    if not unpacker.eof:
        raise ScanError(f"{name}: is damaged (its gzip data ends early); copy it again from its source")
    if not data:
        raise ScanError(f"{name}: unpacks to an empty file; copy it again from its source")
    return data


def archive_of(path: Path) -> Path | None:
    """Return the zip archive that a path leads into, or None."""
    parents = (parent for parent in path.parents if parent.is_file())
    archive = next(parents, None)
    return archive if archive is not None and is_zip(archive) else None


def list_members(archive: Path) -> list[tuple[Path, Kind | None]]:
    """Return the paths of an archive's members, in its order, each with its kind by its first bytes.

    Folders, hidden files, what a Mac adds, and members whose name points out of the archive are left out.

    Raises:
        ScanError: it is damaged, or has too many members.
    """
    with _opened(archive) as opened:
        infos = [info for info in opened.infolist() if _is_plain(info.filename)]
        if len(infos) > MAX_MEMBERS:
            raise ScanError(f"{archive}: has {len(infos)} members; unpack it and give its folder")
        return [(archive / _inside(info.filename), _kind_of_member(opened, info)) for info in infos]


def read_member(archive: Path, path: Path, most_bytes: int) -> bytes:
    """Return the bytes of a member; `path` is the archive's followed by the member's.

    Raises:
        ScanError: the archive has no such member, or it is encrypted, damaged, or unpacks to more than `most_bytes`.
    """
    wanted = PurePosixPath(path.relative_to(archive).as_posix())
    with _opened(archive) as opened:
        for info in opened.infolist():
            if _is_plain(info.filename) and _inside(info.filename) == wanted:
                return _unpack(opened, info, path, most_bytes)
    raise ScanError(f"{path}: does not exist in the archive; check the path")


def _unpack(opened: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, most_bytes: int) -> bytes:
    if info.flag_bits & 1:
        raise ScanError(f"{path}: is encrypted; unpack the archive with its password and give the folder")
    if info.file_size > most_bytes:
        raise ScanError(f"{path}: unpacks to more than {most_bytes >> 20} MiB, too large for a scan")
    try:
        return unpack_member(opened, info)
    except Exception as error:  # each way of packing has errors of its own
        raise ScanError(f"{path}: is damaged in the archive; copy it again from its source") from error


def unpack_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo, most_bytes: int | None = None) -> bytes:
    """Return the first bytes of a member of an archive, never more than its declared size.

    Args:
        opened: the archive.
        info: of the member; the caller checks its declared size.
        most_bytes: how many; None for all.

    Raises:
        Exception: it is encrypted or damaged; each way of packing has errors of its own.
    """
    wanted = info.file_size if most_bytes is None else min(most_bytes, info.file_size)
    if info.compress_type == BZIP2:
        return _unpack_bzip2(opened, info, wanted)
    piece_bytes = LZMA_PIECE_BYTES if info.compress_type == LZMA else PIECE_BYTES
    data = bytearray()
    with opened.open(info) as member:
        while len(data) < wanted and (piece := member.read(min(piece_bytes, wanted - len(data)))):
            data += piece
        if wanted == info.file_size:
            member.read(1)  # its checksum is compared at the end
    return bytes(data)


def _unpack_bzip2(opened: zipfile.ZipFile, info: zipfile.ZipInfo, wanted: int) -> bytes:
    """See `unpack_member`. `zipfile` unpacks all that it has read at once, and 40 bytes of bzip2 can be 46 MB."""
    import bz2
    import copy

    packed = copy.copy(info)
    packed.compress_type, packed.file_size = STORED, info.compress_size
    del packed.CRC  # is that of the unpacked bytes
    unpacker, data = bz2.BZ2Decompressor(), bytearray()
    with opened.open(packed) as member:
        while len(data) < wanted and not unpacker.eof:
            piece = member.read(PIECE_BYTES) if unpacker.needs_input else b""
            if unpacker.needs_input and not piece:
                raise EOFError(f"{info.filename} ends early")
            data += unpacker.decompress(piece, wanted - len(data))
    if wanted == info.file_size and (len(data) != wanted or zlib.crc32(data) != info.CRC):
        raise ValueError(f"{info.filename} has another checksum")
    return bytes(data)


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; raises ScanError if it cannot be."""
    import zipfile  # takes 10 ms to import, and most scans are files of their own

    try:
        opened = zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ScanError(f"{archive}: is not a whole zip file; copy it again from its source") from error
    with opened:
        yield opened


def _kind_of_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Kind | None:
    """Return the kind of a member by its first bytes; None also where they cannot be read."""
    try:
        head = unpack_member(opened, info, HEAD_BYTES)
    except Exception:  # encrypted or damaged: the name must do
        return None
    return kind_inside(head) if kind_of(head) == "gzip" else kind_of(head)


def _inside(name: str) -> PurePosixPath:
    """Return the path of a member inside its archive; some programs write backslashes."""
    return PurePosixPath(name.replace("\\", "/"))


def _is_plain(name: str) -> bool:
    """Return whether a member is a file whose path stays inside, and neither a Mac's extra nor a hidden file."""
    path = _inside(name)
    if not name or name.endswith("/") or path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        return False
    return not any(part.startswith(".") or part == _LEFT_BY_MACS for part in path.parts)
