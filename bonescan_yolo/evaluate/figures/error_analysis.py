"""Errors as boxes are shown, by site in the body, size, contrast and view.

A true box is missed if no shown detection hits it; a shown detection is invented if it hits no true box. Sites come
from the map of bones of the model that is measured, of true boxes too; they are counted by groups of regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.average_precision import SIZES
from bonescan_yolo.evaluate.matching.pool import CLASSES, BoxTable, PooledScans
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.regions.region_groups import GROUPS, group_of
from bonescan_yolo.regions.region_names import REGIONS
from bonescan_yolo.scan.identity.names import VIEWS

LIMITS = {
    "size": {name: (size.low, size.high) for name, size in SIZES.items() if name != "all"},
    "contrast": {"faint": (0.0, 1.5), "clear": (1.5, 2.5), "strong": (2.5, np.inf)},
}
"""Size is the square root of a box's area in pixels, contrast the mean of a box over that of its surroundings. A part
is from the first number on and below the second."""


OVER_NO_BONE: Final = "no bone"
SITES: Final = (*GROUPS, OVER_NO_BONE)
"""Parts by site."""

SITE_OF_REGION: Final = np.array([*(SITES.index(group_of(region)) for region in REGIONS), SITES.index(OVER_NO_BONE)])
"""For each of REGIONS its part; last, where the index NO_BONE leads, that of boxes over no bone."""

NO_SITES: Final = "the model gives no sites"


@dataclass(frozen=True)
class ErrorCount:
    """Number of errors of one class in one part.

    Attributes:
        class_name: of the true box that is missed, or of the detection that is invented.
        by: `site`, `size`, `contrast` or `view`.
        part: its name, such as `pelvis`, `small`, `faint` or `anterior`.
        true_boxes: number in the truth.
        missed: how many of those are missed.
        missed_as_other: how many of the missed have a shown detection of the other class.
        invented: number of shown detections that hit no true box.
        invented_on_other: how many of those are on a true box of the other class.
    """

    class_name: str
    by: str
    part: str
    true_boxes: int
    missed: int
    missed_as_other: int
    invented: int
    invented_on_other: int


def count_errors(pool: PooledScans, thresholds: Thresholds) -> tuple[ErrorCount, ...]:
    """Return the errors of each class in each part; `thresholds` say which detections are shown.

    There is no part by site if the model gives no sites.
    """
    missed, invented = errors_of(pool, thresholds)
    counts = []
    for class_id, name in CLASSES:
        for by, part, in_truth, in_found in _parts(pool):
            true = in_truth & (pool.truth.classes == class_id)
            false = in_found & invented & (pool.detections.classes == class_id)
            counts.append(
                ErrorCount(
                    class_name=name,
                    by=by,
                    part=part,
                    true_boxes=int(true.sum()),
                    missed=int((true & missed).sum()),
                    missed_as_other=int((true & missed & pool.shown_as_other(thresholds)).sum()),
                    invented=int(false.sum()),
                    invented_on_other=int((false & pool.hits_other_class).sum()),
                )
            )
    return tuple(counts)


def error_figures(pool: PooledScans, weights: Weights, thresholds: Thresholds) -> dict[str, Sampled]:
    """Return the share of true boxes found and the invented boxes per scan, by class and part.

    Those by site are not defined if the model gives no sites.
    """
    missed, invented = errors_of(pool, thresholds)
    scans = totals(weights, pool.patients)
    figures = {} if _gives_sites(pool) else _unknown_sites(len(weights))
    for class_id, name in CLASSES:
        for by, part, in_truth, in_found in _parts(pool):
            true = in_truth & (pool.truth.classes == class_id)
            false = in_found & invented & (pool.detections.classes == class_id)
            n_true, n_found = (totals(weights, pool.truth.patients[these]) for these in (true, true & ~missed))
            found = Sampled(divide(n_found, n_true), f"no such {name} box in the truth")
            figures[f"errors/sensitivity/{name}/{by}/{part_key(part)}"] = found
            per_scan = divide(totals(weights, pool.detections.patients[false]), scans)
            figures[f"errors/false_per_scan/{name}/{by}/{part_key(part)}"] = Sampled(per_scan, "no scans")
    return figures


def errors_of(pool: PooledScans, thresholds: Thresholds) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which true boxes are missed and which detections invented at thresholds, (T,) and (D,) bool."""
    return ~pool.hit(thresholds), ~pool.is_hit & pool.shown(thresholds)


def worst_first(pool: PooledScans, thresholds: Thresholds) -> NDArray[np.int64]:
    """Return the indices of the scans, most errors first, and most misses first among equals, (scans,) int64."""
    missed, invented = errors_of(pool, thresholds)
    misses = np.bincount(pool.truth.scans[missed], minlength=len(pool.scans))
    inventions = np.bincount(pool.detections.scans[invented], minlength=len(pool.scans))
    return np.lexsort((-misses, -(misses + inventions)))


def part_key(part: str) -> str:
    """Return a part's name as it is in the keys of figures."""
    return part.replace(" ", "_")


def part_of(by: str, values: NDArray[np.float64]) -> list[str]:
    """Return the name of the part that each value is in, by `size` (sides in pixels) or `contrast`."""
    limits = LIMITS[by]
    ends = [high for _, high in limits.values()]
    return [list(limits)[index] for index in np.searchsorted(ends, values, side="right")]


def sites_of(table: BoxTable) -> list[str]:
    """Return the part by site that each box is in; empty texts if the model gives no sites."""
    if table.regions is None:
        return [""] * len(table.scans)
    return [SITES[site] for site in SITE_OF_REGION[table.regions]]


def _gives_sites(pool: PooledScans) -> bool:
    return pool.truth.regions is not None and pool.detections.regions is not None


def _unknown_sites(rows: int) -> dict[str, Sampled]:
    """Return the figures by site of a model without sites; each is NaN in this number of rows."""
    unknown = Sampled(np.full(rows, np.nan), NO_SITES)
    keys = [f"{name}/site/{part_key(site)}" for _, name in CLASSES for site in SITES]
    return {f"errors/{figure}/{key}": unknown for key in keys for figure in ("sensitivity", "false_per_scan")}


def _parts(pool: PooledScans) -> Iterator[tuple[str, str, NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield each part: by what, its name, and which true boxes, (T,) bool, and detections, (D,) bool, are in it."""
    if _gives_sites(pool):
        true, found = (np.array(sites_of(table), str) for table in (pool.truth, pool.detections))
        for site in SITES:
            yield "site", site, true == site, found == site
    for by, limits in LIMITS.items():
        true, found = (np.array(part_of(by, _measure(by, table)), str) for table in (pool.truth, pool.detections))
        for part in limits:
            yield by, part, true == part, found == part
    views = np.array([record.view or "" for record in pool.scans], str)
    for view in VIEWS:
        yield "view", view, views[pool.truth.scans] == view, views[pool.detections.scans] == view


def _measure(by: str, table: BoxTable) -> NDArray[np.float64]:
    return table.sides if by == "size" else table.contrasts
