"""Reading a COCO detection file: images, annotations, categories.

A box is x, y, width, height of pixel edges counted from 0 (https://cocodataset.org/#format-data). Tools write ids as
numbers or as texts; they are compared as texts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.naming import suffix
from bonescan_yolo.convert.readers.annotation_text import UnparsableError, as_number, as_size, load_json
from bonescan_yolo.convert.readers.segmentation import bounds_of_segmentation
from bonescan_yolo.convert.readers.shape_bounds import turned_bounds
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import XYXY, Annotation, Kind, Problem
from bonescan_yolo.errors import DatasetError

SECTIONS: Final = ("images", "annotations", "categories")


def parse_coco(source: Source) -> list[AnnotatedImage]:
    """Read the only JSON file of a source.

    Raises:
        DatasetError: there are none or several, or the file is not COCO.
    """
    files = [file for file in source.files if suffix(file) == ".json"]
    if len(files) != 1:
        raise DatasetError(f"{source.name}: holds {len(files)} JSON files; give the COCO file itself and --images DIR")
    try:
        return read_coco(source.read(files[0]), files[0])
    except UnreadableError as error:
        raise DatasetError(f"{files[0]}: {error}; check the file") from error


def read_coco(data: bytes, name: str) -> list[AnnotatedImage]:
    """Return what a COCO file says of each image, and of objects that belong to none.

    Args:
        data: The file's bytes.
        name: Its path inside the source.

    Raises:
        DatasetError: the file is not COCO.
    """
    images, annotations, categories = _parse(data, name)
    names = {
        key: entry["name"]
        for entry in categories
        if isinstance(entry, dict) and (key := _key(entry.get("id"))) and isinstance(entry.get("name"), str)
    }
    return list(_CocoFile(name, names).images(images, annotations))


class _CocoFile:
    """One file: its name for messages, and the names of its categories by id."""

    def __init__(self, name: str, class_names: dict[str, str]) -> None:
        self._name = name
        self._class_names = class_names

    def images(self, images: list[Any], annotations: list[Any]) -> Iterator[AnnotatedImage]:
        """Yield each image with its objects and, last, the objects without one."""
        objects: defaultdict[str | None, list[Annotation]] = defaultdict(list)
        problems: defaultdict[str | None, list[Problem]] = defaultdict(list)
        records = self._records(images, problems)
        by_name = {record.get("file_name"): image_id for image_id, record in records.items()}
        for number, entry in enumerate(annotations):
            image_id = _key(entry.get("image_id")) if isinstance(entry, dict) else None
            image_id = image_id if image_id in records else by_name.get(image_id)
            if image_id not in records:
                problems[None].append(self._lost(Kind.ORPHAN_ANNOTATION, f"annotation {number} belongs to no image"))
                continue
            parsed = self._annotation(entry, number, problems[image_id])
            if parsed is not None:
                objects[image_id].append(parsed)
        for image_id, record in records.items():
            yield AnnotatedImage(
                annotation=self._name,
                image=record.get("file_name"),
                size=as_size(record.get("width"), record.get("height")),
                objects=tuple(objects[image_id]),
                problems=tuple(problems[image_id]),
            )
        if problems[None]:
            yield AnnotatedImage(self._name, problems=tuple(problems[None]))

    def _records(
        self, images: list[Any], problems: defaultdict[str | None, list[Problem]]
    ) -> dict[str | None, dict[str, Any]]:
        """Return the images by id; an id of several images loses its name, so that its objects belong to none."""
        records: dict[str | None, dict[str, Any]] = {}
        for number, entry in enumerate(images):
            image_id = _key(entry.get("id")) if isinstance(entry, dict) else None
            if image_id is None:
                problems[None].append(Problem(self._name, Kind.MISSING_TAG, f"image {number} has no id; left out"))
            elif not isinstance(entry.get("file_name"), str) or not entry["file_name"]:
                reason = f"image {image_id} has no file_name; left out"
                problems[None].append(Problem(self._name, Kind.MISSING_TAG, reason))
            elif image_id not in records:
                records[image_id] = entry
            elif records[image_id].get("file_name") != entry["file_name"]:
                names = f"{records[image_id].get('file_name') or 'others'} and {entry['file_name']}"
                reason = f"image id {image_id} is that of {names}; both are left out with the objects of this id"
                problems[None].append(Problem(self._name, Kind.DUPLICATE_FILE, reason))
                records[image_id] = {}
        return records

    def _annotation(self, entry: dict[str, Any], number: int, problems: list[Problem]) -> Annotation | None:
        """Return the object, or None after reporting why it is left out."""
        box = _box(entry.get("bbox"))
        rotation = _rotation(entry)
        if box is None or rotation:
            outline = bounds_of_segmentation(entry.get("segmentation"))
            if outline is None and box is not None:
                x1, y1, x2, y2 = box
                outline = turned_bounds(box, rotation, pivot=((x1 + x2) / 2, (y1 + y2) / 2))
            if outline is None:
                problems.append(self._lost(Kind.MISSING_TAG, f"annotation {number} has no bbox of four numbers"))
                return None
            reason = f"annotation {number} is an outline or rotated; the box around it is taken"
            problems.append(Problem(self._name, Kind.BOX_FROM_OUTLINE, reason))
            box = outline
        if _key(entry.get("iscrowd")) in {"1", "True", "true"}:
            reason = f"annotation {number} is marked as a crowd; its box is taken as one object"
            problems.append(Problem(self._name, Kind.BOX_CROWD, reason))
        return Annotation(self._class_name(entry.get("category_id")), box)

    def _class_name(self, category: object) -> str:
        """Return the name of a category: of its id, or the name itself if a tool wrote that in place of an id."""
        known = self._class_names.get(_key(category) or "")
        is_name = isinstance(category, str) and category.strip() and not category.strip().isdecimal()
        return known if known is not None else str(category) if is_name else f"category {category}"

    def _lost(self, kind: Kind, what: str) -> Problem:
        return Problem(self._name, kind, f"{what}; left out", 1)


def _parse(data: bytes, name: str) -> tuple[list[Any], list[Any], list[Any]]:
    try:
        content = load_json(data)
    except UnparsableError as error:
        raise DatasetError(f"{name}: {error}; check the file") from error
    sections = [content.get(section) if isinstance(content, dict) else None for section in SECTIONS]
    for section, value in zip(SECTIONS, sections, strict=True):
        if not isinstance(value, list):
            raise DatasetError(f"{name}: has no list `{section}`, so it is not a COCO detection file")
    images, annotations, categories = (value for value in sections if isinstance(value, list))
    if images and not any(isinstance(entry, dict) and _key(entry.get("id")) for entry in images):
        raise DatasetError(f"{name}: none of its images has an id, so its objects belong to no image; export it again")
    return images, annotations, categories


def _key(value: object) -> str | None:
    """Return an id as text, the same for 0, 0.0 and "0"; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if isinstance(value, int | float | str) else None


def _box(value: object) -> XYXY | None:
    """Return the corners of a box given as x, y, width, height, or None for anything but four numbers."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    numbers = [number for item in value if (number := as_number(item)) is not None]
    if len(numbers) != len(value):
        return None
    x, y, width, height = numbers
    return (x, y, x + width, y + height)


def _rotation(entry: dict[str, Any]) -> float:
    """Return the degrees by which CVAT says that a box is rotated about its centre."""
    attributes = entry.get("attributes")
    rotation = as_number(attributes.get("rotation")) if isinstance(attributes, dict) else None
    return rotation % 360 if rotation is not None and math.isfinite(rotation) else 0.0
