"""Studies as one CSV table, a line a study."""

from __future__ import annotations

from collections.abc import Sequence

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.files import Row, csv_text
from bonescan_yolo.measure.studies import Study

COLUMNS = (
    "patient",
    "views",
    "files",
    *(f"n_{name}" for name in CLASS_NAMES),
    "n_abnormal_most_on_a_view",
    *(f"{name}_area_{unit}" for name in CLASS_NAMES for unit in ("px", "mm2")),
    "planar_burden",
)
AREA_DECIMALS = 1
SHARE_DECIMALS = 5
BETWEEN = ";"
"""Between the views and files of one study."""


def dump(studies: Sequence[Study]) -> str:
    """Return studies as CSV text; what is unknown is an empty cell.

    Numbers and areas are sums over the views, so that what both show counts twice. `planar_burden` is no clinical
    Bone Scan Index (see `Study.planar_burden`).
    """
    return csv_text(COLUMNS, map(_row, studies)).encode("utf-8", "backslashreplace").decode("utf-8")


def _row(study: Study) -> Row:
    files = dict.fromkeys(str(view.path or "array") for view in study.views)
    classes = range(len(CLASS_NAMES))
    areas = [area for class_id in classes for area in (study.area_px(class_id), study.area_mm2(class_id))]
    return (
        study.patient,
        BETWEEN.join(view.view or "unknown" for view in study.views),
        BETWEEN.join(files),
        *(study.n(class_id) for class_id in classes),
        study.n_most(ABNORMAL),
        *(_cell(area, AREA_DECIMALS) for area in areas),
        _cell(study.planar_burden, SHARE_DECIMALS),
    )


def _cell(value: float | None, decimals: int) -> float | None:
    """Return a number as it stands in a cell."""
    return None if value is None else round(value, decimals)
