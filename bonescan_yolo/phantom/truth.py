"""What a reader would mark: boxes around what stands out from its surroundings in one view.

The noise-free image of each hot spot alone is compared with that of everything else. A hot spot is seen when its
contrast at its brightest pixel reaches `least_contrast` and its counts exceed the noise of what they lie on by
`least_cnr` standard deviations (Rose's criterion asks for about 5: A. Rose, Vision: Human and Electronic, 1973).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.camera import Patch
from bonescan_yolo.phantom.config import TruthConfig

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


BONE_QUANTILE = 0.9
"""Where in the distribution of a body's pixels bright normal bone lies."""


@dataclass(frozen=True)
class Mark:
    """One visible hot spot (or several that flow together) in one view.

    label: class id. box: x1, y1, x2, y2, whole pixels, the last column and row exclusive. mask: (y2 - y1,
    x2 - x1), the pixels inside the box that belong to it. names: the hot spots it shows.
    """

    label: int
    box: tuple[int, int, int, int]
    mask: Mask
    names: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """A hot spot's own expected counts in one view."""

    name: str
    label: int
    patch: Patch


def find_marks(candidates: list[Candidate], expected: Image, config: TruthConfig) -> list[Mark]:
    """Return the marks of one view, from the top; `expected` (H, W) are the counts of everything together."""
    inside = expected[expected > 0.1 * expected.mean()]
    bone = float(np.quantile(inside, BONE_QUANTILE)) if inside.size else 0.0
    regions: dict[int, Mask] = {}
    seen: list[tuple[Candidate, Mask]] = []
    for candidate in candidates:
        region = visible_region(candidate.patch, expected, bone, config)
        if region is not None:
            seen.append((candidate, region))
            whole = regions.setdefault(candidate.label, np.zeros(expected.shape, dtype=bool))
            whole[candidate.patch.slices] |= region
    marks = []
    for label, whole in sorted(regions.items()):
        marks += _marks_of(label, whole, seen, config)
    return sorted(marks, key=lambda mark: (mark.box[1], mark.box[0]))


def visible_region(patch: Patch, expected: Image, bone: float, config: TruthConfig) -> Mask | None:
    """Return the pixels of the patch in which its hot spot is seen, or None if it is not.

    `bone` are the counts of a bright normal bone: what is much weaker is not marked, however dark its
    surroundings.
    """
    own = patch.pixels
    rest = np.maximum(expected[patch.slices] - own, 1e-6)
    peak = np.unravel_index(int(np.argmax(own)), own.shape)
    if own[peak] <= 0 or own[peak] / rest[peak] < config.least_contrast:
        return None
    if own[peak] < config.least_of_bone * bone:
        return None
    region = (own >= config.edge_of_peak * own[peak]) & (own >= config.edge_contrast * rest)
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=8)
    region = labels == labels[peak]
    signal, noise = float(own[region].sum()), float(np.sqrt(rest[region].sum()))
    return region if signal >= config.least_cnr * max(noise, 1.0) else None


def _marks_of(label: int, whole: Mask, seen: list[tuple[Candidate, Mask]], config: TruthConfig) -> list[Mark]:
    """Return one mark per connected region of a class: hot spots that flow together share a box."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole.astype(np.uint8), connectivity=8)
    names: dict[int, list[str]] = {}
    for candidate, region in seen:
        if candidate.label == label:
            names.setdefault(int(labels[candidate.patch.slices][region].max()), []).append(candidate.name)
    marks = []
    for index in range(1, count):
        x, y, width, height = (int(value) for value in stats[index, :4])
        if min(width, height) >= config.least_side_px:
            box = (x, y, x + width, y + height)
            mask = labels[y : y + height, x : x + width] == index
            marks.append(Mark(label, box, mask, tuple(sorted(set(names.get(index, []))))))
    return marks
