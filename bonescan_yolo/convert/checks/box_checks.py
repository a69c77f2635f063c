"""Checks of boxes: each object becomes a box inside its image or is counted by one problem."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Final

from bonescan_yolo.classes import CLASS_NAMES, parse_class_name
from bonescan_yolo.convert.survey import XYXY, Annotation, Box, Kind, Problem

MIN_SIDE_PIXELS: Final = 1.0
"""Smallest side of a box; sources count whole pixels."""


def check_boxes(
    objects: Iterable[Annotation], width: int, height: int, file: str
) -> tuple[tuple[Box, ...], list[Problem]]:
    """Return the valid boxes, clipped to an image of `width` x `height` pixels, and the problems.

    Every object either becomes a box or is counted by one problem. A box that was drawn from right to left or upwards
    is kept with its corners in order.
    """
    boxes: list[Box] = []
    problems: list[Problem] = []
    for item in objects:
        box, found = _check_box(item, width, height, file)
        problems += found
        if box is not None and box in boxes:
            problems.append(Problem(file, Kind.BOX_DUPLICATE, f"{_show(item)} is there twice; one is left out", 1))
        elif box is not None:
            boxes.append(box)
    return tuple(boxes), problems


def in_pixels(objects: Sequence[Annotation], width: int, height: int) -> tuple[Annotation, ...]:
    """Return objects whose corners are fractions of an image's width and height with corners in pixels."""
    scale = (width, height, width, height)
    return tuple(
        dataclasses.replace(item, xyxy=_four(value * side for value, side in zip(item.xyxy, scale, strict=True)))
        for item in objects
    )


def turned(objects: Sequence[Annotation], degrees: int, width: int, height: int) -> tuple[Annotation, ...]:
    """Return objects on an image of `width` x `height` pixels as they are after it is turned clockwise.

    Args:
        objects: With corners in pixels of the image before.
        degrees: 0, 90, 180 or 270.
        width: Of the image before, in pixels.
        height: Of the image before, in pixels.

    Examples:
        A box at the upper left of a scan that is lying is at the upper right of the upright scan:

        >>> from bonescan_yolo.convert.checks.box_checks import turned
        >>> from bonescan_yolo.convert.survey import Annotation
        >>> turned([Annotation("normal", (0, 0, 30, 10))], 90, width=1024, height=256)[0].xyxy
        (246, 0, 256, 30)
    """

    def place(xyxy: XYXY) -> XYXY:
        x1, y1, x2, y2 = xyxy
        if degrees == 90:
            return (height - y2, x1, height - y1, x2)
        if degrees == 180:
            return (width - x2, height - y2, width - x1, height - y1)
        return (y1, width - x2, y2, width - x1) if degrees == 270 else xyxy

    return tuple(dataclasses.replace(item, xyxy=place(item.xyxy)) for item in objects)


def in_order(xyxy: XYXY) -> XYXY:
    """Return corners with the smaller x and y first."""
    x1, y1, x2, y2 = xyxy
    return (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _check_box(item: Annotation, width: int, height: int, file: str) -> tuple[Box | None, list[Problem]]:
    class_id = parse_class_name(item.name)
    if class_id is None:
        known = " or ".join(CLASS_NAMES)
        reason = f"class {item.name.strip()[:40]!r} is not {known}; object left out"
        return None, [Problem(file, Kind.UNKNOWN_CLASS, reason, 1)]
    if not all(math.isfinite(value) for value in item.xyxy):
        return None, [Problem(file, Kind.BOX_NOT_FINITE, f"{_show(item)} is not finite; left out", 1)]
    ordered = in_order(item.xyxy)
    if _is_empty(ordered):
        small = "is empty" if ordered[0] == ordered[2] or ordered[1] == ordered[3] else "is smaller than a pixel"
        hint = " (fractions of the image's size by mistake?)" if max(map(abs, ordered)) <= 1 else ""
        return None, [Problem(file, Kind.BOX_EMPTY, f"{_show(item)} {small}{hint}; left out", 1)]
    x1, y1, x2, y2 = ordered
    clipped = (max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height)))
    if _is_empty(clipped):
        reason = f"{_show(item)} is outside the {width} x {height} image; left out"
        return None, [Problem(file, Kind.BOX_OUTSIDE, reason, 1)]
    problems = []
    if ordered != item.xyxy:
        problems.append(Problem(file, Kind.BOX_INVERTED, f"{_show(item)} has its corners swapped; put in order"))
    if clipped != ordered:
        reason = f"{_show(item)} reaches outside the {width} x {height} image; clipped"
        problems.append(Problem(file, Kind.BOX_CLIPPED, reason))
    return Box(class_id, clipped), problems


def _is_empty(xyxy: XYXY) -> bool:
    """Return whether corners in order enclose less than a pixel, or nothing."""
    return xyxy[2] - xyxy[0] < MIN_SIDE_PIXELS or xyxy[3] - xyxy[1] < MIN_SIDE_PIXELS


def _four(values: Iterable[float]) -> XYXY:
    x1, y1, x2, y2 = values
    return (x1, y1, x2, y2)


def _show(item: Annotation) -> str:
    return f"{item.name.strip()} box ({', '.join(f'{value:g}' for value in item.xyxy)})"
