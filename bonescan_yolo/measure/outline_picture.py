"""The outlines drawn on their scan, beside the scan as it is."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from bonescan_yolo.measure.hot_spots import ScanMeasures
from bonescan_yolo.predict.drawing import CLASS_COLOURS
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.scan.morphology import dilate

MIN_WIDTH_PX = 512
"""A scan is enlarged by a whole number until it is as wide, so that an outline is thinner than a pixel of it."""

MAX_ZOOM = 4


def draw(measures: ScanMeasures) -> bytes:
    """Return a PNG: the scan in the tones that the network sees, and beside it the same with the outlines.

    Outlines are drawn along the edges of the scan's pixels, on their outside, in the colour of their class.
    """
    grey = measures.reading.scan.grey()
    zoom = max(1, min(MAX_ZOOM, round(MIN_WIDTH_PX / grey.shape[1])))
    tones = np.rint(255 * to_tones(grey, body_level(grey))).astype(np.uint8)
    plain = np.repeat(_enlarge(tones, zoom)[..., None], 3, axis=2)
    marked = plain.copy()
    for spot in measures.hot_spots:
        rows, columns = spot.outline.slices
        area = np.pad(_enlarge(spot.outline.mask, zoom), 1)
        line = dilate(area) & ~area
        around = _within(line, rows.start * zoom - 1, columns.start * zoom - 1, marked)
        around[0][around[1]] = ImageColor.getrgb(CLASS_COLOURS[spot.class_id])
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate([plain, marked], axis=1)).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _enlarge(pixels: NDArray[np.generic], zoom: int) -> NDArray[np.generic]:
    """Return pixels (height, width) as squares of `zoom` pixels."""
    return pixels.repeat(zoom, axis=0).repeat(zoom, axis=1)


def _within(
    line: NDArray[np.bool_], row: int, column: int, picture: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the part of a picture that a mask at (row, column) covers, and the mask cut to the picture."""
    height, width = picture.shape[:2]
    top, left = max(row, 0), max(column, 0)
    cut = line[top - row : height - row, left - column : width - column]
    return picture[top : top + cut.shape[0], left : left + cut.shape[1]], cut
