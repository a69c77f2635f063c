"""Which boxes readers would draw: around what stands out from its surroundings in one view.

The noise-free image of each hot spot is compared with that of everything else. A peak of it (`extent`) gets a box if it

- adds enough to the counts at its own place (`least_contrast`),
- is brighter than its surroundings as a whole (`least_over_median`; readers ask more of worn joints, less of teeth) and
  than the brightest of them, such as a rib or the spine (`least_over_bright`),
- is not faint for the body (`least_of_bone`),
- exceeds the noise at its place (`least_cnr`; Rose's criterion asks for about 5: A. Rose, Vision: Human and Electronic,
  1973).

Two peaks of a class get two boxes if the brightness dips between them (`deepest_dip`), else they share one.

The thresholds are those at the low end of the boxes that readers drew on real scans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.phantom.camera import Image, Patch
from bonescan_yolo.phantom.labels import confluence, extent
from bonescan_yolo.phantom.labels.confluence import Mask, Seen
from bonescan_yolo.phantom.parameters import TruthConfig
from bonescan_yolo.regions.region_names import NamedBone
from bonescan_yolo.scan.identity.names import View
from bonescan_yolo.scan.surroundings import RING_PX, ring

BONE_QUANTILE = 0.9
"""Quantile of a body's pixels that is taken for bright normal bone."""

BODY_LEVEL = 0.2
"""A pixel above this part of the mean of all pixels is body."""

BRIGHT_QUANTILE = 0.9
"""Quantile of the pixels around a hot spot that is taken for their bright end."""


@dataclass(frozen=True)
class Mark:
    """One visible hot spot, or several that share a box, in one view.

    Attributes:
        label: class id.
        box: x1, y1, x2, y2, whole pixels, the last column and row exclusive.
        mask: (y2 - y1, x2 - x1) the pixels of the box that belong to it.
        names: the hot spots in it.
        bones: that they are in; empty if they are in none.
    """

    label: int
    box: tuple[int, int, int, int]
    mask: Mask
    names: tuple[str, ...]
    bones: frozenset[NamedBone] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A hot spot in one view, before it is known whether it is seen.

    Attributes:
        name: that of its `Spot`.
        label: class id.
        patch: its own expected counts.
        least_over_median: replaces the configured one unless None.
        abnormal_px: replaces `label` unless None: abnormal if the side of what is seen is at least the first and below
            the second, otherwise normal.
        bones: that it is in.
    """

    name: str
    label: int
    patch: Patch
    least_over_median: float | None = None
    abnormal_px: tuple[float, float] | None = None
    bones: tuple[NamedBone, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What hot spots are seen against.

    Attributes:
        expected: (H, W) counts of everything.
        background: (H, W) counts without the candidates.
        bone: counts of bright normal bone in the view.
    """

    expected: Image
    background: Image
    bone: float


def find_marks(candidates: list[Candidate], expected: Image, view: View, config: TruthConfig) -> list[Mark]:
    """Return the marks of one view, from the top; `expected` (H, W) are the counts of everything together."""
    surroundings = _surroundings(candidates, expected)
    seen: dict[int, list[Seen]] = {}
    for candidate in candidates:
        for label, region in see(candidate, surroundings, view, config):
            seen.setdefault(label, []).append(Seen(candidate.name, candidate.patch, region, candidate.bones))
    marks: list[Mark] = []
    for label, own in sorted(seen.items()):
        others = [one for other, spots in seen.items() if other != label for one in spots]
        plain = [one for one in own if not confluence.outshone(one, others, expected, config.deepest_dip)]
        marks += _marks_of(label, plain, expected, config)
    return sorted(marks, key=lambda mark: (mark.box[1], mark.box[0]))


def see(
    candidate: Candidate, surroundings: Surroundings, view: View, config: TruthConfig
) -> Iterator[tuple[int, Mask]]:
    """Yield the class of each peak that readers mark, and the pixels of the patch that belong to it."""
    patch = candidate.patch
    own = patch.pixels
    rest = np.maximum(surroundings.expected[patch.slices] - own, confluence.LEAST_BRIGHTNESS)
    for peak, region in extent.peaks(own, rest, config):
        total = float(own[peak] + rest[peak])
        if own[peak] < config.least_contrast * rest[peak] or total < config.least_of_bone * surroundings.bone:
            continue
        label = label_of(candidate, region)
        around = _around(region, surroundings.background[patch.slices])
        if total < least_over_median(candidate, label, view, config) * float(np.median(around)):
            continue
        if total < config.least_over_bright * float(np.quantile(around, BRIGHT_QUANTILE)):
            continue
        noise = max(float(np.sqrt(rest[region].sum())), 1.0)
        if float(own[region].sum()) >= config.least_cnr * noise:
            yield label, region


def label_of(candidate: Candidate, region: Mask) -> int:
    """Return the class of what is seen of a hot spot; where size decides, that of the square with its box's area."""
    if candidate.abnormal_px is None:
        return candidate.label
    _, _, width, height = cv2.boundingRect(region.astype(np.uint8))
    low, high = candidate.abnormal_px
    return ABNORMAL if low <= np.sqrt(width * height) < high else NORMAL


def least_over_median(candidate: Candidate, label: int, view: View, config: TruthConfig) -> float:
    """Return how far above its surroundings readers of the view ask a hot spot to be.

    From behind they ask more of normal foci that have a bound of their own: faces and joints.
    """
    own = candidate.least_over_median
    if own is None:
        return config.least_over_median
    return own * config.normal_from_behind if label == NORMAL and view == "posterior" else own


def _surroundings(candidates: list[Candidate], expected: Image) -> Surroundings:
    """Return what the candidates are seen against."""
    background = expected.copy()
    for candidate in candidates:
        background[candidate.patch.slices] -= candidate.patch.pixels
    background = np.maximum(background, 0.0)
    body = background[background > BODY_LEVEL * background.mean()]
    return Surroundings(expected, background, float(np.quantile(body, BONE_QUANTILE)) if body.size else 0.0)


def _around(region: Mask, background: Image) -> Image:
    """Return the background's pixels around a region, within the patch; if there are none, the whole patch."""
    around = background[ring(region, 0, RING_PX)]
    return around if around.size else background.ravel()


def _marks_of(label: int, seen: list[Seen], expected: Image, config: TruthConfig) -> Iterator[Mark]:
    """Yield the marks of one class; hot spots without a dip between them share one."""
    grouped = confluence.groups(seen, expected, config.deepest_dip, config.most_side_px)
    for group, own in zip(grouped, confluence.parts(grouped, expected.shape), strict=True):
        x, y, width, height = cv2.boundingRect(own.astype(np.uint8))
        if min(width, height) >= config.least_side_px:
            box = _widen((x, y, x + width, y + height), config.margin_px, own.shape)
            mask = own[box[1] : box[3], box[0] : box[2]]
            names = tuple(sorted({one.name for one in group}))
            yield Mark(label, box, mask, names, frozenset(bone for one in group for bone in one.bones))


def _widen(box: tuple[int, int, int, int], margin: int, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return the box with a margin on all sides, kept inside an image of `shape`."""
    x1, y1, x2, y2 = box
    return max(0, x1 - margin), max(0, y1 - margin), min(shape[1], x2 + margin), min(shape[0], y2 + margin)
