"""The honest figure: scans read by models that were not trained on their patients, beside the start model.

Each fold's model reads the scans of the patients that it was not trained on. The readings of all folds are pooled. The
thresholds at which a fold's boxes are shown are chosen on the other folds' readings, for the start model too, so that
neither sees the scans that it is judged by. Both models read the same scans, and their differences come with paired
intervals over patients (`evaluate.bootstrap`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bonescan_yolo.adapt.class_thresholds import choose_thresholds, only_shown
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import Figure, Sampled, Samples, Weights, differences, draw_weights, summarise
from bonescan_yolo.evaluate.figures.precision_figures import sampled_precision
from bonescan_yolo.evaluate.figures.roc import roc_curves, scan_cases
from bonescan_yolo.evaluate.figures.shown_boxes import hit_figures
from bonescan_yolo.evaluate.matching.average_precision import average_precision
from bonescan_yolo.evaluate.matching.coco_matching import match_class
from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import CLASSES, PooledScans, pool_scans
from bonescan_yolo.evaluate.point_choice import points_around
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds

PRECISION: Final = tuple(f"detection/ap50/{name}/all" for name in CLASS_NAMES)
F1: Final = tuple(f"hits/f1/{name}" for name in CLASS_NAMES)

MEAN_PRECISION: Final = "adapt/mean_ap50"
"""Key of the mean AP50 of the classes that the scans have boxes of."""

SCORE: Final = "adapt/score"
"""Key of what decides whether the adapted model is kept: the mean of AP50 and F1 of these classes."""

DRAWS: Final = 1000

EVERY_SIZE: Final = "all"
"""Key of `average_precision.SIZES`."""

AT_50: Final = 0
"""Index of an IoU of 0.5 in `coco_matching.IOUS`."""

EVERY_BOX: Final = Thresholds.both(0.0)
"""Above these thresholds are all boxes that are left."""

Fold = Sequence[EvaluatedScan]


@dataclass(frozen=True)
class Compared:
    """Figures of both models on the held-out scans of all folds, by key.

    Attributes:
        start: of the start model, at thresholds chosen in the folds.
        at_own: of the start model, at its own thresholds.
        adapted: of the folds' models, at thresholds chosen in the folds.
        difference: adapted less start, in pairs.
        by_thresholds: of the start model, at thresholds chosen in the folds less at its own, in pairs.
        thresholds: that are best for the folds' models on all folds.
        start_thresholds: that are best for the start model on all folds.
        points: operating points around `thresholds`; None if these show too few false abnormal boxes.
        start_points: the same around `start_thresholds`.
    """

    start: Mapping[str, Figure]
    at_own: Mapping[str, Figure]
    adapted: Mapping[str, Figure]
    difference: Mapping[str, Figure]
    by_thresholds: Mapping[str, Figure]
    thresholds: Thresholds
    start_thresholds: Thresholds
    points: OperatingPoints | None
    start_points: OperatingPoints | None

    @property
    def is_better(self) -> bool:
        """Whether the adapted models have the higher score; False without a score."""
        return _is_gain(self.difference)

    @property
    def thresholds_are_better(self) -> bool:
        """Whether the start model has the higher score at thresholds chosen in the folds; False without a score."""
        return _is_gain(self.by_thresholds)

    @property
    def is_sure(self) -> bool:
        """Whether the interval of the difference is above 0."""
        low = self.difference[SCORE].low
        return low is not None and low > 0


def compare(start: Sequence[Fold], adapted: Sequence[Fold], card: ModelCard, seed: int) -> Compared:
    """Return the figures of both models.

    Args:
        start: the held-out scans of each fold as the start model reads them.
        adapted: the same scans as the fold's model reads them.
        card: of the start model.
        seed: of the bootstrap.
    """
    own = card.thresholds
    weights = draw_weights(len({scan.patient for fold in start for scan in fold}), DRAWS, seed)
    of_start, of_adapted = (threshold_free(folds, weights) for folds in (start, adapted))
    samples = {
        "start": with_hits(of_start, start, nested_thresholds(start, own), weights),
        "at_own": with_hits(of_start, start, [own] * len(start), weights),
        "adapted": with_hits(of_adapted, adapted, nested_thresholds(adapted, own), weights),
    }
    start_thresholds, thresholds = (
        _chosen([scan for fold in folds for scan in fold], own) for folds in (start, adapted)
    )
    return Compared(
        **{name: _summarised(sampled) for name, sampled in samples.items()},
        difference=_summarised(differences(samples["start"], samples["adapted"])),
        by_thresholds=_summarised(differences(samples["at_own"], samples["start"])),
        thresholds=thresholds,
        start_thresholds=start_thresholds,
        points=_points_around(adapted, thresholds),
        start_points=_points_around(start, start_thresholds),
    )


def _is_gain(difference: Mapping[str, Figure]) -> bool:
    """Return whether the score of a difference is above 0; False without a score."""
    gained = difference[SCORE].value
    return gained is not None and gained > 0


def nested_thresholds(folds: Sequence[Fold], otherwise: Thresholds) -> list[Thresholds]:
    """Return for each fold the thresholds that are best on the readings of the other folds."""
    return [_chosen([scan for other in folds if other is not fold for scan in other], otherwise) for fold in folds]


def _chosen(scans: Fold, otherwise: Thresholds) -> Thresholds:
    return choose_thresholds([scan.result for scan in scans], [scan.patient for scan in scans], otherwise)


def _points_around(folds: Sequence[Fold], thresholds: Thresholds) -> OperatingPoints | None:
    """Return the operating points around thresholds; None if these show too few false abnormal boxes."""
    chosen = points_around([[scan.result for fold in folds for scan in fold]], thresholds)
    return chosen.points if chosen.ratios_are_known else None


def threshold_free(folds: Sequence[Fold], weights: Weights) -> dict[str, Sampled]:
    """Return the figures of a model that need no threshold, with their draws.

    Args:
        folds: scans that were read.
        weights: how often each patient counts.
    """
    pool = pool_scans([scan for fold in folds for scan in fold], HIT_RULE)
    area, _ = roc_curves(scan_cases(pool), weights)
    return {
        **precision_samples(pool, weights),
        "scan/auc": Sampled(area, "all scans have abnormal boxes, or none has"),
    }


def with_hits(
    figures: Samples, folds: Sequence[Fold], thresholds: Sequence[Thresholds], weights: Weights
) -> dict[str, Sampled]:
    """Return the figures of a model with those of the boxes shown above the thresholds of each fold, and the score."""
    scans = [only_shown(scan, limits) for fold, limits in zip(folds, thresholds, strict=True) for scan in fold]
    both = {**figures, **hit_figures(pool_scans(scans, HIT_RULE), weights, EVERY_BOX)}
    return {**both, SCORE: mean_of(both, (*PRECISION, *F1))}


def precision_samples(pool: PooledScans, weights: Weights) -> dict[str, Sampled]:
    """Return the AP50 of each class, and its mean over the classes that have boxes."""
    results = [scan.result for scan in pool.scans]
    every = np.ones(len(results), bool)
    metrics = average_precision(results)
    found: dict[str, Sampled] = {}
    for (class_id, name), key in zip(CLASSES, PRECISION, strict=True):
        value = metrics[name].ap50
        drawn = sampled_precision(match_class(results, class_id), weights, pool.patients, every, EVERY_SIZE)[:, AT_50]
        values = np.append(np.nan if value is None else value, drawn[1:])
        found[key] = Sampled(values, f"no {name} box in the truth")
    return {**found, MEAN_PRECISION: mean_of(found, PRECISION)}


def mean_of(samples: Samples, keys: Sequence[str]) -> Sampled:
    """Return the mean of figures, draw by draw; those that are not defined on these scans do not count."""
    defined = [samples[key].values for key in keys if not np.isnan(samples[key].values[0])]
    if not defined:
        return Sampled(np.full(1, np.nan), "no box in the truth")
    return Sampled(np.mean(defined, axis=0))


def _summarised(samples: Samples) -> dict[str, Figure]:
    return {key: summarise(sampled) for key, sampled in samples.items()}
