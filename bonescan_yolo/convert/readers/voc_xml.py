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

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bonescan_yolo.convert.survey import XYXY, Annotation, Kind, Problem

CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")


class VocError(Exception):
    """A file is not a Pascal VOC annotation; the message says why."""


@dataclass(frozen=True)
class VocFile:
    """One annotation file of the source.

    Attributes:
        path: Its path inside the source.
        image_name: The image it names, or None.
        size: Width and height it states in pixels, or None where missing or zero.
        objects: Objects with a name and four numbers, unchecked.
        problems: What is wrong with it; each object that cannot be used is counted by one.
        fault: Why the whole file cannot be read, or None.
    """

    path: str
    image_name: str | None = None
    size: tuple[int, int] | None = None
    objects: tuple[Annotation, ...] = ()
    problems: tuple[Problem, ...] = ()
    fault: str | None = None

    @property
    def objects_lost(self) -> int:
        """Objects without a name or four numbers."""
        return sum(problem.objects for problem in self.problems)

    @property
    def objects_read(self) -> int:
        """Objects in the file, usable or not; 0 where it cannot be read."""
        return len(self.objects) + self.objects_lost


def parse_voc(data: bytes, path: str, one_based: bool = False) -> VocFile:
    """Parse an annotation file.

    Args:
        data: The file's bytes.
        path: Its path inside the source.
        one_based: The file counts pixels from 1 and includes both ends.

    Raises:
        VocError: malformed XML, XML that defines entities (an entity bomb), or another kind of document.
    """
    try:
        root: Element = fromstring(data)
    except DefusedXmlException as error:
        raise VocError("defines entities, which an annotation never needs (an entity bomb?)") from error
    except (ParseError, ValueError, LookupError) as error:
        near = data.count(b"<object>")
        raise VocError(f"is malformed XML ({error}); about {near} objects in it cannot be read") from error
    if root.tag.lower() != "annotation":
        raise VocError(f"is no Pascal VOC annotation: its root is <{root.tag}>")
    objects: list[Annotation] = []
    problems: list[Problem] = []
    for number, element in enumerate(root.iter("object"), start=1):
        parsed = _parse_object(element, one_based)
        if isinstance(parsed, Annotation):
            objects.append(parsed)
        else:
            problems.append(Problem(path, Kind.MISSING_TAG, f"object {number} {parsed}; left out", objects=1))
    return VocFile(path, _text(root, "filename"), _parse_size(root), tuple(objects), tuple(problems))


def _parse_object(element: Element, one_based: bool) -> Annotation | str:
    """Return the object, or what is missing from it."""
    name = _text(element, "name")
    if name is None:
        return "has no <name>"
    boxes = element.findall("bndbox")
    if len(boxes) != 1:
        return f"has {len(boxes)} <bndbox> tags instead of one"
    corners: list[float] = []
    for tag in CORNERS:
        text = _text(boxes[0], tag)
        if text is None:
            return f"has no <{tag}>"
        try:
            corners.append(float(text))
        except ValueError:
            return f"has <{tag}> {text[:20]!r}, which is no number"
    x1, y1, x2, y2 = corners
    return Annotation(name, from_one_based((x1, y1, x2, y2)) if one_based else (x1, y1, x2, y2))


def from_one_based(xyxy: XYXY) -> XYXY:
    """Return pixel edges for corners counted from 1 with both ends included; a 0 stays 0."""
    x1, y1, x2, y2 = xyxy
    return (_less_one(x1), _less_one(y1), x2, y2)


def _less_one(coordinate: float) -> float:
    """Subtract 1, not below 0; a negative coordinate stays as it is, to be clipped and reported."""
    return coordinate if coordinate < 0 else max(coordinate - 1.0, 0.0)


def _parse_size(root: Element) -> tuple[int, int] | None:
    size = root.find("size")
    if size is None:
        return None
    try:
        width, height = (int(float(_text(size, tag) or "")) for tag in ("width", "height"))
    except (ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _text(element: Element, tag: str) -> str | None:
    """Return the stripped text of a child, or None when it is missing or empty."""
    text = element.findtext(tag)
    return text.strip() or None if text is not None else None
