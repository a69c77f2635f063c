"""Readings as one CSV table, a line a box."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

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
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for description in descriptions:
        scan = description["scan"]
        for detection in description["detections"]:
            writer.writerow(
                [
                    scan["path"],
                    scan["frame"],
                    scan["view"],
                    detection["class"],
                    detection["confidence"],
                    *detection["box_xyxy"],
                    *(detection["size_mm"] or (None, None)),
                ]
            )
    return text.getvalue()
