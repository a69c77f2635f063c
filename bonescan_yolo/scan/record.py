"""The scan: one view of one whole-body acquisition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.display import MAX_GREY, to_grey
from bonescan_yolo.scan.names import View

MIN_SIDE_PX = 32
"""The stride of YOLOv8's coarsest level: below this there is nothing a detector could look at."""

MAX_PIXELS = 1 << 26
"""67 million: 256 times a scan of 256 x 1024, and still decoded in about 1 GiB."""


@dataclass(frozen=True, eq=False)
class Scan:
    """Pixels and what is known about them.

    Attributes:
        pixels: (height, width), uint8 grey levels or float32 counts, never negative; hot is high, the patient's
            head is up. Read-only.
        view: `anterior`, `posterior` or None where unknown.
        pixel_spacing_mm: height and width of a pixel in millimetres, or None where unknown.
        path: the file the scan was read from, None for an array.
        sha256: of that file.
        frame: index of the scan in its file, from 0.
        frame_count: scans in the file.
        inverted: whether the file showed hot as dark, so that `pixels` are its levels turned round.
    """

    pixels: NDArray[np.uint8] | NDArray[np.float32]
    view: View | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    path: Path | None = None
    sha256: str | None = None
    frame: int = 0
    frame_count: int = 1
    inverted: bool = False

    @property
    def name(self) -> str:
        """What to call the scan in a message: its path, and the frame where there are several."""
        if self.path is None:
            return "array"
        return f"{self.path} frame {self.frame + 1}" if self.frame_count > 1 else str(self.path)

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    def grey(self) -> NDArray[np.uint8]:
        """Return the scan as display grey levels, (height, width) uint8: 8-bit pixels as they are, counts scaled."""
        return to_grey(self.pixels)


def check_size(width: int, height: int, name: str) -> None:
    """Refuse a size no scan has, before anything is decoded.

    Raises:
        ScanError: smaller than 32 pixels a side or larger than 67 million pixels.
    """
    if min(width, height) < MIN_SIDE_PX:
        raise ScanError(
            f"{name}: is {width} x {height} pixels, too small for a scan; give a whole-body scan such as 256 x 1024"
        )
    if width * height > MAX_PIXELS:
        raise ScanError(
            f"{name}: is {width} x {height} pixels, too large for a scan; scale it down to about 256 x 1024"
        )


def normalise_pixels(
    values: NDArray[Any], name: str, inverted: bool | None = None
) -> tuple[NDArray[np.uint8] | NDArray[np.float32], bool]:
    """Return values as the pixels of a scan, and whether they were turned round.

    Args:
        values: (height, width) of any integer, boolean or float type.
        name: what to call the scan in an error.
        inverted: whether hot is dark; None finds out from the background, which is most of any scan: the median
            lies in the upper half of the range where the background is white.

    Returns:
        (height, width) uint8 where the values were, else float32 clipped at 0 (filters leave small negative
        counts); read-only.

    Raises:
        ScanError: wrong number of axes or size, another type, NaN or infinite values.
    """
    if values.ndim != 2:
        shape = " x ".join(str(side) for side in values.shape)
        raise ScanError(f"{name}: has shape {shape}; give one grey scan, height x width")
    check_size(values.shape[1], values.shape[0], name)
    if values.dtype == np.bool_:
        values = values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind not in "uif":
        raise ScanError(f"{name}: has values of type {values.dtype}; give integers or floats")
    is_grey = values.dtype == np.uint8
    with np.errstate(over="ignore", invalid="ignore"):  # what that makes is refused below
        pixels = values.copy() if is_grey else values.astype(np.float32)
        top = pixels.dtype.type(MAX_GREY) if is_grey else pixels.max()
        if inverted is None:
            inverted = bool(np.median(pixels) > float(top) / 2)
        if inverted:
            np.subtract(top, pixels, out=pixels)
    if not np.isfinite(pixels).all():
        raise ScanError(f"{name}: contains NaN or infinite values; replace them by numbers, 0 outside the body")
    np.maximum(pixels, 0, out=pixels)
    pixels.flags.writeable = False
    return pixels, inverted
