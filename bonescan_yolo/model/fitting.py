"""Fitting a scan into the network's input without distortion, and mapping boxes back to the scan's pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, clip


@dataclass(frozen=True)
class Fit:
    """Where a scan is in the network's input.

    Attributes:
        scale_x, scale_y: input pixels per scan pixel; they differ only by the rounding to whole input pixels.
        left, top: input pixels beside and above the scan.
        width, height: of the scan, in scan pixels.
    """

    scale_x: float
    scale_y: float
    left: int
    top: int
    width: int
    height: int

    def to_scan(self, boxes: Boxes) -> Boxes:
        """Return boxes in input pixels (N, 4) as boxes in the scan's pixels, clipped to the scan."""
        offset = np.array([self.left, self.top, self.left, self.top], dtype=np.float32)
        scale = np.array([self.scale_x, self.scale_y, self.scale_x, self.scale_y], dtype=np.float32)
        return clip((boxes - offset) / scale, self.width, self.height)

    def to_input(self, boxes: Boxes) -> Boxes:
        """Return boxes in the scan's pixels (N, 4) as boxes in input pixels."""
        offset = np.array([self.left, self.top, self.left, self.top], dtype=np.float32)
        scale = np.array([self.scale_x, self.scale_y, self.scale_x, self.scale_y], dtype=np.float32)
        return boxes * scale + offset


def fit_of(rows: int, columns: int, height: int, width: int) -> Fit:
    """Return where a scan of `rows` x `columns` pixels is in a frame of `height` x `width` pixels."""
    if (rows, columns) == (height, width):
        return Fit(1.0, 1.0, 0, 0, columns, rows)
    scale = min(height / rows, width / columns)
    fitted_rows = min(height, max(1, round(rows * scale)))
    fitted_columns = min(width, max(1, round(columns * scale)))
    top, left = (height - fitted_rows) // 2, (width - fitted_columns) // 2
    return Fit(fitted_columns / columns, fitted_rows / rows, left, top, columns, rows)


def fit(grey: NDArray[np.uint8], height: int, width: int) -> tuple[NDArray[np.uint8], Fit]:
    """Return a scan in the middle of a `height` x `width` frame of zeros (background), and where it is.

    A scan of that size is returned unchanged. Others are scaled by one factor for both axes. When shrinking, each
    pixel is an average of the area it covers, so that no small hot spot falls between two samples.

    Args:
        grey: (h, w) uint8.
        height: of the frame in pixels.
        width: of the frame in pixels.

    Returns:
        (height, width) uint8, and the fit.
    """
    rows, columns = grey.shape
    place = fit_of(rows, columns, height, width)
    if (rows, columns) == (height, width):
        return grey, place
    from PIL import Image  # which reading with a self-contained file does not need

    fitted_rows, fitted_columns = round(rows * place.scale_y), round(columns * place.scale_x)
    image = Image.fromarray(grey).resize((fitted_columns, fitted_rows), Image.Resampling.BILINEAR)
    frame = np.zeros((height, width), dtype=np.uint8)
    frame[place.top : place.top + fitted_rows, place.left : place.left + fitted_columns] = np.asarray(image)
    return frame, place
