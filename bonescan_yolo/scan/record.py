"""The scan: one view of one whole-body acquisition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.display import MAX_GREY, to_grey
from bonescan_yolo.scan.identity.names import View
from bonescan_yolo.scan.pictures.inverse_grey import hot_is_dark, inside_frame
from bonescan_yolo.scan.quality.quality import Quality, assess

MIN_SIDE_PX = 32
"""The stride of YOLOv8's coarsest level; a smaller scan has no cell of it."""

MAX_PIXELS = 1 << 26
"""67 million: 256 times a scan of 256 x 1024. Reading one takes about 0.9 GiB, `predict` with its picture 1.4 GiB."""


@dataclass(frozen=True, eq=False)
class Scan:
    """One scan: its pixels and what is known about them.

    Attributes:
        pixels: (height, width), uint8 grey levels or float32 counts, never negative; hot is high, the patient's
            head is up. Read-only.
        view: `anterior`, `posterior`, or None if unknown.
        pixel_spacing_mm: height and width of a pixel in millimetres, or None if unknown.
        path: the file that the scan was read from; None for an array.
        sha256: of that file.
        frame: index of the scan in its file, from 0.
        frame_count: scans in the file.
        inverted: whether the file showed hot as dark; `pixels` are then its levels inverted.
        turned: degrees clockwise by which the file's rows and columns were turned to `pixels`: 0, 90, 180 or 270.
        lossy: whether the file says that its pixels were compressed with loss, or its format always does (JPEG).
        compression_ratio: as the file states it; None if it does not.
        study_uid: the DICOM study that the scan belongs to; None if the file does not say.
        notes: what the reader did with the file beyond its standard, each in a few words for the user.
    """

    pixels: NDArray[np.uint8] | NDArray[np.float32]
    view: View | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    path: Path | None = None
    sha256: str | None = None
    frame: int = 0
    frame_count: int = 1
    inverted: bool = False
    turned: int = 0
    lossy: bool = False
    compression_ratio: float | None = None
    study_uid: str | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def quality(self) -> Quality:
        """What makes it doubtful that this is a whole-body bone scan; computed when it is first asked for."""
        return assess(self.pixels, self.pixel_spacing_mm)

    @property
    def name(self) -> str:
        """The scan's name in messages: its path, and the frame if there are several."""
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
    """Refuse an impossible size, before anything is decoded.

    Raises:
        ScanError: a side below 32 pixels, or more than 67 million pixels.
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
    """Return values as the pixels of a scan, and whether they were inverted.

    Args:
        values: (height, width) of any integer, boolean or float type.
        name: the scan's name in errors.
        inverted: whether hot is dark; None determines it from the air around the body (`inverse_grey.hot_is_dark`).

    Returns:
        (height, width) uint8 if the values are uint8, else float32 clipped at 0 (filters leave small negative
        counts); read-only.

    Raises:
        ScanError: wrong number of axes or size, another type, NaN or infinite values, or nothing to see: one level.
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
    with np.errstate(over="ignore", invalid="ignore"):  # infinite and NaN values are refused below
        pixels = values.copy() if is_grey else values.astype(np.float32)
        rows, columns = slice(None), slice(None)
        if inverted is None:
            inverted = hot_is_dark(pixels)
            rows, columns = inside_frame(pixels) if inverted else (rows, columns)
        if inverted:
            np.subtract(pixels.dtype.type(MAX_GREY) if is_grey else pixels.max(), pixels, out=pixels)
            pixels = _with_dark_frame(pixels, rows, columns)
    if not is_grey:
        if not np.isfinite(pixels).all():
            raise ScanError(f"{name}: contains NaN or infinite values; replace them by numbers, 0 outside the body")
        np.maximum(pixels, 0, out=pixels)
    if pixels.min() == pixels.max():
        raise ScanError(f"{name}: shows nothing, all its pixels have one grey level; export it again, or leave it out")
    pixels.flags.writeable = False
    return pixels, inverted


def _with_dark_frame(pixels: NDArray[Any], rows: slice, columns: slice) -> NDArray[Any]:
    """Return pixels of which those outside of some rows and columns are as dark as the darkest inside."""
    inner = pixels[rows, columns]
    if inner.shape == pixels.shape:
        return pixels
    framed = np.full_like(pixels, inner.min())
    framed[rows, columns] = inner
    return framed


def count_levels(pixels: NDArray[Any]) -> int:
    """Return how many different values pixels have; a mask or a drawing has a few, a scan dozens.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.scan.record import count_levels
        >>> count_levels(np.array([[0, 0, 255], [0, 128, 255]], np.uint8))
        3
    """
    if pixels.dtype == np.uint8:
        return int(np.count_nonzero(np.bincount(pixels.ravel(), minlength=MAX_GREY + 1)))
    return len(np.unique(pixels))
