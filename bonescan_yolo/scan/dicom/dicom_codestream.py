"""What the head of a compressed frame says: its size, whether it lost anything, and one known fault repaired.

JPEG (ITU-T T.81), JPEG-LS (T.87) and JPEG 2000 (T.800) begin with marker segments: two bytes of marker, two of length.
Reading them takes microseconds and shows, before anything is decoded, how large the picture is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pydicom.uid import (
    JPEG2000,
    UID,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

_SOI, _SOC = b"\xff\xd8", b"\xff\x4f"
"""Beginnings of JPEG and JPEG-LS, and of JPEG 2000."""

_BASELINE, _EXTENDED, _LOSSLESS, _LS = 0xC0, 0xC1, 0xC3, 0xF7
_PROGRESSIVE = 0xC2
_STARTS_OF_FRAME = (_BASELINE, _EXTENDED, _PROGRESSIVE, _LOSSLESS, _LS)
_START_OF_SCAN = 0xDA
_SIZE, _HT_CAPABILITIES, _CODING_STYLE, _START_OF_TILE = 0x51, 0x50, 0x52, 0x90
"""Markers of JPEG 2000: SIZ, CAP, COD and SOT (T.800, table A.2)."""

_WAVELET_OFFSET = 9
"""Of the wavelet in the data of COD: style 1, progression 1, layers 2, components 1, levels 1, blocks 3 bytes."""

_REVERSIBLE = 1


class Codestream(NamedTuple):
    """What the head of a compressed frame says.

    Attributes:
        width: columns.
        height: rows; 0 in the rare JPEG that states them after the pixels.
        syntax: the DICOM transfer syntax of such a stream.
        lossy: whether its coding always loses something.
    """

    width: int
    height: int
    syntax: UID
    lossy: bool


def read_head(frame: bytes) -> Codestream | None:
    """Return what the head of a frame says; None if it is not JPEG, JPEG-LS or JPEG 2000, or ends within its head."""
    if frame.startswith(_SOC):
        return _read_jpeg2000(frame)
    return _read_jpeg(frame) if frame.startswith(_SOI) else None


def _segments(frame: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield the marker, the place and the data of each segment up to the first scan or tile."""
    place = 2
    while place + 4 <= len(frame) and frame[place] == 0xFF:
        marker = frame[place + 1]
        if marker == 0xFF:  # a fill byte (T.81, B.1.1.2)
            place += 1
            continue
        length = int.from_bytes(frame[place + 2 : place + 4], "big")
        yield marker, place, frame[place + 4 : place + 2 + length]
        if marker in (_START_OF_SCAN, _START_OF_TILE) or length < 2:
            return
        place += 2 + length


def _read_jpeg(frame: bytes) -> Codestream | None:
    """Read the frame header and, for JPEG-LS, the error allowed in the scan header (T.81, B.2.2; T.87, C.2.3)."""
    found = {marker: data for marker, _, data in _segments(frame)}
    kind = next((marker for marker in _STARTS_OF_FRAME if len(found.get(marker, b"")) >= 5), None)
    if kind is None:
        return None
    height, width = (int.from_bytes(found[kind][start : start + 2], "big") for start in (1, 3))
    if kind == _LS:
        scan = found.get(_START_OF_SCAN, b"")
        is_lossy = len(scan) >= 3 and scan[-3] > 0
        return Codestream(width, height, JPEGLSNearLossless if is_lossy else JPEGLSLossless, is_lossy)
    syntax = {_BASELINE: JPEGBaseline8Bit, _LOSSLESS: JPEGLossless}.get(kind, JPEGExtended12Bit)
    return Codestream(width, height, syntax, kind != _LOSSLESS)


def _read_jpeg2000(frame: bytes) -> Codestream | None:
    """Read size and wavelet (T.800, A.5.1 and A.6.1): the irreversible wavelet loses, the other may be cut short."""
    found = {marker: data for marker, _, data in _segments(frame)}
    size, style = found.get(_SIZE, b""), found.get(_CODING_STYLE, b"")
    if len(size) < 18 or len(style) <= _WAVELET_OFFSET:
        return None
    right, bottom, left, top = (int.from_bytes(size[start : start + 4], "big") for start in (2, 6, 10, 14))
    is_lossy = style[_WAVELET_OFFSET] != _REVERSIBLE
    plain = JPEG2000 if is_lossy else JPEG2000Lossless
    syntax = HTJ2KLossless if _HT_CAPABILITIES in found else plain
    return Codestream(right - left, bottom - top, syntax, is_lossy)


def with_repaired_scan_header(frame: bytes) -> bytes | None:
    """Return a frame with the parameters of its first scan as they have to be, or None if they are or are not known.

    A sequential scan codes all coefficients at once: its header ends in 0, 63 and 0 (T.81, B.2.3 and table B.3). An
    encoder of 2004 wrote 0, 0 and 0, as in NEMA's sample NM1_JPLY. Decoders that ignore the three bytes read its files;
    others refuse them. In a sequential frame no other value has a meaning, so nothing is lost by setting them.
    """
    is_sequential = False
    for marker, place, data in _segments(frame):
        is_sequential = is_sequential or marker in (_BASELINE, _EXTENDED)
        if marker == _START_OF_SCAN and is_sequential and len(data) >= 3:
            end = place + 4 + len(data)
            wanted = bytes((0, 63, 0))
            return None if frame[end - 3 : end] == wanted else frame[: end - 3] + wanted + frame[end:]
    return None
