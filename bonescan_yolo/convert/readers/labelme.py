"""Reading LabelMe's JSON files: one per image, named like it.

A point is a place on the image in pixels, counted from its upper left corner: `[0, 0]` is the outer corner of the
first pixel. A rectangle is two opposite corners in the order in which they were drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import (
    MAX_SHOWN,
    UnparsableError,
    as_number,
    as_size,
    as_text,
    load_json,
    shown,
)
from bonescan_yolo.convert.readers.shape_bounds import Point, bounds_of, ellipse_bounds
from bonescan_yolo.convert.readers.shape_collector import ShapeCollector, with_fault
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import XYXY
from bonescan_yolo.errors import DatasetError

if TYPE_CHECKING:
    from bonescan_yolo.convert.annotation_formats import ParseOptions  # which imports the readers

OWN_KEYS: Final = frozenset({"shapes", "imagePath"})
"""Keys that every version since 3 writes; a JSON file with neither is another program's."""

FORMS: Final = {
    "rectangle": "a turned rectangle",  # of four corners; one of two is a box
    "oriented_rectangle": "a turned rectangle",
    "polygon": "a polygon",
    "linestrip": "a line",
    "line": "a line",
    "circle": "a circle",
    "mask": "a mask",
}
"""Types of shapes that have a box, by their name in messages."""


def read_labelme(source: Source, options: ParseOptions) -> Iterator[AnnotatedImage]:  # noqa: ARG001 - as all formats
    """Yield what each JSON file of a source says of its image; JSON of other programs is passed over.

    Raises:
        DatasetError: there is no LabelMe file.
    """
    count = 0
    for path in source.files:
        if path.lower().endswith(".json") and (image := _read_file(source, path)) is not None:
            count += 1
            yield image
    if not count:
        raise DatasetError(f"{source.name}: holds no LabelMe file; give the folder that LabelMe saves its JSON into")


def parse_labelme(data: bytes, path: str) -> AnnotatedImage | None:
    """Parse one file.

    Args:
        data: The file's bytes.
        path: Its path inside the source.

    Returns:
        What it says of its image, with a fault if it is damaged; None if it is some other program's JSON.
    """
    try:
        content = load_json(data)
    except UnparsableError as error:
        return with_fault(AnnotatedImage(path, stem_names_image=True), error)
    if not isinstance(content, dict) or not OWN_KEYS & content.keys():
        return None
    shapes = content.get("shapes")
    image = as_text(content.get("imagePath"))
    if not isinstance(shapes, list):
        return with_fault(AnnotatedImage(path, image, stem_names_image=True), "has no list `shapes`")
    found = ShapeCollector(path, "shape")
    for shape in shapes:
        _collect(shape, found)
    return AnnotatedImage(
        annotation=path,
        image=image,
        stem_names_image=True,
        size=as_size(content.get("imageWidth"), content.get("imageHeight")),
        objects=tuple(found.objects),
        problems=tuple(found.problems),
    )


def _read_file(source: Source, path: str) -> AnnotatedImage | None:
    try:
        return parse_labelme(source.read(path), path)
    except UnreadableError as error:
        return with_fault(AnnotatedImage(path, stem_names_image=True), error)


def _collect(shape: Any, found: ShapeCollector) -> None:
    if not isinstance(shape, dict):
        found.leave(f"is {shown(shape)}, not a group of keys")
        return
    name = as_text(shape.get("label"))
    points = _points(shape.get("points"))
    kind = as_text(shape.get("shape_type")) or "polygon"  # before version 3.16 there was nothing else
    if name is None:
        found.leave("has no label")
    elif points is None:
        found.leave("has no points of two numbers")
    elif (box := _box_of(kind, points)) is None:
        what = "a point" if len(points) == 1 else f"a {kind[:MAX_SHOWN]} of {len(points)} points"
        found.leave(f"({name[:MAX_SHOWN]!r}) is {what}, which has no box")
    else:
        upright = kind == "rectangle" and all(x in box[::2] and y in box[1::2] for x, y in points)
        found.keep(name, box, None if upright else FORMS[kind])


def _box_of(kind: str, points: list[Point]) -> XYXY | None:
    """Return the box of a shape, None if it has none."""
    if kind not in FORMS or len(points) < 2:
        return None
    if kind == "circle":
        centre, rim = points[:2]
        radius = math.dist(centre, rim)
        return ellipse_bounds(centre, (radius, radius))
    x1, y1, x2, y2 = bounds_of(points)
    if kind == "mask":
        return (x1, y1, x2 + 1, y2 + 1)  # its corners are its first and its last pixel
    return (x1, y1, x2, y2)


def _points(value: Any) -> list[Point] | None:
    """Return a list of pairs of numbers, or None."""
    if not isinstance(value, list) or not value:
        return None
    points = []
    for point in value:
        if not isinstance(point, list) or len(point) != 2:
            return None
        x, y = as_number(point[0]), as_number(point[1])
        if x is None or y is None:
            return None
        points.append((x, y))
    return points
