"""Tables of an evaluation as text, for the report and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bonescan_yolo.evaluate.bootstrap import Figure
from bonescan_yolo.evaluate.evaluation import Evaluation
from bonescan_yolo.evaluate.report.tables import HEADLINE, Table, number_text

COLUMN_WIDTH = 24
"""Characters of a column on the terminal."""


@dataclass(frozen=True)
class Cell:
    """A figure as text.

    Attributes:
        value: the number, or a dash if the figure is not defined.
        interval: such as `0.10 to 0.30`; empty without one.
        note: why something is missing; empty if nothing is.
        clear: whether it is a difference whose interval does not contain 0.
    """

    value: str
    interval: str
    note: str
    clear: bool = False


@dataclass(frozen=True)
class ShownRow:
    """A line of a table as text.

    Attributes:
        label: at its left.
        cells: from left to right.
        starts: whether a new group of lines starts with it.
    """

    label: str
    cells: tuple[Cell, ...]
    starts: bool


@dataclass(frozen=True)
class ShownTable:
    """A table as text.

    Attributes:
        title: above it.
        groups: heads over each group of cells: the columns of the table.
        heads: over each cell: the models and their difference; empty for one model.
        rows: below each other.
        notes: why cells are empty, each reason once.
    """

    title: str
    groups: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[ShownRow, ...]
    notes: tuple[str, ...]


def show_table(table: Table, evaluation: Evaluation, difference: Mapping[str, Figure] | None) -> ShownTable:
    """Return a table as text: in each column the figures of the models side by side, then their difference."""
    rows = []
    empty: dict[str, list[str]] = {}
    notes: dict[str, None] = {}
    for line in table.lines:
        cells = []
        for key in line.keys:
            figures = [model.figures[key] for model in evaluation.models]
            cells += [show_figure(figure, table.decimals) for figure in figures]
            if difference is not None:
                cells.append(show_difference(difference[key], table.decimals))
        rows.append(ShownRow(line.label, tuple(cells), line.starts))
        for note in dict.fromkeys(cell.note for cell in cells if cell.note and cell.value == "-"):
            empty.setdefault(note, []).append(line.label)
        notes |= dict.fromkeys(cell.note for cell in cells if cell.note and cell.value != "-")
    heads = () if difference is None else (*(model.name for model in evaluation.models), "difference")
    all_notes = (*(f"{', '.join(labels)}: {note}" for note, labels in empty.items()), *notes)
    return ShownTable(table.title, table.columns, heads, tuple(rows), all_notes)


def show_figure(figure: Figure, decimals: int) -> Cell:
    """Return a figure as text."""
    write = number_text(decimals)
    interval = "" if figure.low is None else f"{write(figure.low)} to {write(figure.high)}"
    return Cell(write(figure.value), interval, figure.missing)


def show_difference(figure: Figure, decimals: int) -> Cell:
    """Return a difference as text, with its sign."""
    cell = show_figure(figure, decimals)
    value, low, high = (0.0 if end is None else round(end, decimals) for end in (figure.value, figure.low, figure.high))
    sign = "+" if value > 0 else ""
    return Cell(f"{sign}{cell.value}", cell.interval, cell.note, clear=not low <= 0 <= high)


def format_headline(evaluation: Evaluation) -> str:
    """Return the most important figures for the terminal, a line each, with line ends."""
    table = show_table(HEADLINE, evaluation, evaluation.difference())
    width = max(len(row.label) for row in table.rows)
    lines = [f"{'':<{width}}  {'  '.join(f'{head:>{COLUMN_WIDTH}}' for head in table.heads)}"] if table.heads else []
    for row in table.rows:
        cells = [f"{cell.value} ({cell.interval})" if cell.interval else cell.value for cell in row.cells]
        lines.append(f"{row.label:<{width}}  {'  '.join(f'{cell:>{COLUMN_WIDTH}}' for cell in cells)}")
    lines += table.notes
    pool = evaluation.models[0].measured.pool
    lines.append(
        f"{len(pool.scans)} scans of {len(pool.patient_names)} patients, split {evaluation.data.split} of "
        f"{evaluation.data.path}; in brackets 95 % intervals over patients"
    )
    return "\n".join(lines) + "\n"
