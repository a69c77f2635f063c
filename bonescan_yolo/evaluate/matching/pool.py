"""All scans of a split as two flat tables, true boxes and detections, matched by one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, areas
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import number_patients
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, MatchRule, match_scan
from bonescan_yolo.evaluate.matching.scan_result import Places, ScanRecord

NEVER = -1.0
"""Stands for the confidence of the detection that takes a true box which none takes."""

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class BoxTable:
    """N boxes of all scans.

    Attributes:
        scans, patients: (N,) index of the scan and of its patient.
        classes: (N,) class ids.
        sides: (N,) square root of the area, in pixels.
        sites: (N,) index into `sites.SITES`.
        contrasts: (N,) see `contrast`.
    """

    scans: Integers
    patients: Integers
    classes: Integers
    sides: Reals
    sites: Integers
    contrasts: Reals


@dataclass(frozen=True, eq=False)
class Pool:
    """Truth and detections of all scans.

    Attributes:
        records: the scans.
        patient_names: sorted.
        patients: (scans,) index of each scan's patient.
        rule: when a detection hits.
        truth: the true boxes, scan after scan.
        taken_at: (true boxes,) confidence of the detection that takes each, NEVER where none does.
        detections: the detections, scan after scan.
        confidences: (detections,) in [0, 1].
        matches: (detections,) index of the true box that each takes, NO_MATCH where none.
        on_other_class: (detections,) whether it would hit a true box of the other class.
        under_other_class: (true boxes,) highest confidence of a detection of the other class that would hit, or NEVER.
    """

    records: tuple[ScanRecord, ...]
    patient_names: tuple[str, ...]
    patients: Integers
    rule: MatchRule
    truth: BoxTable
    taken_at: Reals
    detections: BoxTable
    confidences: NDArray[np.float32]
    matches: Integers
    on_other_class: Flags
    under_other_class: Reals

    @property
    def right(self) -> Flags:
        """Tell which detections take a true box."""
        return self.matches != NO_MATCH

    def count_true(self, class_id: int) -> Integers:
        """Return the number of true boxes of a class on each scan."""
        return np.bincount(self.truth.scans[self.truth.classes == class_id], minlength=len(self.records))

    def count_found(self, class_id: int, threshold: float) -> Integers:
        """Return the number of detections of a class above a confidence on each scan."""
        shown = (self.detections.classes == class_id) & (self.confidences > threshold)
        return np.bincount(self.detections.scans[shown], minlength=len(self.records))


def pool_scans(records: Sequence[ScanRecord], rule: MatchRule) -> Pool:
    """Return the tables of all scans, matched by a rule."""
    names, patients = number_patients([record.patient for record in records])
    results = [record.result for record in records]
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
    taken_at = np.full(int(true_counts.sum()), NEVER)
    taken_at[all_matches[all_matches != NO_MATCH]] = confidences[all_matches != NO_MATCH]
    truth = [(result.true_boxes, result.true_classes) for result in results]
    found = [(result.boxes, result.classes) for result in results]
    return Pool(
        records=tuple(records),
        patient_names=names,
        patients=patients,
        rule=rule,
        truth=_table(truth, [record.true_places for record in records], patients),
        taken_at=taken_at,
        detections=_table(found, [record.places for record in records], patients),
        confidences=confidences,
        matches=all_matches,
        on_other_class=np.concatenate(crossed),
        under_other_class=np.concatenate(under),
    )


def _table(boxes: Sequence[tuple[Boxes, Integers]], places: Sequence[Places], patients: Integers) -> BoxTable:
    """Return the boxes of all scans as one table."""
    scans = np.repeat(np.arange(len(boxes)), [len(corners) for corners, _ in boxes]).astype(np.int64)
    return BoxTable(
        scans=scans,
        patients=patients[scans],
        classes=np.concatenate([np.zeros(0, np.int64), *(classes for _, classes in boxes)]),
        sides=np.sqrt(np.concatenate([np.zeros(0), *(areas(corners) for corners, _ in boxes)]).astype(np.float64)),
        sites=np.concatenate([np.zeros(0, np.int64), *(place.sites for place in places)]),
        contrasts=np.concatenate([np.zeros(0), *(place.contrasts for place in places)]).astype(np.float64),
    )


CLASSES = tuple(enumerate(CLASS_NAMES))
"""Class ids with their names."""
