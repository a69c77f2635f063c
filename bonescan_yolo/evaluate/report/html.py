"""An evaluation as one page that needs nothing else: `report.html`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import Figure
from bonescan_yolo.evaluate.evaluation import Evaluation
from bonescan_yolo.evaluate.figures.calibration import LEAST_CONFIDENCE
from bonescan_yolo.evaluate.figures.pixel_iou import PUBLISHED
from bonescan_yolo.evaluate.report import charts, tables
from bonescan_yolo.evaluate.report.pictures import WORST, worst_pictures
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.predict.drawing import CLASS_COLOURS
from bonescan_yolo.scan.names import VIEWS

TEMPLATE = "report.html.j2"


@dataclass(frozen=True)
class Cell:
    """A figure in words.

    Attributes:
        value: the number, a dash where there is none.
        interval: its interval, or empty.
        note: why something is missing, or empty.
        clear: whether it is a difference whose interval leaves out 0.
    """

    value: str
    interval: str
    note: str
    clear: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a table in words: its label, its cells from left to right, and whether a new group starts."""

    label: str
    cells: tuple[Cell, ...]
    starts: bool


@dataclass(frozen=True)
class ShownTable:
    """A table in words.

    Attributes:
        title: above it.
        groups: heads over each group of cells: the table's own columns.
        heads: over each cell: the models, and the difference; empty where there is one model.
        rows: below each other.
        notes: reasons why cells are empty, each once.
    """

    title: str
    groups: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def render(evaluation: Evaluation) -> str:
    """Return the report as HTML text."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(
        files("bonescan_yolo.evaluate.report").joinpath(TEMPLATE).read_text(encoding="utf-8")
    )
    difference = evaluation.difference()

    def table(of: tables.Table) -> ShownTable:
        return show_table(of, evaluation, difference)

    pool = evaluation.models[0].measured.pool
    return template.render(
        evaluation=evaluation,
        pool=pool,
        views={view: sum(record.view == view for record in pool.records) for view in VIEWS},
        true_boxes={name: int((pool.truth.classes == index).sum()) for index, name in enumerate(CLASS_NAMES)},
        diseased=int((pool.count_true(0) > 0).sum()),
        notice=NOTICE,
        colours=dict(zip(CLASS_NAMES, CLASS_COLOURS, strict=True)),
        model_colours=charts.COLOURS,
        headline=table(tables.HEADLINE),
        detection=[table(each) for each in tables.DETECTION],
        froc=table(tables.FROC),
        hits=table(tables.HITS),
        levels=table(tables.LEVELS),
        numbers=table(tables.NUMBERS),
        calibration=table(tables.CALIBRATION),
        errors=[table(each) for each in tables.ERRORS],
        pixel_iou=table(tables.PIXEL_IOU)
        if tables.PIXEL_IOU.lines[0].keys[0] in evaluation.models[0].figures
        else None,
        published=PUBLISHED,
        froc_chart=charts.froc_chart(evaluation),
        roc_chart=charts.roc_chart(evaluation),
        reliability_chart=charts.reliability_chart(evaluation),
        number_chart=charts.number_chart(evaluation),
        pictures=[(model, worst_pictures(model.measured)) for model in evaluation.models],
        most_pictures=WORST,
        least_confidence=LEAST_CONFIDENCE,
        number=tables.number_text,
    )


def show_table(table: tables.Table, evaluation: Evaluation, difference: Mapping[str, Figure] | None) -> ShownTable:
    """Return a table in words: beside each model's figure that of the next, then their difference."""
    rows = []
    notes: dict[str, None] = {}
    for line in table.lines:
        cells = []
        for key in line.keys:
            figures = [model.figures[key] for model in evaluation.models]
            cells += [show_figure(figure, table.decimals) for figure in figures]
            if difference is not None:
                cells.append(show_difference(difference[key], table.decimals))
        rows.append(Row(line.label, tuple(cells), line.starts))
        notes |= dict.fromkeys(f"{line.label}: {cell.note}" for cell in cells if cell.note and cell.value == "-")
        notes |= dict.fromkeys(cell.note for cell in cells if cell.note and cell.value != "-")
    heads = () if difference is None else (*(model.name for model in evaluation.models), "difference")
    return ShownTable(table.title, table.columns, heads, tuple(rows), tuple(notes))


def show_figure(figure: Figure, decimals: int) -> Cell:
    """Return a figure in words."""
    write = tables.number_text(decimals)
    interval = "" if figure.low is None else f"{write(figure.low)} to {write(figure.high)}"
    return Cell(write(figure.value), interval, figure.missing)


def show_difference(figure: Figure, decimals: int) -> Cell:
    """Return a difference in words, with its sign."""
    cell = show_figure(figure, decimals)
    value, low, high = (0.0 if end is None else round(end, decimals) for end in (figure.value, figure.low, figure.high))
    sign = "+" if value > 0 else ""
    return Cell(f"{sign}{cell.value}", cell.interval, cell.note, clear=not low <= 0 <= high)
