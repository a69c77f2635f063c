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
        return np.asarray(boxes * scale + offset, dtype=np.float32)


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
    from PIL import Image  # takes 10 ms to import, and `place_in_frame` does without

    rows, columns = grey.shape
    place = place_in_frame((rows, columns), (height, width))
    if (rows, columns) == (height, width):
        return grey, place
    fitted_rows, fitted_columns = round(place.scale_y * rows), round(place.scale_x * columns)
    image = Image.fromarray(grey).resize((fitted_columns, fitted_rows), Image.Resampling.BILINEAR)
    frame = np.zeros((height, width), dtype=np.uint8)
    frame[place.top : place.top + fitted_rows, place.left : place.left + fitted_columns] = np.asarray(image)
    return frame, place


def place_in_frame(scan: tuple[int, int], frame: tuple[int, int]) -> Fit:
    """Return where `fit` puts a scan in a frame; both as height and width in pixels.

    The twin in the page is `placeInFrame` of `web/src/model/fitting.ts`.
    """
    (rows, columns), (height, width) = scan, frame
    scale = min(height / rows, width / columns)
    fitted_rows = min(height, max(1, round(rows * scale)))
    fitted_columns = min(width, max(1, round(columns * scale)))
    top, left = (height - fitted_rows) // 2, (width - fitted_columns) // 2
    return Fit(fitted_columns / columns, fitted_rows / rows, left, top, columns, rows)
