"""The regions of one annotation of Label Studio, as objects.

Places are in per cent of the image's width and height, from its upper left corner. A rectangle is turned clockwise
about its own upper left corner, an ellipse about its centre. What was annotated on one region (its shape, its label,
a choice) are several results that share the region's id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from bonescan_yolo.convert.readers.annotation_text import MAX_SHOWN, UnparsableError, as_number, as_size, as_text
from bonescan_yolo.convert.readers.brush_rle import brush_bounds
from bonescan_yolo.convert.readers.shape_bounds import bounds_of, ellipse_bounds, turned_bounds
from bonescan_yolo.convert.readers.shape_collector import ShapeCollector
from bonescan_yolo.convert.survey import XYXY, Annotation, Kind

RECTANGLE: Final = ("x", "y", "width", "height")
ELLIPSE: Final = ("x", "y", "radiusX", "radiusY")
PLACE_KEYS: Final = frozenset({"x", "y", "points", "rle", "vertices", "start", "end"})
"""Keys of a region that has a place, whatever the place is."""

SHAPE_KEYS: Final = frozenset({"height", "radiusX", "points", "rle"})
"""Keys of a region that has an extent."""

PER_CENT: Final = 100.0

Size = tuple[int, int]


@dataclass(frozen=True)
class Regions:
    """The objects of one annotation.

    Attributes:
        found: Them, corners in pixels of `size`, or in fractions of the image if that is None.
        size: Width and height that the annotation states in pixels, or None.
    """

    found: ShapeCollector
    size: Size | None


def read_regions(results: Iterable[Any], path: str, image: str | None) -> Regions:
    """Return the objects of an annotation.

    Args:
        results: Its list `result`.
        path: The file, for messages.
        image: The image's name, for messages.
    """
    found = ShapeCollector(path, f"{image or 'task'}: region")
    regions = _regions(results)
    size = next((stated for region in regions if (stated := _stated_size(region)) is not None), None)
    for region in regions:
        _collect(region, _stated_size(region) or size, found)
    if size is not None:
        found.objects = [Annotation(item.name, _scaled(item.xyxy, *size)) for item in found.objects]
    return Regions(found, size)


def count_regions(results: object) -> int:
    """Return how many regions a list `result` has."""
    return len(_regions(results)) if isinstance(results, list) else 0


def _regions(results: Iterable[Any]) -> list[list[dict[str, Any]]]:
    """Return the results of each region; without choices of the whole image, relations and texts."""
    regions: dict[object, list[dict[str, Any]]] = {}
    for number, result in enumerate(results):
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            if not isinstance(result, dict) or result.get("type") != "relation":
                regions[number] = [{"value": {}}]
        elif PLACE_KEYS & value.keys() or str(result.get("type")).endswith("labels"):
            regions.setdefault(as_text(result.get("id")) or number, []).append(result)
    return list(regions.values())


def _stated_size(region: list[dict[str, Any]]) -> Size | None:
    sizes = (as_size(result.get("original_width"), result.get("original_height")) for result in region)
    return next((size for size in sizes if size is not None), None)


def _collect(region: list[dict[str, Any]], size: Size | None, found: ShapeCollector) -> None:
    labels = _texts(region, "labels") or _texts(region, "choices")
    if not labels:
        found.leave("has no label")
        return
    shape = next((result for result in region if SHAPE_KEYS & result["value"].keys()), region[0])
    try:
        box, form = _fractions(shape, size)
    except UnparsableError as error:
        found.leave(f"({labels[0][:MAX_SHOWN]!r}) {error}")
        return
    found.keep(labels[0], box, form)
    if len(set(labels)) > 1:
        reason = f"a region has {len(labels)} labels; the first, {labels[0][:MAX_SHOWN]!r}, is taken"
        found.note(reason, Kind.LABEL_DISAGREES)


def _texts(region: list[dict[str, Any]], ending: str) -> list[str]:
    """Return what is chosen for a region, from the lists whose key has an ending, such as `rectanglelabels`."""
    chosen = [value for result in region for key, value in result["value"].items() if key.endswith(ending)]
    lists = [value if isinstance(value, list) else [value] for value in chosen]
    return [text for items in lists for item in items if (text := as_text(item)) is not None]


def _fractions(result: dict[str, Any], size: Size | None) -> tuple[XYXY, str | None]:
    """Return the box of a region in fractions of the image, and what it is if it is not an upright box.

    Raises:
        UnparsableError: it has no box, or what it has cannot be read.
    """
    value = result["value"]
    if as_number(result.get("image_rotation") or 0) != 0:
        raise UnparsableError("was drawn on the image after turning it in Label Studio")
    if "rle" in value:
        return _brush(value["rle"], size), "a mask"
    if "points" in value:
        return _polygon(value["points"]), "a polygon"
    if "radiusX" in value:
        x, y, radius_x, radius_y = _numbers(value, ELLIPSE)
        turn, (width, height) = _turn(value, size)
        box = ellipse_bounds((x * width, y * height), (radius_x * width, radius_y * height), turn)
        return _scaled(box, 1 / width, 1 / height), "an ellipse"
    if "height" not in value:
        raise UnparsableError("is a point or of a type that has no box")
    x, y, box_width, box_height = _numbers(value, RECTANGLE)
    turn, (width, height) = _turn(value, size)
    corners = (x * width, y * height, (x + box_width) * width, (y + box_height) * height)
    if turn % 360 == 0:
        return (x, y, x + box_width, y + box_height), None
    box = turned_bounds(corners, turn, corners[:2])
    return _scaled(box, 1 / width, 1 / height), f"a box turned by {turn:g} degrees"


def _numbers(value: dict[str, Any], keys: Iterable[str]) -> list[float]:
    """Return numbers of per cent as fractions."""
    numbers = []
    for key in keys:
        number = as_number(value.get(key))
        if number is None:
            raise UnparsableError(f"has no number as {key}")
        numbers.append(number / PER_CENT)
    return numbers


def _turn(value: dict[str, Any], size: Size | None) -> tuple[float, Size]:
    """Return the rotation in degrees, and the image's size, which it needs; any size will do without a rotation."""
    turn = as_number(value.get("rotation") or 0)
    if turn is None:
        raise UnparsableError("has a rotation that is not a number")
    if turn % 360 and size is None:
        raise UnparsableError("is turned, and the size of its image (original_width, original_height) is missing")
    return turn, size or (1, 1)


def _polygon(points: object) -> XYXY:
    numbers = []
    for point in points if isinstance(points, list) else []:
        pair = [as_number(part) for part in point] if isinstance(point, list) else []
        if len(pair) != 2 or pair[0] is None or pair[1] is None:
            raise UnparsableError("has a point that is not two numbers")
        numbers.append((pair[0] / PER_CENT, pair[1] / PER_CENT))
    if not numbers:
        raise UnparsableError("has no points")
    return bounds_of(numbers)


def _brush(stream: object, size: Size | None) -> XYXY:
    if size is None or not isinstance(stream, list):
        raise UnparsableError("is a mask without run lengths, or without the size of its image")
    box = brush_bounds(stream, *size)
    if box is None:
        raise UnparsableError("is an empty mask")
    return _scaled(box, 1 / size[0], 1 / size[1])


def _scaled(box: XYXY, horizontal: float, vertical: float) -> XYXY:
    x1, y1, x2, y2 = box
    return (x1 * horizontal, y1 * vertical, x2 * horizontal, y2 * vertical)
