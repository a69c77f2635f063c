"""What thresholds are worth that were chosen on a few scans: F1 on the others, beside the highest that they allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.adapting import scan_sets
from benchmarks.adapting.reading_sets import beside_truth, load_found
from benchmarks.adapting.runs import Row, found_of
from bonescan_yolo.adapt.class_thresholds import choose_thresholds
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, best_by_class, match_scan
from bonescan_yolo.model.thresholds import Thresholds

TEST: Final = "b_test"
NUMBERS: Final = (10, 20, 40)
"""Scans that thresholds are chosen on."""

REPEATS: Final = 40
"""Draws of these scans."""

SEED: Final = 0
UNKNOWN: Final = Thresholds.both(0.5)
"""Of a class that is never hit."""

Choose = Callable[[Sequence[ScanResult], Sequence[str]], Thresholds]


def table(work: Path, rows: Sequence[Row]) -> str:
    """Return how much F1 each way of choosing loses, as Markdown: mean over runs and draws of scans.

    Args:
        work: folder of the experiments.
        rows: runs whose readings of B test are used.
    """
    scans = scan_sets.load(scan_sets.build(work, TEST))
    read = [beside_truth(scans, load_found(found_of(work, row.key, TEST))) for row in rows]
    lines = ["| scans | way | loss of F1, abnormal | normal |", "|---|---|---|---|"]
    for number in NUMBERS:
        losses = np.concatenate([losses_of(results, scans.patients, number) for results in read]).mean(axis=0)
        lines += [
            f"| {number} | {way} | {of_way[0]:.3f} | {of_way[1]:.3f} |"
            for way, of_way in zip(WAYS, losses, strict=True)
        ]
    return "\n".join(lines) + "\n"


def losses_of(results: Sequence[ScanResult], patients: Sequence[str], number: int) -> NDArray[np.float64]:
    """Return the loss of F1 of each way and class on the scans that were not chosen from, (REPEATS, ways, classes)."""
    random = np.random.default_rng(SEED)
    places: dict[str, list[int]] = {}
    for place, patient in enumerate(patients):
        places.setdefault(patient, []).append(place)
    names = list(places)
    right = [match_scan(result) != NO_MATCH for result in results]
    losses = []
    for _ in range(REPEATS):
        order = [place for index in random.permutation(len(names)) for place in places[names[index]]]
        some, others = order[:number], order[number:]
        chosen = [way([results[p] for p in some], [patients[p] for p in some]) for way in WAYS.values()]
        curves = [_f1_by_confidence(results, right, others, class_id) for class_id in range(len(CLASS_NAMES))]
        losses.append(
            [[_loss(*curve, limit) for curve, limit in zip(curves, one.by_class, strict=True)] for one in chosen]
        )
    return np.array(losses)


def _f1_by_confidence(
    results: Sequence[ScanResult], right: Sequence[NDArray[np.bool_]], places: Sequence[int], class_id: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the confidences of a class on some scans, falling, and F1 with the boxes down to each."""
    own = [results[place].classes == class_id for place in places]
    confidences = np.concatenate([results[place].confidences[one] for place, one in zip(places, own, strict=True)])
    hits = np.concatenate([right[place][one] for place, one in zip(places, own, strict=True)])
    n_true = sum(int((results[place].true_classes == class_id).sum()) for place in places)
    order = np.argsort(-confidences, kind="stable")
    return confidences[order], 2 * hits[order].cumsum() / (np.arange(1, len(order) + 1) + n_true)


def _loss(confidences: NDArray[np.float32], f1: NDArray[np.float64], threshold: float) -> float:
    """Return the highest F1 less that of the boxes above a threshold."""
    shown = int((confidences > threshold).sum())
    return float(f1.max() - (f1[shown - 1] if shown else 0.0))


def _highest(results: Sequence[ScanResult], _patients: Sequence[str]) -> Thresholds:
    """Return the thresholds with the highest F1 on the scans themselves."""
    best = {name: limit for name, limit in best_by_class(results).items() if limit is not None}
    return Thresholds(**{**UNKNOWN.as_record(), **best})


def _mean_over_draws(results: Sequence[ScanResult], patients: Sequence[str]) -> Thresholds:
    """Return the thresholds as `bonescan adapt` chooses them."""
    return choose_thresholds(results, patients, UNKNOWN)


WAYS: Final[dict[str, Choose]] = {"highest F1": _highest, "mean over draws": _mean_over_draws}
