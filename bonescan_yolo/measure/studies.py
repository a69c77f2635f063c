"""Both views of a patient together: number and area of hot spots, a planar burden index, and the CSV table of studies.

`scan.identity.pairing` says which views are of one study.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.files import Row, csv_text
from bonescan_yolo.measure.hot_spots import ScanMeasures
from bonescan_yolo.measure.region_sums import RegionSum, sums_by_region
from bonescan_yolo.scan.identity.names import View
from bonescan_yolo.scan.identity.pairing import patients_of_views, studies_of

COLUMNS = (
    "patient",
    "views",
    "files",
    *(f"n_{name}" for name in CLASS_NAMES),
    "n_abnormal_most_on_a_view",
    *(f"{name}_area_{unit}" for name in CLASS_NAMES for unit in ("px", "mm2")),
    "planar_burden",
)
"""Of the table of studies."""

AREA_DECIMALS = 1
SHARE_DECIMALS = 5
BETWEEN = ";"
"""Between the views and files of one study."""


@dataclass(frozen=True)
class ViewSummary:
    """What a study keeps of one measured scan.

    Attributes:
        path: its file; None for an array.
        view: None where unknown.
        n: number of hot spots, by class id.
        area_px: their summed area in pixels, by class id.
        area_mm2: the same in square millimetres; None where the pixel spacing is unknown.
        abnormal_share: part of the body's counts in abnormal hot spots; None without a body.
        frame_count: scans in its file.
        study_uid: its DICOM study; None if the file does not say.
        regions: the same by region; None if the model gives no sites.
    """

    path: Path | None
    view: View | None
    n: tuple[int, ...]
    area_px: tuple[int, ...]
    area_mm2: tuple[float, ...] | None
    abnormal_share: float | None
    frame_count: int = 1
    study_uid: str | None = None
    regions: tuple[RegionSum, ...] | None = None


@dataclass(frozen=True)
class Study:
    """The measured views of one patient on one day.

    Attributes:
        patient: as the file's name gives it.
        views: one or two; of two, the anterior first.
    """

    patient: str
    views: tuple[ViewSummary, ...]

    def n(self, class_id: int) -> int:
        """Return the number of hot spots of a class; one that both views show counts twice."""
        return sum(view.n[class_id] for view in self.views)

    def n_most(self, class_id: int) -> int:
        """Return the highest number of hot spots of a class on one view: none of them is counted twice."""
        return max(view.n[class_id] for view in self.views)

    def area_px(self, class_id: int) -> int:
        """Return the summed area of the hot spots of a class in all views, in pixels."""
        return sum(view.area_px[class_id] for view in self.views)

    def area_mm2(self, class_id: int) -> float | None:
        """Return the same in square millimetres; None where the spacing of a view is unknown."""
        areas = [view.area_mm2[class_id] for view in self.views if view.area_mm2 is not None]
        return sum(areas) if len(areas) == len(self.views) else None

    @property
    def planar_burden(self) -> float | None:
        """Part of the body's counts in abnormal hot spots, in [0, 1]: the mean of the views.

        It is the mean because the grey levels of two pictures need not have one scale. It is not the clinical Bone Scan
        Index, which weights each lesion's share of its bone by the bone's share of the skeleton. None where a scan
        shows no body.
        """
        shares = [view.abnormal_share for view in self.views if view.abnormal_share is not None]
        return sum(shares) / len(shares) if len(shares) == len(self.views) else None


def summarise(measures: ScanMeasures) -> ViewSummary:
    """Return what a study keeps of a measured scan: no pixels."""
    scan = measures.reading.scan
    by_class = [measures.of_class(class_id) for class_id in range(len(CLASS_NAMES))]
    return ViewSummary(
        path=scan.path,
        view=scan.view,
        n=tuple(len(spots) for spots in by_class),
        area_px=tuple(sum(spot.outline.area_px for spot in spots) for spots in by_class),
        area_mm2=None
        if scan.pixel_spacing_mm is None
        else tuple(sum(spot.area_mm2 or 0.0 for spot in spots) for spots in by_class),
        abnormal_share=measures.abnormal_share,
        frame_count=scan.frame_count,
        study_uid=scan.study_uid,
        regions=sums_by_region(measures),
    )


def pair_views(views: Sequence[ViewSummary]) -> list[Study]:
    """Return the studies that scans belong to, in the order of their first scans."""
    patients = patients_of_views(views)
    return [
        Study(patients[indices[0]], tuple(sorted((views[index] for index in indices), key=lambda view: str(view.view))))
        for indices in studies_of(views)
    ]


def without_names(studies: Sequence[Study], path_of: Callable[[Path], Path]) -> list[Study]:
    """Return studies without names: their patients are `patient-0001` and on, their files what `path_of` gives."""
    numbers: dict[str, int] = {}
    return [
        Study(
            f"patient-{numbers.setdefault(study.patient, len(numbers) + 1):04}",
            tuple(
                dataclasses.replace(view, path=None if view.path is None else path_of(view.path), study_uid=None)
                for view in study.views
            ),
        )
        for study in studies
    ]


def studies_csv(studies: Sequence[Study]) -> str:
    """Return studies as CSV text, one line per study; what is unknown is an empty cell.

    Numbers and areas are sums over the views, so that a hot spot on both counts twice. `planar_burden` is not the
    clinical Bone Scan Index (see `Study.planar_burden`).
    """
    return csv_text(COLUMNS, map(_row, studies)).encode("utf-8", "backslashreplace").decode("utf-8")


def views_text(study: Study) -> str:
    """Return the views of a study as tables have them."""
    return BETWEEN.join(view.view or "unknown" for view in study.views)


def _row(study: Study) -> Row:
    files = dict.fromkeys(str(view.path or "array") for view in study.views)
    classes = range(len(CLASS_NAMES))
    areas = [area for class_id in classes for area in (study.area_px(class_id), study.area_mm2(class_id))]
    return (
        study.patient,
        views_text(study),
        BETWEEN.join(files),
        *(study.n(class_id) for class_id in classes),
        study.n_most(ABNORMAL),
        *(_rounded(area, AREA_DECIMALS) for area in areas),
        _rounded(study.planar_burden, SHARE_DECIMALS),
    )


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)
