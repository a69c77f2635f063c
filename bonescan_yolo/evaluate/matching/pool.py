"""All scans of a split in two flat tables, true boxes and detections, matched by one rule.

Figures are computed from these tables: a figure is a sum over boxes or scans that each belong to a patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, areas
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import number_patients
from bonescan_yolo.evaluate.matching.evaluated_scan import BoxPlaces, EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, MatchRule, match_scan
from bonescan_yolo.model.thresholds import Thresholds

CLASSES = tuple(enumerate(CLASS_NAMES))
"""Class ids with their names."""

NEVER = -1.0
"""In place of a detection's confidence where there is no such detection; below any threshold."""

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class BoxTable:
    """N boxes of all scans, one row per box, scan after scan.

    Attributes:
        scans: (N,) int64, index of the scan.
        patients: (N,) int64, index of the scan's patient.
        classes: (N,) int64 class ids.
        sides: (N,) float64, square root of the area, in pixels.
        regions: (N,) int64, see `BoxPlaces`; None if the model gives no sites.
        contrasts: (N,) float64, see `BoxPlaces`.
    """

    scans: Integers
    patients: Integers
    classes: Integers
    sides: Reals
    regions: Integers | None
    contrasts: Reals


@dataclass(frozen=True, eq=False)
class PooledScans:
    """S scans of P patients with T true boxes and D detections.

    Attributes:
        scans: the S scans.
        patient_names: P names, sorted.
        patients: (S,) int64, index of each scan's patient in `patient_names`.
        rule: when a detection hits a true box.
        truth: table of the T true boxes.
        hit_confidences: (T,) float64, confidence of the detection that hits each true box; NEVER without one.
        other_class_confidences: (T,) float64, highest confidence of a detection of the other class that would hit
            each true box; NEVER without one.
        detections: table of the D detections.
        confidences: (D,) float32 in [0, 1].
        matches: (D,) int64, index of the true box that each detection hits; NO_MATCH without one.
        hits_other_class: (D,) bool, whether each detection would hit a true box of the other class.
    """

    scans: tuple[EvaluatedScan, ...]
    patient_names: tuple[str, ...]
    patients: Integers
    rule: MatchRule
    truth: BoxTable
    hit_confidences: Reals
    other_class_confidences: Reals
    detections: BoxTable
    confidences: NDArray[np.float32]
    matches: Integers
    hits_other_class: Flags

    @property
    def is_hit(self) -> Flags:
        """Whether each detection hits a true box, (D,) bool."""
        return self.matches != NO_MATCH

    def count_true(self, class_id: int) -> Integers:
        """Return the number of true boxes of a class on each scan, (S,) int64."""
        return np.bincount(self.truth.scans[self.truth.classes == class_id], minlength=len(self.scans))

    def shown(self, thresholds: Thresholds) -> Flags:
        """Return which detections are above the threshold of their class, (D,) bool."""
        return thresholds.above(self.confidences, self.detections.classes)

    def hit(self, thresholds: Thresholds) -> Flags:
        """Return which true boxes are hit by a detection that is shown, (T,) bool."""
        return thresholds.above(self.hit_confidences, self.truth.classes)

    def shown_as_other(self, thresholds: Thresholds) -> Flags:
        """Return which true boxes a detection of the other class that is shown would hit, (T,) bool."""
        return thresholds.above(self.other_class_confidences, 1 - self.truth.classes)

    def count_found(self, class_id: int, thresholds: Thresholds) -> Integers:
        """Return the number of detections of a class that are shown on each scan, (S,) int64."""
        shown = (self.detections.classes == class_id) & self.shown(thresholds)
        return np.bincount(self.detections.scans[shown], minlength=len(self.scans))


def pool_scans(scans: Sequence[EvaluatedScan], rule: MatchRule) -> PooledScans:
    """Return the tables of all scans, matched by a rule."""
    names, patients = number_patients([scan.patient for scan in scans])
    results = [scan.result for scan in scans]
    true_counts = np.array([len(result.true_boxes) for result in results], dtype=np.int64)
    starts = np.cumsum(true_counts) - true_counts
    matches, crossed, under = [np.zeros(0, np.int64)], [np.zeros(0, bool)], [np.zeros(0)]
    for result, start in zip(results, starts, strict=True):
        taken = match_scan(result, rule)
        matches.append(np.where(taken == NO_MATCH, NO_MATCH, taken + start))
        cross = rule.hits(result.boxes, result.true_boxes)
        cross &= result.classes[:, None] != result.true_classes[None, :]
        crossed.append(np.logical_or.reduce(cross, axis=1))
        confident = np.where(cross, result.confidences.astype(np.float64)[:, None], NEVER)
        under.append(confident.max(axis=0, initial=NEVER))
    all_matches = np.concatenate(matches)
    confidences = np.concatenate([np.zeros(0, np.float32), *(result.confidences for result in results)])
    hit_confidences = np.full(int(true_counts.sum()), NEVER)
    hit_confidences[all_matches[all_matches != NO_MATCH]] = confidences[all_matches != NO_MATCH]
    truth = [(result.true_boxes, result.true_classes) for result in results]
    found = [(result.boxes, result.classes) for result in results]
    return PooledScans(
        scans=tuple(scans),
        patient_names=names,
        patients=patients,
        rule=rule,
        truth=_table(truth, [scan.true_places for scan in scans], patients),
        hit_confidences=hit_confidences,
        other_class_confidences=np.concatenate(under),
        detections=_table(found, [scan.places for scan in scans], patients),
        confidences=confidences,
        matches=all_matches,
        hits_other_class=np.concatenate(crossed),
    )


def _table(boxes: Sequence[tuple[Boxes, Integers]], places: Sequence[BoxPlaces], patients: Integers) -> BoxTable:
    """Return the boxes of all scans as one table; for each scan its boxes with classes, and their places."""
    scans = np.repeat(np.arange(len(boxes)), [len(corners) for corners, _ in boxes]).astype(np.int64)
    return BoxTable(
        scans=scans,
        patients=patients[scans],
        classes=np.concatenate([np.zeros(0, np.int64), *(classes for _, classes in boxes)]),
        sides=np.sqrt(np.concatenate([np.zeros(0), *(areas(corners) for corners, _ in boxes)]).astype(np.float64)),
        regions=_all_regions(places),
        contrasts=np.concatenate([np.zeros(0), *(place.contrasts for place in places)]).astype(np.float64),
    )


def _all_regions(places: Sequence[BoxPlaces]) -> Integers | None:
    """Return the regions of the boxes of all scans; None if the model gives no sites."""
    known = [place.regions for place in places if place.regions is not None]
    return np.concatenate([np.zeros(0, np.int64), *known]) if len(known) == len(places) else None
