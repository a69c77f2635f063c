"""Reading a CSV table with one line per object: image, class and box in pixels.

The columns are found by their names; fields are separated by commas, semicolons or tabs. With the last two a number
may have a decimal comma. A line without a box says that its image has none.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import (
    UnparsableError,
    as_number,
    as_size,
    as_text,
    shown,
)
from bonescan_yolo.convert.readers.csv_columns import HEADERLESS, WITHOUT_HEADER, Columns, find_columns
from bonescan_yolo.convert.readers.encodings import decode_text
from bonescan_yolo.convert.readers.shape_collector import ShapeCollector, with_fault
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import XYXY
from bonescan_yolo.errors import DatasetError

if TYPE_CHECKING:
    from bonescan_yolo.convert.annotation_formats import ParseOptions  # which imports the readers

SUFFIXES_OF_TABLES: Final = (".csv", ".tsv")
DELIMITERS: Final = (",", ";", "\t")


def read_csv_boxes(source: Source, options: ParseOptions) -> Iterator[AnnotatedImage]:  # noqa: ARG001 - as all formats
    """Yield what each table in a source says of its images; tables without the columns of a box are passed over.

    Raises:
        DatasetError: there is no table with an image, a class and a box.
    """
    count = 0
    tables = [path for path in source.files if path.lower().endswith(SUFFIXES_OF_TABLES)]
    for path in tables:
        for image in _read_file(source, path):
            count += 1
            yield image
    if not count:
        found = f"{source.name}/{tables[0]}: is a table without an image, a class and a box" if tables else source.name
        what = "" if tables else ": holds no CSV table"
        raise DatasetError(f"{found}{what}; give one with the columns path, class, x1, y1, x2, y2")


def parse_csv_boxes(data: bytes, path: str) -> list[AnnotatedImage] | None:
    """Parse one table.

    Args:
        data: The file's bytes.
        path: Its path inside the source.

    Returns:
        A record for each image, in the order of the lines; None if the table has no image, class or box.

    Raises:
        UnparsableError: the text is not CSV.
    """
    text = decode_text(data)
    lines = [line for line in text.splitlines() if line.strip()]
    skip = 1 if lines and lines[0].lower().startswith("sep=") else 0  # a hint to Excel
    try:
        for delimiter in DELIMITERS if len(lines) > skip else ():
            header = next(csv.reader([lines[skip]], delimiter=delimiter), [])
            columns = find_columns(header)
            if columns is not None:
                return _Table(path, columns, delimiter).read(text, skip + 1)
            if _has_no_header(header):
                return _Table(path, HEADERLESS, delimiter).read(text, skip)
    except csv.Error as error:
        raise UnparsableError(f"is not CSV ({error})") from error
    return None


@dataclass
class _Rows:
    """What the lines of one image hold so far."""

    found: ShapeCollector
    size: tuple[int, int] | None = None


@dataclass
class _Table:
    path: str
    columns: Columns
    delimiter: str
    images: dict[tuple[str | None, int | None], _Rows] = field(default_factory=dict)

    def read(self, text: str, skip: int) -> list[AnnotatedImage]:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        for number, row in enumerate(row for row in rows if any(cell.strip() for cell in row)):
            if number >= skip:
                self._add(row, rows.line_num)
        edges = [edge for rows in self.images.values() for item in rows.found.objects for edge in item.xyxy]
        # in pixels no box would be larger than one
        normalised = bool(edges) and not self.columns.in_pixels and all(abs(edge) <= 1 for edge in edges)
        return [
            AnnotatedImage(
                annotation=self.path,
                image=image,
                size=rows.size,
                frame=frame,
                objects=tuple(rows.found.objects),
                normalised=normalised,
                problems=tuple(rows.found.problems),
            )
            for (image, frame), rows in self.images.items()
        ]

    def _add(self, row: Sequence[str], number: int) -> None:
        cells = [cell.strip() for cell in row]
        image = self._cell(cells, self.columns.image) or None
        frame = as_number(self._cell(cells, self.columns.frame))
        index = int(frame) if frame is not None and 0 <= frame < 1 << 31 and frame == int(frame) else None
        rows = self.images.setdefault((image, index), _Rows(ShapeCollector(self.path, "object")))
        if self.columns.size is not None and rows.size is None:
            rows.size = as_size(*(self._number(self._cell(cells, i)) for i in self.columns.size))
        corners = [self._cell(cells, i) for i in self.columns.box]
        label = as_text(self._cell(cells, self.columns.label))
        if not any(corners):
            if label is not None and image is None:
                rows.found.leave(f"in line {number} has neither image nor box")
            return
        numbers = [self._number(corner) for corner in corners]
        if label is None:
            rows.found.leave(f"in line {number} has no class")
        elif None in numbers:
            rows.found.leave(f"in line {number} has {shown(corners[numbers.index(None)])}, which is not a number")
        else:
            rows.found.keep(label, self._box([value for value in numbers if value is not None]))

    def _box(self, numbers: Sequence[float]) -> XYXY:
        a, b, c, d = numbers
        if self.columns.form == "corners":
            return (a, b, c, d)
        if self.columns.form == "corner and size":
            return (a, b, a + c, b + d)
        return (a - c / 2, b - d / 2, a + c / 2, b + d / 2)

    def _number(self, text: str) -> float | None:
        return as_number(text if self.delimiter == "," else text.replace(",", "."))

    @staticmethod
    def _cell(cells: Sequence[str], index: int | None) -> str:
        return cells[index] if index is not None and index < len(cells) else ""


def _has_no_header(row: Sequence[str]) -> bool:
    """Return whether a first line is an object already, or an image without one."""
    if len(row) != WITHOUT_HEADER:
        return False
    corners = [row[i].strip() for i in HEADERLESS.box]
    return all(as_number(corner) is not None for corner in corners) or (bool(row[0].strip()) and not any(row[1:]))


def _read_file(source: Source, path: str) -> list[AnnotatedImage]:
    try:
        return parse_csv_boxes(source.read(path), path) or []
    except (UnreadableError, UnparsableError) as error:
        return [with_fault(AnnotatedImage(path), error)]
