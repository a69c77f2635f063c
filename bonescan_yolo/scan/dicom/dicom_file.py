"""The bytes of a DICOM file as a data set (PS3.10, section 7): with or without preamble, header and named encoding."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Final

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.record import MAX_PIXELS

_PREAMBLE = bytes(128)
_PREFIX = b"DICM"
_META_START = len(_PREAMBLE) + len(_PREFIX)
_LENGTH_ELEMENT = 12
"""Bytes of the first element after the prefix, which gives the length of the rest of the header (PS3.10, 7.1)."""

_DEFLATED: Final = DeflatedExplicitVRLittleEndian.encode()
"""Name of the transfer syntax in which the whole data set is one compressed stream (PS3.5, A.5)."""

MAX_INFLATED_BYTES = 2 * MAX_PIXELS + (1 << 24)
"""Pixels of 16 bit and 16 MiB for everything else; deflate may expand to 1,032 times the size of a file."""


def parse_file(content: bytes, path: Path) -> Dataset:
    """Return the data set in the bytes of a file, its transfer syntax named in `file_meta`.

    A missing preamble, prefix or header is allowed: the encoding is then found from the first element.

    Raises:
        ScanError: a deflated data set that is damaged or too large.
    """
    if content.startswith(_PREFIX):  # the preamble is left out
        content = _PREAMBLE + content
    dataset = pydicom.dcmread(io.BytesIO(_inflated(content, path)), force=True)
    if not hasattr(dataset, "file_meta") or dataset.file_meta is None:
        dataset.file_meta = FileMetaDataset()
    if not _is_transfer_syntax(dataset.file_meta.get("TransferSyntaxUID")):
        dataset.file_meta.TransferSyntaxUID = _found_encoding(dataset)
    return dataset


def _is_transfer_syntax(named: UID | None) -> bool:
    """Return whether a header names an encoding; a private one counts, the decoder refuses it."""
    return isinstance(named, UID) and (named.is_private or named.is_transfer_syntax)


def _found_encoding(dataset: Dataset) -> UID:
    """Return the transfer syntax of uncompressed pixels that fits how the elements turned out to be written."""
    is_implicit, is_little_endian = dataset.original_encoding
    if is_implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRBigEndian if is_little_endian is False else ExplicitVRLittleEndian


def _inflated(content: bytes, path: Path) -> bytes:
    """Return the bytes of a file whose data set is not deflated; those of any other file as they are.

    pydicom would inflate without a limit. The name of the transfer syntax is replaced by that of the same encoding
    without compression, filled up with zeros to its length (PS3.5, 6.2).
    """
    head = content[_META_START : _META_START + _LENGTH_ELEMENT]
    if content[len(_PREAMBLE) : _META_START] != _PREFIX or not head.startswith(b"\x02\0\0\0UL"):
        return content
    start = _META_START + _LENGTH_ELEMENT + int.from_bytes(head[8:12], "little")
    meta = content[:start]
    if _DEFLATED not in meta:
        return content
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(content[start:], MAX_INFLATED_BYTES)
    except zlib.error as error:
        raise ScanError(
            f"{path}: is damaged DICOM (its deflated data cannot be inflated); export it again from its source"
        ) from error
    if len(data) == MAX_INFLATED_BYTES:
        raise ScanError(f"{path}: is too large for a deflated DICOM scan; export it uncompressed")
    plain = ExplicitVRLittleEndian.encode().ljust(len(_DEFLATED), b"\0")
    return meta.replace(_DEFLATED, plain) + data
