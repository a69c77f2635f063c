"""Reading YOLO label files: one text file per image, one line per object, in fractions of the image's size.

    class cx cy width height                the box's centre and size
    class cx cy width height confidence     the same, as `predict` and Ultralytics write what a model found
    class x y x y x y ...                   a polygon, of at least three points

The class is a number, which the set names in its data.yaml, dataset.yaml, classes.txt or obj.names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import MAX_SHOWN, as_number
from bonescan_yolo.convert.readers.encodings import decode_text
from bonescan_yolo.convert.readers.shape_bounds import bounds_of, pairs
from bonescan_yolo.convert.readers.shape_collector import ShapeCollector, with_fault
from bonescan_yolo.convert.readers.yolo_classes import ClassLists
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import XYXY, Kind
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.scan.pictures.raster import SUFFIXES
from bonescan_yolo.scan.read import DICOM_SUFFIXES

if TYPE_CHECKING:
    from bonescan_yolo.convert.annotation_formats import ParseOptions  # which imports the readers

LABELS, IMAGES = "labels", "images"
"""Folders that Ultralytics exchanges to find a label file."""

BOX_COLUMNS: Final = (5, 6)
MIN_POLYGON_COLUMNS: Final = 7

MOST_FRACTION: Final = 1.5
"""Fractions above it are pixels by mistake. Boxes that reach a little outside the image are clipped later."""


def read_yolo(source: Source, options: ParseOptions) -> Iterator[AnnotatedImage]:  # noqa: ARG001 - as all formats
    """Yield what each label file in a source says; other text files are passed over.

    Raises:
        DatasetError: there is no label file.
    """
    classes = ClassLists(source)
    images = _ImagePaths(source.files)
    count = 0
    for path in source.files:
        if not path.lower().endswith(".txt") or classes.is_list(path):
            continue
        image = images.image_of(path)
        found = _read_file(source, path, classes.names_for(path), image)
        if found is not None:
            count += 1
            yield found
    if not count:
        raise DatasetError(f"{source.name}: holds no YOLO label files; give the folder with images and labels")


def parse_yolo(data: bytes, path: str, names: Sequence[str] | None, image: str | None = None) -> AnnotatedImage | None:
    """Parse one file.

    Args:
        data: The file's bytes.
        path: Its path inside the source.
        names: Of the classes, by number; None leaves the numbers as names.
        image: The image it is named like, None if there is none.

    Returns:
        Its boxes in fractions of the image; None if it is named like no image and is some other text.
    """
    lines = [line.split() for line in decode_text(data).splitlines() if line.strip()]
    if image is None and not _looks_like_labels(path, lines):
        return None
    found = ShapeCollector(path, "line")
    for columns in lines:
        _collect(columns, names, found)
    return AnnotatedImage(
        annotation=path,
        image=image,
        stem_names_image=True,
        objects=tuple(found.objects),
        normalised=True,
        problems=tuple(found.problems),
    )


class _ImagePaths:
    """Finds the image that a label file is named like: beside it, or with `images` for `labels` in its path."""

    def __init__(self, files: Sequence[str]) -> None:
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for file in files:
            if file.lower().endswith((*SUFFIXES, *DICOM_SUFFIXES)):
                self._by_stem[PurePosixPath(file).with_suffix("").as_posix()].append(file)

    def image_of(self, label: str) -> str | None:
        beside = PurePosixPath(label).with_suffix("")
        parts = list(beside.parts)
        candidates = [beside.as_posix()]
        if LABELS in parts[:-1]:
            parts[len(parts) - 1 - parts[::-1].index(LABELS)] = IMAGES
            candidates.append(PurePosixPath(*parts).as_posix())
        return next((self._by_stem[stem][0] for stem in candidates if self._by_stem.get(stem)), None)


def _read_file(source: Source, path: str, names: Sequence[str] | None, image: str | None) -> AnnotatedImage | None:
    try:
        return parse_yolo(source.read(path), path, names, image)
    except UnreadableError as error:
        return with_fault(AnnotatedImage(path, image, stem_names_image=True), error)


def _looks_like_labels(path: str, lines: Sequence[Sequence[str]]) -> bool:
    """Return whether a text file without an image is a label file: by its folder, or by its first line."""
    if not lines:
        return LABELS in PurePosixPath(path).parts[:-1]
    return len(lines[0]) >= BOX_COLUMNS[0] and all(as_number(column) is not None for column in lines[0])


def _collect(columns: Sequence[str], names: Sequence[str] | None, found: ShapeCollector) -> None:
    numbers = [number for column in columns if (number := as_number(column)) is not None]
    if len(numbers) < len(columns):
        found.leave(f"has {next(c for c in columns if as_number(c) is None)[:MAX_SHOWN]!r}, which is not a number")
        return
    class_id, values = numbers[0], numbers[1:]
    if class_id < 0 or class_id != class_id // 1:
        found.leave(f"has the class {columns[0][:MAX_SHOWN]!r}, not a whole number")
    elif len(numbers) not in BOX_COLUMNS and (len(numbers) < MIN_POLYGON_COLUMNS or len(values) % 2):
        found.leave(f"has {len(columns)} columns instead of `class cx cy width height`")
    elif any(abs(value) > MOST_FRACTION for value in values):
        largest = max(values, key=abs)
        found.leave(
            f"has {largest:g}, which is not a fraction of the image's size (pixels by mistake?)", Kind.BOX_OUTSIDE
        )
    else:
        number = int(class_id)
        name = names[number] if names is not None and number < len(names) else str(number)
        box, form = _bounds(values)
        found.keep(name, box, form)


def _bounds(values: Sequence[float]) -> tuple[XYXY, str | None]:
    """Return the box of a line's numbers after the class, and what they are if not a box."""
    if len(values) >= MIN_POLYGON_COLUMNS - 1:
        return bounds_of(pairs(values)), "a polygon"
    x, y, width, height = values[:4]
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2), None
