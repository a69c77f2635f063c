"""Hits above the thresholds of the classes: how many hot spots are found, missed and falsely shown.

A hot spot of a few pixels has no sharp edge, so a box that clearly points at it can overlap little with the box that
was drawn. A detection is therefore a hit if it has an IoU of at least 0.2 with a true box of its class, or if its
centre is inside that box. Other rules can be chosen (`parse_rule`). Average precision (`average_precision`) requires
more overlap: AP50 an IoU of 0.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, iou, to_centres
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hit_curve import hit_curve
from bonescan_yolo.model.thresholds import Thresholds, as_thresholds

HIT_IOU = 0.2
"""Least IoU of a hit whose centre is outside the true box."""

NO_MATCH = -1
"""Replaces the index of the true box if a detection hits none of them."""


@dataclass(frozen=True)
class MatchRule:
    """When a detection hits a true box of its class.

    Attributes:
        name: as a user gives it: `hit`, `iou:0.5`, `center`.
        iou: least IoU, above 0 and at most 1; None if overlap does not count.
        centre: whether a centre inside the true box, or on its edge, is enough.
    """

    name: str
    iou: float | None
    centre: bool

    def hits(self, boxes: Boxes, true_boxes: Boxes) -> NDArray[np.bool_]:
        """Return which of N boxes hit which of M true boxes, without regard to class, (N, M) bool."""
        if self.iou is None:
            return _centres_inside(boxes, true_boxes)
        overlap = iou(boxes, true_boxes) >= np.float32(self.iou)
        return overlap | _centres_inside(boxes, true_boxes) if self.centre else overlap

    def __str__(self) -> str:
        """Return the rule in words."""
        overlap = "" if self.iou is None else f"IoU of at least {self.iou:g} with a true box of the class"
        centre = f"centre inside {'it' if overlap else 'a true box of the class'}" if self.centre else ""
        return f"{', or '.join(filter(None, (overlap, centre)))}; one to one, most confident first"


HIT_RULE = MatchRule("hit", HIT_IOU, centre=True)


def parse_rule(text: str) -> MatchRule:
    """Return the rule with a name: `hit`, `center`, or `iou:` with the least IoU.

    Raises:
        SettingsError: there is no such rule.
    """
    if text == HIT_RULE.name:
        return HIT_RULE
    if text in ("center", "centre"):
        return MatchRule("center", None, centre=True)
    kind, _, number = text.partition(":")
    try:
        least = float(number)
    except ValueError:
        least = 0.0
    if kind != "iou" or not 0 < least <= 1:
        raise SettingsError(f"--match {text}: is not a rule; give hit, center, or an overlap such as iou:0.5")
    return MatchRule(f"iou:{least:g}", least, centre=False)


@dataclass(frozen=True)
class HitScore:
    """Hits of one class at its threshold, over a number of scans.

    Attributes:
        true_positives: number of detections that hit a true box.
        false_positives: number of detections that hit none, or only boxes that a more confident detection took.
        misses: number of true boxes without a detection.
        scans: number of scans, with or without boxes.
    """

    true_positives: int
    false_positives: int
    misses: int
    scans: int

    @property
    def precision(self) -> float | None:
        """Share of the detections that hit, in [0, 1]; None without detections."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        """Share of the true boxes that are hit, in [0, 1]; None without true boxes."""
        return _ratio(self.true_positives, self.true_positives + self.misses)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, in [0, 1]; None with neither detections nor true boxes."""
        return _ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.misses)

    @property
    def false_per_scan(self) -> float | None:
        """Mean number of false positives per scan; None without scans."""
        return _ratio(self.false_positives, self.scans)

    def as_record(self) -> dict[str, float | None]:
        """Return counts and shares by name, for JSON; null if a share is undefined."""
        return {
            "true_positives": self.true_positives,
            "false_positives": self.false_positives,
            "misses": self.misses,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "false_per_scan": self.false_per_scan,
        }


def match_scan(result: ScanResult, rule: MatchRule = HIT_RULE) -> NDArray[np.int64]:
    """Return for each of M detections of a scan the index of the true box it takes, or NO_MATCH, (M,) int64.

    Detections choose in order of confidence, the earlier one first among equals. Of the boxes that it hits and that are
    still free, each takes the one with the highest IoU, the earlier one among equals. The choice of a detection depends
    only on more confident ones, so the matches above any threshold are those of the filtered detections.
    """
    matches = np.full(len(result.boxes), NO_MATCH, dtype=np.int64)
    if not len(result.true_boxes):
        return matches
    overlaps = iou(result.boxes, result.true_boxes)
    hits = rule.hits(result.boxes, result.true_boxes)
    hits &= result.classes[:, None] == result.true_classes[None, :]
    free = np.ones(len(result.true_boxes), dtype=bool)
    order = np.argsort(-result.confidences, kind="stable")
    for detection in order[np.logical_or.reduce(hits, axis=1)[order]]:
        candidates = hits[detection] & free
        if candidates.any():
            taken = int(np.where(candidates, overlaps[detection], -1).argmax())
            matches[detection] = taken
            free[taken] = False
    return matches


def hit_scores(
    results: Sequence[ScanResult], thresholds: Thresholds, rule: MatchRule = HIT_RULE
) -> dict[str, HitScore]:
    """Return the hits of each class by name; detections count if they are above the threshold of their class."""
    found = pool_found(results, rule).above(thresholds)
    scores = {}
    for class_id, name in enumerate(CLASS_NAMES):
        right = found.right[found.classes == class_id]
        n_right = int(right.sum())
        scores[name] = HitScore(
            true_positives=n_right,
            false_positives=len(right) - n_right,
            misses=count_true(results, class_id) - n_right,
            scans=len(results),
        )
    return scores


def best_threshold(results: Sequence[ScanResult], lowest: float = 0.0, rule: MatchRule = HIT_RULE) -> float | None:
    """Return the confidence threshold, one for all classes, with the highest mean F1.

    The mean is over the classes that have true boxes. The threshold is midway between two neighbouring confidences,
    rounded to 3 decimals, or as many more as the two need; of equal thresholds the highest is taken.

    Args:
        results: true and predicted boxes of each scan.
        lowest: confidence down to which predictions are known, in [0, 1]; the threshold is not below it.
        rule: when a detection hits a true box.

    Returns:
        The threshold in [0, 1], or None if no detection hits at any threshold.
    """
    n_true = {class_id: count_true(results, class_id) for class_id in range(len(CLASS_NAMES))}
    known = {class_id: number for class_id, number in n_true.items() if number}
    return _highest_mean_f1(pool_found(results, rule).above(lowest), known, lowest)


def best_by_class(
    results: Sequence[ScanResult], lowest: float = 0.0, rule: MatchRule = HIT_RULE
) -> dict[str, float | None]:
    """Return for each class by name the confidence threshold with the highest F1 of that class.

    A threshold is as `best_threshold` describes it, and None if no detection of the class hits at any threshold. If
    both are there, `Thresholds(**best_by_class(...))` shows the boxes that they stand for.

    Args:
        results: true and predicted boxes of each scan.
        lowest: confidence down to which predictions are known, in [0, 1]; thresholds are not below it.
        rule: when a detection hits a true box.
    """
    found = pool_found(results, rule).above(lowest)
    return {
        name: _highest_mean_f1(found.of_class(class_id), {class_id: count_true(results, class_id)}, lowest)
        for class_id, name in enumerate(CLASS_NAMES)
    }


def _highest_mean_f1(found: FoundBoxes, n_true: Mapping[int, int], lowest: float) -> float | None:
    """Return the threshold with the highest mean F1 over classes; None if no detection hits.

    Args:
        found: detections above `lowest`.
        n_true: number of true boxes of each class that counts, by class id; above 0 where a detection hits.
        lowest: the threshold is not below it.
    """
    if not found.right.any():
        return None
    classes = np.array(list(n_true))[:, None]
    curve = hit_curve(found.confidences, found.right, found.classes == classes)
    mean_f1 = curve.f1(np.array(list(n_true.values()))).mean(axis=0)
    return curve.threshold_of(int(mean_f1.argmax()), lowest)


@dataclass(frozen=True, eq=False)
class FoundBoxes:
    """M detections of a number of scans, scan after scan.

    Attributes:
        confidences: (M,) float32 in [0, 1].
        classes: (M,) int64 class ids.
        right: (M,) bool, whether the detection takes a true box.
        scans: (M,) int64, index of its scan.
    """

    confidences: NDArray[np.float32]
    classes: NDArray[np.int64]
    right: NDArray[np.bool_]
    scans: NDArray[np.int64]

    def of_class(self, class_id: int) -> FoundBoxes:
        """Return the detections of a class."""
        return self._only(self.classes == class_id)

    def above(self, thresholds: float | Thresholds) -> FoundBoxes:
        """Return the detections above thresholds, each in [0, 1], one for both classes or one for each."""
        return self._only(as_thresholds(thresholds).above(self.confidences, self.classes))

    def _only(self, chosen: NDArray[np.bool_]) -> FoundBoxes:
        return FoundBoxes(self.confidences[chosen], self.classes[chosen], self.right[chosen], self.scans[chosen])


def pool_found(results: Sequence[ScanResult], rule: MatchRule = HIT_RULE) -> FoundBoxes:
    """Return the detections of all scans."""
    right = [match_scan(result, rule) != NO_MATCH for result in results]
    return FoundBoxes(  # the empty arrays are for no scans at all
        confidences=np.concatenate([np.zeros(0, np.float32), *(result.confidences for result in results)]),
        classes=np.concatenate([np.zeros(0, np.int64), *(result.classes for result in results)]),
        right=np.concatenate([np.zeros(0, bool), *right]),
        scans=np.repeat(np.arange(len(results)), [len(each) for each in right]),
    )


def count_true(results: Sequence[ScanResult], class_id: int) -> int:
    """Return the number of true boxes of a class."""
    return sum(int((result.true_classes == class_id).sum()) for result in results)


def _centres_inside(boxes: Boxes, true_boxes: Boxes) -> NDArray[np.bool_]:
    """Return which of N boxes have their centre inside, or on an edge of, which of M true boxes, (N, M) bool."""
    centres = to_centres(boxes)[:, None, :2]
    inside = (centres >= true_boxes[:, :2]) & (centres <= true_boxes[:, 2:])  # by axis, x and y
    return inside[..., 0] & inside[..., 1]


def _ratio(part: float, whole: float) -> float | None:
    """Return a quotient; None if the divisor is 0."""
    return part / whole if whole else None
