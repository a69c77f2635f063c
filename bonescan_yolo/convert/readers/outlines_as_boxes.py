"""Boxes of objects that were annotated by an outline."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bonescan_yolo.convert.survey import XYXY


def bounds_of(points: Sequence[tuple[float, float]]) -> XYXY | None:
    """Return the smallest box around points x, y in pixels, or None if there are fewer than two.

    Examples:
        >>> from bonescan_yolo.convert.readers.outlines_as_boxes import bounds_of
        >>> bounds_of([(5.0, 1.0), (9.0, 4.0), (2.0, 8.0)])
        (2.0, 1.0, 9.0, 8.0)
    """
    if len(points) < 2:
        return None
    xs, ys = zip(*points, strict=True)
    return (min(xs), min(ys), max(xs), max(ys))


def bounds_of_rotated(x: float, y: float, width: float, height: float, radians: float) -> XYXY:
    """Return the smallest upright box around a box that is rotated about its centre x, y, all in pixels.

    Examples:
        >>> import math
        >>> from bonescan_yolo.convert.readers.outlines_as_boxes import bounds_of_rotated
        >>> [round(edge) for edge in bounds_of_rotated(50, 50, 40, 20, math.pi / 2)]
        [40, 30, 60, 70]
    """
    cosine, sine = abs(math.cos(radians)), abs(math.sin(radians))
    half_width = (width * cosine + height * sine) / 2
    half_height = (width * sine + height * cosine) / 2
    return (x - half_width, y - half_height, x + half_width, y + half_height)
