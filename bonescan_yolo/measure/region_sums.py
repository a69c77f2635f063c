"""Number and area of the hot spots of each region on one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.measure.hot_spots import HotSpot, ScanMeasures
from bonescan_yolo.regions.region_names import REGIONS

IN_ORDER: Final = (*REGIONS, None)
"""Regions from the head down, then None: over no bone."""


@dataclass(frozen=True)
class RegionSum:
    """The hot spots of a region on one scan.

    Attributes:
        region: of REGIONS; None for those over no bone.
        n: number of hot spots, by class id.
        area_px: their summed area in pixels, by class id.
        area_mm2: the same in square millimetres; None where the pixel spacing is unknown.
    """

    region: str | None
    n: tuple[int, ...]
    area_px: tuple[int, ...]
    area_mm2: tuple[float, ...] | None


def sums_by_region(measures: ScanMeasures) -> tuple[RegionSum, ...] | None:
    """Return the sums of each region that has hot spots, from the head down; None if the model gives no sites."""
    sites = measures.reading.sites
    if sites is None:
        return None
    of_region: dict[str | None, list[HotSpot]] = {}
    for spot, site in zip(measures.hot_spots, sites, strict=True):
        of_region.setdefault(None if site is None else site.bone.region, []).append(spot)
    has_mm2 = measures.reading.scan.pixel_spacing_mm is not None
    return tuple(_sum(region, of_region[region], has_mm2) for region in IN_ORDER if region in of_region)


def _sum(region: str | None, spots: Sequence[HotSpot], has_mm2: bool) -> RegionSum:
    by_class = [[spot for spot in spots if spot.class_id == class_id] for class_id in range(len(CLASS_NAMES))]
    return RegionSum(
        region=region,
        n=tuple(len(own) for own in by_class),
        area_px=tuple(sum(spot.outline.area_px for spot in own) for own in by_class),
        area_mm2=tuple(sum(spot.area_mm2 or 0.0 for spot in own) for own in by_class) if has_mm2 else None,
    )
