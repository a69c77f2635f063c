"""Readings as one CSV table, one line per box."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.files import Row, csv_text
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.output.growing_file import GrowingFile
from bonescan_yolo.predict.formats.reading_json import describe_detections, path_text

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
    "site_region",
    "site_number",
    "site_share",
    "site",
)

SITE_KEYS = ("region", "number", "share", "text")
"""Of a site, in the order of the last columns."""

CSV_NAME = "detections.csv"


class CsvTable:
    """Writes `detections.csv`."""

    def __init__(self, out: Path) -> None:
        """Write into the folder `out`."""
        self._rows: list[Row] = []
        self._file = GrowingFile(out / CSV_NAME, lambda: dump(self._rows))

    def add(self, reading: Reading, stem: str) -> None:  # noqa: ARG002 - the table names the scan itself
        """Add the rows of one reading."""
        self._rows += rows_of(reading)
        self._file.grow()

    def close(self) -> None:
        """Write the last rows, if there were readings."""
        self._file.finish()


def rows_of(reading: Reading) -> list[Row]:
    """Return the rows of a reading, best box first; none if it has no boxes.

    Unknown millimetres are empty cells, and so is the site of a box over no bone or of a model without sites.
    """
    scan = reading.scan
    return [
        (
            path_text(scan.path),
            scan.frame,
            scan.view,
            detection["class"],
            detection["confidence"],
            *detection["box_xyxy"],
            *(detection["size_mm"] or (None, None)),
            *(None if detection["site"] is None else detection["site"][key] for key in SITE_KEYS),
        )
        for detection in describe_detections(reading)
    ]


def dump(rows: Sequence[Row]) -> str:
    """Return the lines of all readings as CSV text below the names of the columns."""
    return csv_text(COLUMNS, rows)
