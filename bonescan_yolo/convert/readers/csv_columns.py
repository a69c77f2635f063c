"""Which column of a CSV table means what, whatever it is called and whatever the order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["corners", "corner and size", "centre and size"]

IMAGE: Final = (
    "path",
    "image",
    "filename",
    "imagename",
    "imagepath",
    "filepath",
    "file",
    "imageid",
    "img",
    "imagefile",
)
CLASS: Final = ("class", "label", "classname", "labelname", "name", "category", "categoryname", "type", "classid")
FRAME: Final = ("frame", "frameindex")
IMAGE_WIDTH: Final = ("imagewidth", "imgwidth", "imwidth", "widthimage", "originalwidth")
IMAGE_HEIGHT: Final = ("imageheight", "imgheight", "imheight", "heightimage", "originalheight")

LEFT: Final = ("x1", "xmin", "left", "minx", "xtl", "x0", "bboxx1", "bboxxmin", "boxx1")
UPPER: Final = ("y1", "ymin", "top", "upper", "miny", "ytl", "y0", "bboxy1", "bboxymin", "boxy1")
RIGHT: Final = ("x2", "xmax", "right", "maxx", "xbr", "bboxx2", "bboxxmax", "boxx2")
LOWER: Final = ("y2", "ymax", "bottom", "lower", "maxy", "ybr", "bboxy2", "bboxymax", "boxy2")
CORNER_X: Final = ("x", "bboxx", "boxx", "bboxleft", *LEFT)
CORNER_Y: Final = ("y", "bboxy", "boxy", "bboxtop", *UPPER)
CENTRE_X: Final = ("cx", "xcenter", "xcentre", "centerx", "centrex", "xc")
CENTRE_Y: Final = ("cy", "ycenter", "ycentre", "centery", "centrey", "yc")
WIDTH: Final = ("width", "w", "bboxwidth", "bboxw", "boxwidth", "boxw")
HEIGHT: Final = ("height", "h", "bboxheight", "bboxh", "boxheight", "boxh")

FORMS: Final[tuple[tuple[Form, tuple[tuple[str, ...], ...]], ...]] = (
    ("corners", (LEFT, UPPER, RIGHT, LOWER)),
    ("centre and size", (CENTRE_X, CENTRE_Y, WIDTH, HEIGHT)),
    ("corner and size", (CORNER_X, CORNER_Y, WIDTH, HEIGHT)),
)
"""Ways to give a box, tried in this order: beside corners, `width` and `height` are the image's."""

UNIT: Final = re.compile(r"(?:_px|_pixels?|\s*\[px\]|\s*\(px\))$")

WITHOUT_HEADER: Final = 6
"""Columns of a table without a header, as keras-retinanet has it: path, x1, y1, x2, y2, class."""


@dataclass(frozen=True)
class Columns:
    """Positions of the columns that are read, from 0.

    Attributes:
        image: Name or path of the image.
        label: Class of the object.
        form: What the four numbers of a box are.
        box: Those four.
        frame: Index of the scan in its file, or None.
        size: Width and height of the image in pixels, or None.
        in_pixels: Whether the names of the box's columns say that it is in pixels (`x1_px`).
    """

    image: int
    label: int
    form: Form
    box: tuple[int, ...]
    frame: int | None = None
    size: tuple[int, int] | None = None
    in_pixels: bool = False


HEADERLESS: Final = Columns(image=0, label=5, form="corners", box=(1, 2, 3, 4))


def find_columns(header: Sequence[str]) -> Columns | None:
    """Return the columns of a header; None if it has no image, class or box.

    Examples:
        >>> from bonescan_yolo.convert.readers.csv_columns import find_columns
        >>> find_columns(["class", "x1_px", "y1_px", "x2_px", "y2_px", "path"]).box
        (1, 2, 3, 4)
        >>> columns = find_columns(["filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"])
        >>> columns.form, columns.size
        ('corners', (1, 2))
    """
    positions: dict[str, int] = {}
    for index, name in enumerate(header):
        positions.setdefault(_plain(name), index)
    image, label = _first(positions, IMAGE), _first(positions, CLASS)
    for form, keys in FORMS:
        box = tuple(_first(positions, synonyms) for synonyms in keys)
        if image is None or label is None or None in box:
            continue
        width, height = _first(positions, IMAGE_WIDTH), _first(positions, IMAGE_HEIGHT)
        if form == "corners" and (width is None or height is None):
            width, height = positions.get("width"), positions.get("height")
        size = None if width is None or height is None else (width, height)
        four = tuple(i for i in box if i is not None)
        in_pixels = all(UNIT.search(header[i].strip().lower()) for i in four)
        return Columns(image, label, form, four, _first(positions, FRAME), size, in_pixels)
    return None


def _first(positions: dict[str, int], synonyms: Sequence[str]) -> int | None:
    return next((positions[name] for name in synonyms if name in positions), None)


def _plain(name: str) -> str:
    """Return a column's name in lower case, without unit, spaces, underscores, dots and dashes."""
    return re.sub(r"[\s_.\-]+", "", UNIT.sub("", name.strip().lower()))
