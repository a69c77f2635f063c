"""Figures of scans that were read several times: as they should be, wrapped, and wrapped and then fixed.

Used by `benchmarks.realism.wrapped_levels`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, differences, divide, draw_weights, summarise, totals
from bonescan_yolo.evaluate.figures.precision_figures import coco_precision, detection_figures
from bonescan_yolo.evaluate.figures.shown_boxes import hit_figures
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.model.thresholds import Thresholds

DRAWS = 1000
BOOTSTRAP_SEED = 0

CLEAN, WRAPPED, FIXED = "as it should be", "wrapped", "wrapped, then fixed"
STATES = (CLEAN, WRAPPED, FIXED)

SHOWN_FIGURES = (
    "detection/ap50/abnormal/all",
    "detection/ap50/normal/all",
    "hits/false_per_scan/abnormal",
    "hits/false_per_scan/normal",
    "hits/recall/abnormal",
    "hits/recall/normal",
    "spots/normal/right",
    "spots/normal/called abnormal",
    "spots/normal/missed",
    "spots/abnormal/right",
)


@dataclass(frozen=True, eq=False)
class ReadScan:
    """A scan as the model read it.

    Attributes:
        evaluated: true and found boxes.
        spots: (N,) whether each true box holds levels above 255.
        wraps: whether any pixel does.
    """

    evaluated: EvaluatedScan
    spots: NDArray[np.bool_]
    wraps: bool


States = Mapping[str, list[ReadScan]]
"""By name of the state, the readings of the same scans."""


def compare(title: str, states: States, thresholds: Thresholds) -> dict[str, Any]:
    """Print and return the figures of each state and their differences, for the scans with levels above 255."""
    kept = {state: [scan for scan in scans if scan.wraps] for state, scans in states.items()}
    first = next(iter(kept.values()))
    patients = sorted({scan.evaluated.patient for scan in first})
    weights = draw_weights(len(patients), DRAWS, BOOTSTRAP_SEED)
    figures = {state: measure(scans, weights, thresholds) for state, scans in kept.items()}
    everything = len(next(iter(states.values())))
    print(f"{title}: {len(first)} of {everything} scans have levels above 255, of {len(patients)} patients")
    record: dict[str, Any] = {"scans": everything, "wrapping": len(first)}
    names = list(kept)
    pairs = [(names[-2], names[-1]), *([(CLEAN, WRAPPED), (CLEAN, FIXED)] if len(names) == len(STATES) else [])]
    for key in SHOWN_FIGURES:
        values = {state: summarise(figures[state][key]).value for state in kept}
        row = {f"{b} less {a}": summarise(differences(figures[a], figures[b])[key]) for a, b in pairs}
        record[key] = values | {name: [figure.value, figure.low, figure.high] for name, figure in row.items()}
        shown = "  ".join(f"{'-' if value is None else format(value, '.3f'):>6}" for value in values.values())
        change = "; ".join(
            f"{name} {f.value:+.3f} ({f.low:+.3f} to {f.high:+.3f})"
            for name, f in row.items()
            if f.value is not None and f.low is not None and f.high is not None
        )
        print(f"  {key:<32} {shown}   {change}", flush=True)
    return record


def measure(scans: Sequence[ReadScan], weights: Weights, thresholds: Thresholds) -> dict[str, Sampled]:
    """Return average precision, hits, and what happens at the spots that wrapped."""
    pool = pool_scans([scan.evaluated for scan in scans], HIT_RULE)
    figures = detection_figures(pool, weights, coco_precision(pool)) | hit_figures(pool, weights, thresholds)
    is_spot = np.concatenate([np.zeros(0, bool), *(scan.spots for scan in scans)])
    right = pool.hit(thresholds)
    other = pool.shown_as_other(thresholds) & ~right
    for class_id, name, wrong in ((NORMAL, "normal", "called abnormal"), (ABNORMAL, "abnormal", "called normal")):
        of_class = is_spot & (pool.truth.classes == class_id)
        total = totals(weights, pool.truth.patients[of_class])
        for what, chosen in (("right", right), (wrong, other), ("missed", ~right & ~other)):
            share = divide(totals(weights, pool.truth.patients[of_class & chosen]), total)
            figures[f"spots/{name}/{what}"] = Sampled(share, "no such spot")
    return figures
