"""Readings as one CSV table, a line a box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bonescan_yolo.csv_text import Row, csv_text

COLUMNS = (
    "path",
    "frame",
    "view",
    "class",
    "confidence",
    "x1_px",
    "y1_px",
    "x2_px",
    "y2_px",
    "width_mm",
    "height_mm",
)


def dump(descriptions: Sequence[dict[str, Any]]) -> str:
    """Return described readings (`json_file.describe`) as CSV text; a scan without boxes has no line.

    Unknown millimetres are empty cells.
    """
    return csv_text(COLUMNS, (row for description in descriptions for row in _rows(description)))


def _rows(description: dict[str, Any]) -> Iterator[Row]:
    scan = description["scan"]
    for detection in description["detections"]:
        yield (
            scan["path"],
            scan["frame"],
            scan["view"],
            detection["class"],
            detection["confidence"],
            *detection["box_xyxy"],
            *(detection["size_mm"] or (None, None)),
        )
