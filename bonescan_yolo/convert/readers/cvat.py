"""Reading `CVAT for images 1.1`: one XML file for many images.

Coordinates are pixels from the upper left corner of the image; a box is its corners, and may be turned about its
centre (https://docs.cvat.ai/docs/manual/advanced/xml_format/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import (
    MAX_SHOWN,
    UnparsableError,
    as_number,
    as_size,
    as_text,
    shown,
)
from bonescan_yolo.convert.readers.encodings import decode_text
from bonescan_yolo.convert.readers.shape_bounds import bounds_of, ellipse_bounds, pairs, turned_bounds
from bonescan_yolo.convert.readers.shape_collector import ShapeCollector, with_fault
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import XYXY
from bonescan_yolo.errors import DatasetError

if TYPE_CHECKING:
    from bonescan_yolo.convert.annotation_formats import ParseOptions  # which imports the readers

BOX: Final = ("xtl", "ytl", "xbr", "ybr")
ELLIPSE: Final = ("cx", "cy", "rx", "ry")
MASK: Final = ("left", "top", "width", "height")
CUBOID: Final = tuple(f"{axis}{corner}{face}" for face in "12" for corner in ("tl", "bl", "tr", "br") for axis in "xy")
"""A cuboid's corners: x and y of top left, bottom left, top right and bottom right, of its front and its back."""

NO_OBJECTS: Final = frozenset({"tag", "attribute"})
"""What an image may hold beside its shapes: labels of the whole image."""

BoxAndForm = tuple[XYXY, str | None]
"""A shape's box, and what the shape is in words if it is not an upright box."""

VIDEO: Final = "is `CVAT for video`, which names no images; export the task as `CVAT for images 1.1`"


def read_cvat(source: Source, options: ParseOptions) -> Iterator[AnnotatedImage]:  # noqa: ARG001 - as all formats
    """Yield what each XML file of a source says of its images; XML of other programs is passed over.

    Raises:
        DatasetError: there is no CVAT file.
    """
    count = 0
    for path in source.files:
        if path.lower().endswith(".xml"):
            for image in _read_file(source, path):
                count += 1
                yield image
    if not count:
        raise DatasetError(f"{source.name}: holds no CVAT XML file; export the task as `CVAT for images 1.1`")


def parse_cvat(data: bytes, path: str) -> list[AnnotatedImage] | None:
    """Parse one file.

    Args:
        data: The file's bytes.
        path: Its path inside the source.

    Returns:
        A record for each image; None if the file is some other program's XML.

    Raises:
        UnparsableError: malformed XML, XML that defines entities (an entity bomb), or a video's tracks.
    """
    root = _parse_xml(data)
    if root.tag != "annotations":
        return None
    if root.find("track") is not None:
        raise UnparsableError(VIDEO)
    images = root.findall("image")
    if not images:
        raise UnparsableError("lists no images")
    return [_parse_image(image, path) for image in images]


def _read_file(source: Source, path: str) -> list[AnnotatedImage]:
    try:
        return parse_cvat(source.read(path), path) or []
    except (UnreadableError, UnparsableError) as error:
        return [with_fault(AnnotatedImage(path), error)]


def _parse_xml(data: bytes) -> Element:
    """Return the root; the text is decoded anew if it is not in the encoding that it states."""
    try:
        try:
            return fromstring(data)
        except (ParseError, ValueError, LookupError):
            text = decode_text(data)
            start = text.find("?>") + 2 if text.startswith("<?xml") else 0
            return fromstring(text[start:])
    except DefusedXmlException as error:
        raise UnparsableError("defines entities, which an annotation never needs (an entity bomb?)") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise UnparsableError(f"is malformed XML ({error})") from error


def _parse_image(image: Element, path: str) -> AnnotatedImage:
    name = as_text(image.get("name"))
    found = ShapeCollector(path, f"{name or 'image without a name'}: object")
    for shape in image:
        if shape.tag not in NO_OBJECTS:
            _collect(shape, found)
    described = AnnotatedImage(
        annotation=path,
        image=name,
        size=as_size(image.get("width"), image.get("height")),
        objects=tuple(found.objects),
        problems=tuple(found.problems),
    )
    return described if name is not None or found.objects else with_fault(described, "has an image without a name")


def _collect(shape: Element, found: ShapeCollector) -> None:
    label = as_text(shape.get("label"))
    if label is None:
        found.leave("has no label")
        return
    try:
        box, form = _box_and_form(shape)
    except UnparsableError as error:
        found.leave(f"({label[:MAX_SHOWN]!r}) {error}")
    else:
        found.keep(label, box, form)


def _box_and_form(shape: Element) -> BoxAndForm:
    """Return the box of a shape, and what the shape is if it is not an upright box.

    Raises:
        UnparsableError: it has no box, or a number is missing.
    """
    if shape.get("outside") == "1":
        raise UnparsableError("is marked as outside the image")
    read = _READERS.get(shape.tag)
    if read is None:
        raise UnparsableError(f"is of type {shape.tag[:MAX_SHOWN]}, which has no box")
    return read(shape)


def _box(shape: Element) -> BoxAndForm:
    x1, y1, x2, y2 = _numbers(shape, BOX)
    turn = _turn(shape)
    if turn % 360 == 0:
        return (x1, y1, x2, y2), None
    return turned_bounds((x1, y1, x2, y2), turn, ((x1 + x2) / 2, (y1 + y2) / 2)), f"a box turned by {turn:g} degrees"


def _ellipse(shape: Element) -> BoxAndForm:
    x, y, radius_x, radius_y = _numbers(shape, ELLIPSE)
    return ellipse_bounds((x, y), (radius_x, radius_y), _turn(shape)), "an ellipse"


def _mask(shape: Element) -> BoxAndForm:
    left, top, width, height = _numbers(shape, MASK)
    return (left, top, left + width, top + height), "a mask"


def _cuboid(shape: Element) -> BoxAndForm:
    return bounds_of(pairs(_numbers(shape, CUBOID))), "a cuboid"


def _outline(shape: Element) -> BoxAndForm:
    numbers = [as_number(part) for pair in (shape.get("points") or "").split(";") for part in pair.split(",")]
    if None in numbers or len(numbers) % 2:
        raise UnparsableError("has no points of two numbers")
    return bounds_of(pairs(number for number in numbers if number is not None)), f"a {shape.tag}"


_READERS: Final[dict[str, Callable[[Element], BoxAndForm]]] = {
    "box": _box,
    "ellipse": _ellipse,
    "mask": _mask,
    "cuboid": _cuboid,
    "polygon": _outline,
    "polyline": _outline,
}


def _numbers(shape: Element, keys: Sequence[str]) -> list[float]:
    numbers = []
    for key in keys:
        number = as_number(shape.get(key))
        if number is None:
            raise UnparsableError(f"has {shown(shape.get(key))} as {key}, not a number")
        numbers.append(number)
    return numbers


def _turn(shape: Element) -> float:
    """Return the rotation in degrees, clockwise."""
    return _numbers(shape, ["rotation"])[0] if shape.get("rotation") else 0.0
