"""Figures of maps of bones: how they overlap with the true bones, and how often the site of a box is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.regions.simulated_bones import ScanWithBones
from bonescan_yolo.regions.box_sites import OF_REGION, BoxSite, sites_of_boxes
from bonescan_yolo.regions.region_names import REGIONS, NamedBone, without_side

Cover = NDArray[np.float32]
"""(bones, rows, columns) in [0, 1]."""

SEEN = 0.5
"""A pixel is taken for a region whose cover is above this."""


class Overlaps:
    """Pixels of each region by view: found, true, and both."""

    def __init__(self) -> None:
        self._pixels: dict[str, NDArray[np.int64]] = {}

    def add(self, scan: ScanWithBones, cover: Cover) -> None:
        """Count a scan."""
        counts = self._pixels.setdefault(scan.view, np.zeros((len(REGIONS), 3), np.int64))
        height, width = scan.grey.shape
        for place, own in enumerate(OF_REGION):
            found = cv2.resize(cover[own].max(axis=0), (width, height), interpolation=cv2.INTER_LINEAR) > SEEN
            true = scan.masks[own].any(axis=0)
            counts[place] += found.sum(), true.sum(), (found & true).sum()

    def dice(self) -> dict[str, dict[str, float]]:
        """Return the Dice coefficient of each region over all scans, by view and region."""
        return {
            view: {
                region: float(2 * both / max(found + true, 1))
                for region, (found, true, both) in zip(REGIONS, counts, strict=True)
            }
            for view, counts in self._pixels.items()
        }


class SiteCounts:
    """How often the site of a true box is right."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: Counter[tuple[str, str, str]] = Counter()

    def add(self, scan: ScanWithBones, cover: Cover) -> None:
        """Count the boxes of a scan."""
        for site, true in zip(sites_of_boxes(cover, scan.boxes, scan.view), scan.bones, strict=True):
            if not true:
                self.counts["in no bone"] += 1
                self.counts["in no bone, named"] += site is not None
                continue
            self.counts["in a bone"] += 1
            self.counts["region right"] += _same_region(site, true)
            sides = {without_side(bone.region)[1] for bone in true}
            self.counts["side right"] += site is not None and without_side(site.bone.region)[1] in sides
            if not _same_region(site, true):
                named = "none" if site is None else site.bone.region
                self.wrong[scan.view, "/".join(sorted({bone.region for bone in true})), named] += 1
                continue
            self._add_number(site, true)

    def _add_number(self, site: BoxSite | None, true: frozenset[NamedBone]) -> None:
        """Count the number of a rib or vertebra, in boxes whose region is right."""
        numbers = [bone.number for bone in true if site and bone.region == site.bone.region and bone.number]
        if site is None or not numbers:
            return
        self.counts["numbered"] += 1
        if site.bone.number is None:
            return
        self.counts["number said"] += 1
        self.counts["number right"] += site.bone.number in numbers
        self.counts["number within one"] += min(abs(site.bone.number - number) for number in numbers) <= 1


def _same_region(site: BoxSite | None, true: frozenset[NamedBone]) -> bool:
    return site is not None and site.bone.region in {bone.region for bone in true}


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Return the shares that are bars: of region, side, and of the numbers that are said."""

    def share(part: str, whole: str) -> float:
        return counts[part] / max(counts[whole], 1)

    return {
        "region": share("region right", "in a bone"),
        "side": share("side right", "in a bone"),
        "number said": share("number said", "numbered"),
        "within one, of all": share("number within one", "numbered"),
        "within one, of those said": share("number within one", "number said"),
        "exact, of those said": share("number right", "number said"),
    }
