"""The CSV table of regions: number and area of the hot spots of each study in each region."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.files import Row, csv_text
from bonescan_yolo.measure.region_sums import IN_ORDER, RegionSum
from bonescan_yolo.measure.studies import AREA_DECIMALS, Study, views_text

REGION_COLUMNS: Final = (
    "patient",
    "views",
    "region",
    *(f"n_{name}" for name in CLASS_NAMES),
    *(f"{name}_area_{unit}" for name in CLASS_NAMES for unit in ("px", "mm2")),
)

NO_BONE: Final = "no_bone"
"""In place of a region: urine, an injection, soft tissue."""


def regions_csv(studies: Sequence[Study]) -> str:
    """Return the table as CSV text, one line per study and region that has hot spots, from the head down.

    Numbers and areas are sums over the views, so that a hot spot on both counts twice. Studies without sites have no
    lines.
    """
    rows = (row for study in studies for row in _rows(study))
    return csv_text(REGION_COLUMNS, rows).encode("utf-8", "backslashreplace").decode("utf-8")


def _rows(study: Study) -> Iterator[Row]:
    found = [own for view in study.views for own in view.regions or ()]
    for region in IN_ORDER:
        own = [each for each in found if each.region == region]
        if own:
            yield (
                study.patient,
                views_text(study),
                NO_BONE if region is None else region,
                *(sum(each.n[class_id] for each in own) for class_id in range(len(CLASS_NAMES))),
                *(area for class_id in range(len(CLASS_NAMES)) for area in _areas(own, class_id)),
            )


def _areas(sums: Sequence[RegionSum], class_id: int) -> tuple[int, float | None]:
    """Return the area of a class in pixels, and in square millimetres if that is known in all views."""
    areas = [each.area_mm2[class_id] for each in sums if each.area_mm2 is not None]
    whole = round(sum(areas), AREA_DECIMALS) if len(areas) == len(sums) else None
    return sum(each.area_px[class_id] for each in sums), whole
