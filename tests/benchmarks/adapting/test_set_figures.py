"""The figures are those of the evaluation, and their draws those of its bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.adapting.reading_sets import beside_truth
from benchmarks.adapting.scan_sets import ScanSet
from benchmarks.adapting.set_figures import best_thresholds, measure, thresholds_of
from bonescan_yolo.evaluate.bootstrap import draw_weights
from bonescan_yolo.evaluate.matching.average_precision import average_precision
from bonescan_yolo.evaluate.matching.hits import hit_scores
from bonescan_yolo.model.runtime import Detections
from bonescan_yolo.model.thresholds import Thresholds


def test_figures_are_those_of_the_evaluation(scans: ScanSet, found: list[Detections]) -> None:
    results = beside_truth(scans, found)
    own = Thresholds(0.4, 0.3)
    thresholds = thresholds_of(results, own)
    assert thresholds == {"own": own, "best": best_thresholds(results, own)}
    figures = measure(results, scans.patients, thresholds, draw_weights(12, 0, 0))
    precision = average_precision(results)
    for name in ("abnormal", "normal"):
        assert figures[f"ap50/{name}"][0] == pytest.approx(precision[name].ap50, abs=1e-9)
        for at, threshold in thresholds.items():
            assert figures[f"f1_{at}/{name}"][0] == pytest.approx(hit_scores(results, threshold)[name].f1)
    false = hit_scores(results, own)["abnormal"].false_per_scan
    assert figures["false_abnormal_own"][0] == pytest.approx(false)
    both = figures["ap50/abnormal"][0], figures["ap50/normal"][0]
    assert figures["ap50/mean"][0] == pytest.approx(np.mean(both))


def test_a_draw_counts_patients_as_often_as_it_has_them(scans: ScanSet, found: list[Detections]) -> None:
    results = beside_truth(scans, found)
    thresholds = {"own": Thresholds.both(0.3)}
    weights = draw_weights(12, 3, 0)
    figures = measure(results, scans.patients, thresholds, weights)
    order = sorted(set(scans.patients))
    times = dict(zip(order, weights[2], strict=True))
    repeated = [result for result, name in zip(results, scans.patients, strict=True) for _ in range(times[name])]
    scores = hit_scores(repeated, Thresholds.both(0.3))
    assert figures["f1_own/abnormal"][2] == pytest.approx(scores["abnormal"].f1)
    assert figures["false_abnormal_own"][2] == pytest.approx(scores["abnormal"].false_per_scan)


def test_the_best_thresholds_are_at_least_as_good_as_any(scans: ScanSet, found: list[Detections]) -> None:
    results = beside_truth(scans, found)
    best = hit_scores(results, best_thresholds(results, Thresholds.both(0.4)))
    for threshold in np.linspace(0, 0.99, 34):
        for name, score in hit_scores(results, Thresholds.both(float(threshold))).items():
            assert (best[name].f1 or 0) >= (score.f1 or 0)


def test_without_a_hit_the_best_threshold_is_the_own_one(scans: ScanSet) -> None:
    nothing = [Detections(boxes[:0], np.zeros(0, np.float32), np.zeros(0, np.int64), 0.0) for boxes in scans.boxes]
    own = Thresholds(0.4, 0.3)
    assert best_thresholds(beside_truth(scans, nothing), own) == own
