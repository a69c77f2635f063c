"""Where a body's parts are on a scan, and where readers draw boxes on it.

Landmarks are taken from the brightness of rows, 0 at the top row that holds any of the body and 1 at the bottom one;
places of boxes are rectangles of the same measure, mirrored about the middle of the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.realism.boxed_scans import BoxedScan, LabelledBox, class_name
from bonescan_yolo.scan.display import to_tones

Profile = NDArray[np.float64]

STEPS = 1000
"""Number of values of a profile down the body."""

SMOOTH_PX = 4.0
"""Blur down the body, so that a single rib or spot makes no landmark."""

FLANK_PX = (25, 60)
"""Distances from the middle of the body between which pelvic wings and hips are seen without the spine."""

SPINE = {"chest": (0.22, 0.29), "loin": (0.35, 0.39)}
"""Rows in which the spine's width is measured."""

SPINE_REACH_PX = (10, 30)
"""How far from the body's middle the brightest column of the spine is looked for, and its edges from there."""

BODY_END = float("inf")


@dataclass(frozen=True)
class Place:
    """A part of the body by rows (of its height) and by distance from its middle (pixels)."""

    name: str
    rows: tuple[float, float]
    aside_px: tuple[float, float] = (0.0, BODY_END)

    def holds(self, along: float, aside_px: float) -> bool:
        """Return whether a box with its centre there is in this place."""
        return self.rows[0] <= along < self.rows[1] and self.aside_px[0] <= aside_px < self.aside_px[1]


PLACES = (
    Place("skull", (-1.0, 0.06)),
    Place("face", (0.06, 0.125), (0.0, 22.0)),
    Place("neck", (0.125, 0.185), (0.0, 16.0)),
    Place("shoulders", (0.125, 0.24), (38.0, BODY_END)),
    Place("chest, midline", (0.185, 0.3), (0.0, 16.0)),
    Place("lumbar spine", (0.3, 0.42), (0.0, 16.0)),
    Place("elbows, hands", (0.29, 0.56), (72.0, BODY_END)),
    Place("ribs", (0.185, 0.42), (16.0, 72.0)),
    Place("bladder", (0.46, 0.53), (0.0, 18.0)),
    Place("pelvis", (0.42, 0.53), (0.0, 72.0)),
    Place("urine", (0.53, 0.66), (0.0, 12.0)),
    Place("knees", (0.69, 0.8)),
    Place("ankles, feet", (0.88, 2.0)),
)
"""Looked through in this order; the first that holds a box's centre counts."""


SURROUNDINGS = {"all": 0.5, "bright": 0.9}
"""What a box's peak is compared with: quantiles of its surroundings."""


def landmarks(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield where shoulders, waist, crests, hips, knees and ankles are, in per cent of the body's height."""
    whole, flanks = profiles(scan)
    yield "shoulders, % of the body's height", _peak(whole, 0.15, 0.23)
    yield "waist, % of the body's height", _peak(-whole, 0.34, 0.41)
    yield "iliac crests, % of the body's height", _peak(np.diff(flanks), 0.395, 0.44)
    yield "hips, % of the body's height", _peak(flanks, 0.455, 0.54)
    yield "knees, % of the body's height", _peak(whole, 0.69, 0.78)
    yield "ankles, % of the body's height", _peak(whole, 0.9, 0.975)
    for name, ends in SPINE.items():
        yield f"{scan.view} {name}: width of the spine, px", spine_width(scan, ends)


def spine_width(scan: BoxedScan, ends: tuple[float, float]) -> float:
    """Return the spine's full width at half its brightness in some rows, in pixels; in front it may be the sternum."""
    near, far = SPINE_REACH_PX
    middle = int(scan.place.middle)
    row = np.median(scan.dull[scan.part(ends)], axis=0)
    centre = middle - near + int(np.argmax(row[middle - near : middle + near + 1]))
    half = row[centre] / 2
    edges = [next((step for step in range(far) if side[step] < half), far) for side in (row[centre::-1], row[centre:])]
    return float(sum(edges) - 1)


def profiles(scan: BoxedScan) -> tuple[Profile, Profile]:
    """Return the brightness of the body's rows, and that of its flanks alone, STEPS values each."""
    rows = scan.part((0.0, 1.0))
    tones = to_tones(scan.pixels[rows], scan.level)  # so that no hot spot outweighs a row of bone
    return _down(tones.sum(axis=1)), _down(tones[:, scan.beside(FLANK_PX)].sum(axis=1))


def _down(rows: NDArray[np.float32]) -> Profile:
    """Return a profile, smoothed, with STEPS values."""
    smooth = cv2.GaussianBlur(rows.astype(np.float64)[:, None], (0, 0), SMOOTH_PX)
    return np.asarray(cv2.resize(smooth, (1, STEPS), interpolation=cv2.INTER_LINEAR)[:, 0])


def _peak(profile: Profile, first: float, last: float) -> float:
    """Return where a profile is highest between two places, in per cent of its length."""
    start = round(first * STEPS)
    return 100 * (start + int(np.argmax(profile[start : round(last * STEPS)]))) / STEPS


def boxes_by_place(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield how many boxes of each class a scan has in each place."""
    counts = {(place.name, is_abnormal): 0 for place in PLACES for is_abnormal in (True, False)}
    for place, box in _placed(scan):
        counts[place.name, box[0]] += 1
    for (name, is_abnormal), number in counts.items():
        yield f"{scan.view} {name}: {class_name(is_abnormal)} boxes", number


def box_sizes_by_place(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield the size of each box, the root of its area in pixels, by place and class."""
    for place, (is_abnormal, x1, y1, x2, y2) in _placed(scan):
        yield f"{place.name}: {class_name(is_abnormal)}, px", sqrt((x2 - x1) * (y2 - y1))


def box_contrasts_by_place(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield each box's peak over its surroundings and the bright of them, by place and class.

    The least are the bounds of readers.
    """
    for place, box in _placed(scan):
        for name, contrast in box_contrasts(scan, box):
            yield f"{place.name}: {class_name(box[0])} over {name}", contrast


def box_contrasts(scan: BoxedScan, box: LabelledBox) -> Iterator[tuple[str, float]]:
    """Yield a box's peak over each of SURROUNDINGS, with its name; nothing if other boxes cover all around it."""
    for name, quantile in SURROUNDINGS.items():
        contrast = scan.contrast(box, quantile)
        if contrast is not None:
            yield name, contrast


def _placed(scan: BoxedScan) -> Iterator[tuple[Place, LabelledBox]]:
    """Yield the boxes that have a place, with it."""
    for box in scan.boxes:
        _, x1, y1, x2, y2 = box
        place = place_of(scan.along((y1 + y2) / 2), abs((x1 + x2) / 2 - scan.place.middle))
        if place is not None:
            yield place, box


def place_of(along: float, aside_px: float) -> Place | None:
    """Return the place of a box's centre; None between places, as on a thigh."""
    return next((place for place in PLACES if place.holds(along, aside_px)), None)
