"""The box around a shape: rectangles turned or not, polygons, circles, ellipses.

All coordinates are pixel edges, x to the right and y down, counted from 0 at the top left corner of the image.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain

from bonescan_yolo.convert.survey import XYXY

Point = tuple[float, float]


def bounds_of(points: Sequence[Point]) -> XYXY:
    """Return the box around points; NaN in all corners if one of them is not a number.

    Args:
        points: At least one.

    Examples:
        >>> from bonescan_yolo.convert.readers.shape_bounds import bounds_of
        >>> bounds_of([(5.0, 1.0), (9.0, 4.0), (2.0, 8.0)])
        (2.0, 1.0, 9.0, 8.0)
    """
    if any(math.isnan(value) for value in chain.from_iterable(points)):
        return (math.nan,) * 4
    horizontal, vertical = zip(*points, strict=True)
    return (min(horizontal), min(vertical), max(horizontal), max(vertical))


def turned_bounds(box: XYXY, degrees: float, pivot: Point) -> XYXY:
    """Return the box around a box that is turned clockwise about a point.

    Examples:
        >>> from bonescan_yolo.convert.readers.shape_bounds import turned_bounds
        >>> turned_bounds((10, 20, 30, 60), 90, pivot=(20, 40))  # about its centre
        (0.0, 30.0, 40.0, 50.0)
    """
    x1, y1, x2, y2 = box
    cosine, sine = _cosine_and_sine(degrees)
    corners = []
    for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2)):
        right, down = x - pivot[0], y - pivot[1]
        corners.append((pivot[0] + cosine * right - sine * down, pivot[1] + sine * right + cosine * down))
    return bounds_of(corners)


def ellipse_bounds(centre: Point, radii: Point, degrees: float = 0.0) -> XYXY:
    """Return the box around an ellipse with radii along x and y, turned clockwise about its centre."""
    cosine, sine = _cosine_and_sine(degrees)
    half_width = math.hypot(radii[0] * cosine, radii[1] * sine)
    half_height = math.hypot(radii[0] * sine, radii[1] * cosine)
    return (centre[0] - half_width, centre[1] - half_height, centre[0] + half_width, centre[1] + half_height)


def pairs(values: Iterable[float]) -> list[Point]:
    """Return x, y, x, y ... as points; an odd last value is left out."""
    numbers = list(values)
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _cosine_and_sine(degrees: float) -> tuple[float, float]:
    """Return both, exact for quarter turns; NaN for an infinite angle."""
    if not math.isfinite(degrees):
        return (math.nan, math.nan)
    quarters, rest = divmod(degrees % 360, 90)
    if rest == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    angle = math.radians(degrees % 360)
    return math.cos(angle), math.sin(angle)
