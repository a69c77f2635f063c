"""Average precision with intervals: by class, over all boxes, by view and by size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights
from bonescan_yolo.evaluate.figures.sampled_precision import sampled_precision
from bonescan_yolo.evaluate.matching.average_precision import SIZES, ClassMetrics, average_precision_by_size
from bonescan_yolo.evaluate.matching.coco_matching import match_class
from bonescan_yolo.evaluate.matching.pool import CLASSES, Pool
from bonescan_yolo.scan.names import VIEWS

SUBSETS = (*SIZES, *VIEWS)
"""What the figures are told for: all boxes, those of a size, and all boxes of the scans of a view."""


def coco_precision(pool: Pool) -> dict[str, dict[str, ClassMetrics]]:
    """Return the evaluator's average precision by name in SUBSETS and by class."""
    metrics = average_precision_by_size([record.result for record in pool.records])
    for view in VIEWS:
        seen = [record.result for record in pool.records if record.view == view]
        metrics[view] = average_precision_by_size(seen)["all"]
    return metrics


def detection_figures(pool: Pool, weights: Weights, metrics: dict[str, dict[str, ClassMetrics]]) -> dict[str, Sampled]:
    """Return AP50 and AP50-95 by class and subset: the evaluator's value, with draws of our own count of its curve."""
    results = [record.result for record in pool.records]
    figures: dict[str, Sampled] = {}
    for class_id, name in CLASSES:
        matching = match_class(results, class_id)
        for subset in SUBSETS:
            scans = np.array([subset in SIZES or record.view == subset for record in pool.records], dtype=bool)
            size = subset if subset in SIZES else "all"
            drawn = sampled_precision(matching, weights, pool.patients, scans, size)
            missing = f"no {name} box in the truth{'' if subset == 'all' else f' ({subset})'}"
            metric = metrics[subset][name]
            figures[f"detection/ap50/{name}/{subset}"] = _sampled(metric.ap50, drawn[:, 0], missing)
            figures[f"detection/ap50_95/{name}/{subset}"] = _sampled(metric.ap50_95, drawn.mean(axis=1), missing)
    return figures


def _sampled(value: float | None, drawn: NDArray[np.float64], missing: str) -> Sampled:
    """Return the evaluator's value with the draws."""
    return Sampled(np.append(np.nan if value is None else value, drawn[1:]), missing)
