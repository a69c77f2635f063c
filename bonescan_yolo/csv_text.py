"""Tables as CSV text: one way of writing all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Row = Sequence[object]


def csv_text(columns: Row, rows: Iterable[Row]) -> str:
    """Return a table as CSV text, a line a row below the names of the columns; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
