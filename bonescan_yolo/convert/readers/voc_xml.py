"""Reading one Pascal VOC annotation file.

Coordinates. The VOC challenge counted pixels from 1 and included both ends; the tools people annotate with
(labelImg, CVAT and their like) write pixel edges counted from 0 under the same tags. Which one a set uses has
to be found from the data:

- BS-80K is read as edges from 0. Evidence, from 157 boxes of 22 real scans: read as [xmin, xmax) x [ymin, ymax)
  the mean grey level falls equally across all four edges (left 36.9 inside to 31.7 outside, right 35.6 to 30.3,
  top 40.5 to 35.4, bottom 37.3 to 32.5); read as 1-based inclusive the first column inside on the left would be
  the 31.7 against 35.6 on the right. The centre of the uptake is -0.17 +- 0.09 and -0.20 +- 0.08 px off
  (xmin + xmax) / 2 and (ymin + ymax) / 2, where a 1-based inclusive set would show -0.5. The files carry labelImg's
  marks (`Unknown` database, `Unspecified` pose), and labelImg writes edges. No box of those scans touches an edge
  of the image, and they had been redrawn: good evidence but not proof; the difference is half a pixel. The report
  counts the boxes that begin at 0 and end at the far edge, which settles it for a full set.
- Any other set: edges from 0 unless `one_based` is asked for, which takes 1 off xmin and ymin, never below 0.
"""

from __future__ import annotations

import math
import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import as_number, as_size
from bonescan_yolo.convert.readers.encodings import decode_text
from bonescan_yolo.convert.readers.shape_bounds import bounds_of, turned_bounds
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import XYXY, Annotation, Kind, Problem

CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
ROTATED: Final = ("cx", "cy", "w", "h", "angle")
"""What roLabelImg writes: centre, sides, and an angle in radians."""

BARE_AMPERSAND: Final = re.compile(r"&(?!#?\w+;)")
DECLARATION: Final = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)


class VocError(Exception):
    """A file is not a Pascal VOC annotation; the message says why."""


def read_voc_file(source: Source, path: str, one_based: bool = False) -> AnnotatedImage:
    """Read one annotation file; errors in it become problems, never an exception."""
    try:
        return parse_voc(source.read(path), path, one_based)
    except UnreadableError as error:
        return _unreadable(path, Kind.UNREADABLE_FILE, str(error))
    except VocError as error:
        return _unreadable(path, Kind.UNREADABLE_ANNOTATION, str(error))


def parse_voc(data: bytes, path: str, one_based: bool = False) -> AnnotatedImage:
    """Parse an annotation file.

    Args:
        data: The file's bytes, in any encoding.
        path: Its path inside the source.
        one_based: The file counts pixels from 1 and includes both ends.

    Raises:
        VocError: empty, malformed XML, XML that defines entities (an entity bomb), or another kind of document.
    """
    root = _parse_xml(data)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2].strip().lower()
    if root.tag != "annotation":
        raise VocError(f"is not a Pascal VOC annotation: its root is <{root.tag}>")
    objects: list[Annotation] = []
    problems: list[Problem] = []
    for number, element in enumerate(root.iter("object"), start=1):
        parsed = _parse_object(element, one_based)
        if isinstance(parsed, str):
            problems.append(Problem(path, Kind.MISSING_TAG, f"object {number} {parsed}; left out", objects=1))
            continue
        objects.append(parsed)
        if element.find("bndbox") is None:
            reason = f"object {number} is an outline; the box around it is taken"
            problems.append(Problem(path, Kind.BOX_FROM_OUTLINE, reason))
    return AnnotatedImage(
        annotation=path,
        image=_text(root, "filename") or _text(root, "path"),
        stem_names_image=True,
        size=_parse_size(root),
        objects=tuple(objects),
        problems=tuple(problems),
    )


def from_one_based(xyxy: XYXY) -> XYXY:
    """Return pixel edges for corners counted from 1 with both ends included; a 0 stays 0. They may be in any order."""
    x1, y1, x2, y2 = xyxy
    (x1, x2), (y1, y2) = _first_less_one(x1, x2), _first_less_one(y1, y2)
    return (x1, y1, x2, y2)


def _parse_xml(data: bytes) -> Element:
    """Return the root of a document in any encoding; a single & in a text is taken as such."""
    if not data.strip():
        raise VocError("is empty")
    text = DECLARATION.sub("", decode_text(data).lstrip("\ufeff"), count=1).strip()
    try:
        try:
            root: Element = fromstring(text)
        except ParseError:
            escaped = BARE_AMPERSAND.sub("&amp;", text)
            if escaped == text:
                raise
            root = fromstring(escaped)
    except DefusedXmlException as error:
        raise VocError("defines entities, which an annotation never needs (an entity bomb?)") from error
    except (ParseError, ValueError, LookupError) as error:
        near = len(re.findall("<object[ >]", text, re.IGNORECASE))
        lost = f"; about {near} objects in it cannot be read" if near else ""
        raise VocError(f"is malformed XML ({error}){lost}") from error
    return root


def _parse_object(element: Element, one_based: bool) -> Annotation | str:
    """Return the object, or what is missing from it."""
    name = _text(element, "name")
    if name is None:
        return "has no <name>"
    boxes = element.findall("bndbox")
    if len(boxes) == 1:
        xyxy = _numbers(boxes[0], CORNERS)
    elif not boxes:
        xyxy = _outline(element)
    else:
        xyxy = f"has {len(boxes)} <bndbox> tags instead of one"
    if isinstance(xyxy, str):
        return xyxy
    x1, y1, x2, y2 = xyxy
    return Annotation(name, from_one_based((x1, y1, x2, y2)) if one_based else (x1, y1, x2, y2))


def _outline(element: Element) -> tuple[float, ...] | str:
    """Return the box around an object's rotated box or polygon, or what is missing."""
    rotated = element.find("robndbox")
    if rotated is not None:
        values = _numbers(rotated, ROTATED)
        return values if isinstance(values, str) else _rotated_bounds(*values)
    polygon = element.find("polygon")
    if polygon is None:
        return "has 0 <bndbox> tags instead of one"
    try:
        points = [(_number(_text(point, "x")), _number(_text(point, "y"))) for point in polygon.findall("pt")]
        pairs = [(f"x{number}", f"y{number}") for number in range(1, len(polygon) + 1)]
        points += [
            (_number(_text(polygon, x)), _number(_text(polygon, y))) for x, y in pairs if polygon.find(x) is not None
        ]
    except ValueError:
        return "has a <polygon> with a coordinate that is not a number"
    return bounds_of(points) if len(points) > 1 else "has a <polygon> without points"


def _rotated_bounds(x: float, y: float, width: float, height: float, radians: float) -> XYXY:
    """Return the box around a box with its centre at x, y that is rotated about it."""
    upright = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return turned_bounds(upright, math.degrees(radians), pivot=(x, y))


def _numbers(element: Element, tags: tuple[str, ...]) -> tuple[float, ...] | str:
    """Return the numbers of an element's children, or what is missing."""
    values: list[float] = []
    for tag in tags:
        text = _text(element, tag)
        if text is None:
            return f"has no <{tag}>"
        try:
            values.append(_number(text))
        except ValueError:
            return f"has <{tag}> {text[:20]!r}, which is not a number"
    return tuple(values)


def _number(text: str | None) -> float:
    """Return a number; a comma is a decimal point. Raise ValueError for anything else."""
    number = as_number((text or "").replace(",", "."))
    if number is None:
        raise ValueError(text)
    return number


def _first_less_one(first: float, second: float) -> tuple[float, float]:
    """Subtract 1 from the smaller of two edges, not below 0; a negative one stays as it is, to be clipped."""
    if second < first:
        return first, _less_one(second)
    return _less_one(first), second


def _less_one(coordinate: float) -> float:
    return coordinate if coordinate < 0 else max(coordinate - 1.0, 0.0)


def _parse_size(root: Element) -> tuple[int, int] | None:
    size = root.find("size")
    if size is None:
        return None
    return as_size(_text(size, "width"), _text(size, "height"))


def _text(element: Element, tag: str) -> str | None:
    """Return the stripped text of a child, or None when it is missing or empty."""
    text = element.findtext(tag)
    return text.strip() or None if text is not None else None


def _unreadable(path: str, kind: Kind, fault: str) -> AnnotatedImage:
    reason = f"{fault}; its scan is left out, since its boxes are unknown"
    return AnnotatedImage(path, stem_names_image=True, problems=(Problem(path, kind, reason),), fault=fault)
