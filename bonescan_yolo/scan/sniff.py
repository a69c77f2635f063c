"""What kind of file some bytes begin: the one answer for files whose name does not say it.

The page has the same rules, `web/src/scan/sniff.ts`.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Final, Literal

HEAD_BYTES: Final = 1024
"""What is read of a file to know its kind."""

Kind = Literal["picture", "drawing", "dicom", "index", "gzip", "zip"]
"""`index`: of a DICOM medium, which lists files and has no image. `drawing`: made of a scan by this program."""

DRAWN_KEYWORD: Final = "Description"
DRAWN_TEXT: Final = "drawn by bonescan, not a scan"
"""Keyword and text of the chunk tEXt (PNG, 11.3.3.2) by which pictures and masks of results are known."""

DICOM_MAGIC: Final = b"DICM"
DICOM_MAGIC_OFFSET: Final = 128
"""PS3.10, section 7.1: a preamble of 128 bytes, then the prefix; a few programs leave the preamble out."""

_MEDIA_DIRECTORY: Final = b"\x02\0\x02\0UI\x14\x001.2.840.10008.1.3.10"
"""The storage class (0002,0002) of a DICOMDIR: Media Storage Directory (PS3.4, annex F)."""

_FIRST_GROUPS: Final = (0x0002, 0x0008)
"""A data set begins with its lowest group (PS3.5, 7.1): file meta information, or what identifies the image."""

_LONGEST_FIRST_ELEMENT: Final = 1024
_EXPLICIT: Final = frozenset(b"AE AS CS DA DT IS LO LT OB PN SH SQ ST TM UI UL UN US UT".split())

_GZIP_MAGIC: Final = b"\x1f\x8b\x08"
_ZIP_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_PICTURE_MAGICS: Final = (_PNG_MAGIC, b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_DRAWN_CHUNK: Final = f"tEXt{DRAWN_KEYWORD}\0{DRAWN_TEXT}".encode("latin-1")
_BMP_HEADER_SIZES: Final = (12, 40, 52, 56, 64, 108, 124)


def kind_of(head: bytes) -> Kind | None:
    """Return what a file is by its first bytes, HEAD_BYTES of them if it has as many; None if it is nothing known.

    Examples:
        >>> from bonescan_yolo.scan.sniff import kind_of
        >>> kind_of(bytes(128) + b"DICM"), kind_of(b"MM" + bytes([0, 42])), kind_of(b"a text")
        ('dicom', 'picture', None)
    """
    if DICOM_MAGIC in (head[DICOM_MAGIC_OFFSET : DICOM_MAGIC_OFFSET + len(DICOM_MAGIC)], head[: len(DICOM_MAGIC)]):
        return "index" if _MEDIA_DIRECTORY in head else "dicom"
    if head.startswith(_PNG_MAGIC) and _DRAWN_CHUNK in head:
        return "drawing"
    if head.startswith(_PICTURE_MAGICS) or _begins_bmp(head):
        return "picture"
    if head.startswith(_GZIP_MAGIC):
        return "gzip"
    if head.startswith(_ZIP_MAGICS):
        return "zip"
    return "dicom" if _begins_data_set(head) else None


def kind_inside(head: bytes) -> Kind | None:
    """Return what the first bytes of a gzip file unpack to the beginning of."""
    try:
        return kind_of(zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, HEAD_BYTES))
    except zlib.error:
        return None


def is_zip(path: Path) -> bool:
    """Return whether a regular file is a zip archive, by its first bytes."""
    try:
        with path.open("rb") as file:
            return kind_of(file.read(HEAD_BYTES)) == "zip"
    except OSError:
        return False


def _begins_bmp(head: bytes) -> bool:
    """Return whether bytes begin as BMP does; its two letters alone begin many texts."""
    size = int.from_bytes(head[14:18], "little")
    return head.startswith(b"BM") and head[6:10] == bytes(4) and size in _BMP_HEADER_SIZES


def _begins_data_set(head: bytes) -> bool:
    """Return whether bytes begin as a DICOM data set without preamble, in any of the three plain encodings."""
    if len(head) < 16:
        return False
    explicit = head[4:6] in _EXPLICIT
    little = int.from_bytes(head[:2], "little") in _FIRST_GROUPS
    if not little:
        return explicit and int.from_bytes(head[:2], "big") in _FIRST_GROUPS and head[2] == 0
    if explicit:
        return True
    length = int.from_bytes(head[4:8], "little")
    if length > _LONGEST_FIRST_ELEMENT or length % 2:
        return False
    following = head[8 + length : 12 + length]
    group, first = int.from_bytes(following[:2], "little"), int.from_bytes(head[:2], "little")
    return group >= first and group in (*_FIRST_GROUPS, 0x0010) if len(following) == 4 else 8 + length > len(head) - 4
