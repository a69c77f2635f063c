"""Hits at one confidence threshold, with intervals: precision, recall, F1, and false boxes a scan."""

from __future__ import annotations

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.pool import CLASSES, Pool


def hit_figures(pool: Pool, weights: Weights, threshold: float) -> dict[str, Sampled]:
    """Return the figures of `hits.HitScore` by class; detections count when their confidence is above `threshold`."""
    figures: dict[str, Sampled] = {}
    scans = totals(weights, pool.patients)
    for class_id, name in CLASSES:
        shown = (pool.detections.classes == class_id) & (pool.confidences > threshold)
        found = totals(weights, pool.detections.patients[shown])
        right = totals(weights, pool.detections.patients[shown & pool.right])
        true = totals(weights, pool.truth.patients[pool.truth.classes == class_id])
        no_box, none_shown = f"no {name} box in the truth", f"no {name} box is shown"
        figures |= {
            f"hits/precision/{name}": Sampled(divide(right, found), none_shown),
            f"hits/recall/{name}": Sampled(divide(right, true), no_box),
            f"hits/f1/{name}": Sampled(divide(2 * right, found + true), f"{no_box}, and {none_shown}"),
            f"hits/false_per_scan/{name}": Sampled(divide(found - right, scans), "no scans"),
        }
    return figures
