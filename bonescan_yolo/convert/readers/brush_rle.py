"""The run lengths that Label Studio's brush writes: which part of the image a mask covers.

The format is that of the JavaScript package rle-pack: a stream of bits, most significant first. 32 bits hold the number
of values, 5 the bits per value less one, four times 4 the bits of a run's length less one. Then runs follow: a bit that
says whether the run repeats one value, 2 bits that choose one of the four lengths, the run's length less one, and its
value, or as many values as the run is long. The values are bytes: red, green, blue and opacity of one pixel after the
other, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.convert.readers.annotation_text import UnparsableError
from bonescan_yolo.convert.survey import XYXY

CHANNELS: Final = 4
OPACITY: Final = 3
MAX_BYTES: Final = 1 << 20
"""Longest stream that is read: a scan of 256 x 1024 pixels without any runs has as much."""

MAX_PIXELS: Final = 16 << 20
"""Most pixels of a mask, as for images."""


def brush_bounds(stream: Sequence[object], width: int, height: int) -> XYXY | None:
    """Return the box around a mask's pixels that are not transparent, in pixel edges; None if there are none.

    Args:
        stream: Numbers from 0 to 255.
        width: Of the image in pixels.
        height: Of the image in pixels.

    Raises:
        UnparsableError: the stream is too long, cut off, or of another size than the image.
    """
    if width * height > MAX_PIXELS or len(stream) > MAX_BYTES:
        raise UnparsableError("has a mask that is too large")
    if any(not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 255 for value in stream):
        raise UnparsableError("has a mask that is not a list of bytes")
    values = _decode(_Bits(bytes(stream)), width * height * CHANNELS)  # type: ignore[arg-type] # checked above
    covered = values.reshape(height, width, CHANNELS)[:, :, OPACITY] > 0
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    if not rows.size:
        return None
    return (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


class _Bits:
    """Reads numbers of any number of bits."""

    def __init__(self, data: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in data)
        self._position = 0

    def read(self, count: int) -> int:
        end = self._position + count
        if end > len(self._bits):
            raise UnparsableError("has a mask that is cut off")
        value = int(self._bits[self._position : end], 2)
        self._position = end
        return value


def _decode(bits: _Bits, expected: int) -> NDArray[np.uint32]:
    """Return all values of a stream."""
    count, value_bits = bits.read(32), bits.read(5) + 1
    if count != expected:
        raise UnparsableError("has a mask of another size than its image")
    length_bits = [bits.read(4) + 1 for _ in range(4)]
    values = np.zeros(count, np.uint32)
    done = 0
    while done < count:
        repeats = bits.read(1)
        end = min(done + 1 + bits.read(length_bits[bits.read(2)]), count)
        if repeats:
            values[done:end] = bits.read(value_bits)
        else:
            values[done:end] = [bits.read(value_bits) for _ in range(end - done)]
        done = end
    return values
