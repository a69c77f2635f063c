"""Tables as CSV text: one way of writing all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from bonescan_yolo.errors import one_line

Row = Sequence[object]


def csv_text(columns: Row, rows: Iterable[Row]) -> str:
    """Return a table as CSV text, one line per row below the names of the columns; None is an empty cell.

    Control characters in a text are written as escapes, so that a row stays one line.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([one_line(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()
