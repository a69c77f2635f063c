"""An evaluation as one HTML page that needs no other file: `report.html`."""

from __future__ import annotations

from importlib.resources import files

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.evaluation import Evaluation
from bonescan_yolo.evaluate.figures.calibration import LEAST_CONFIDENCE
from bonescan_yolo.evaluate.figures.pixel_iou import PUBLISHED
from bonescan_yolo.evaluate.report import charts, tables
from bonescan_yolo.evaluate.report.pictures import WORST, worst_pictures
from bonescan_yolo.evaluate.report.shown_tables import ShownTable, show_table
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.predict.colours import CLASS_COLOURS
from bonescan_yolo.scan.identity.names import VIEWS

TEMPLATE = "report.html.j2"


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
        views={view: sum(scan.view == view for scan in pool.scans) for view in VIEWS},
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
