"""Average precision of patients that count several times: against the evaluators on scans that are there that often."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from bonescan_yolo.evaluate.bootstrap import draw_weights, summarise
from bonescan_yolo.evaluate.figures.precision_figures import (
    SUBSETS,
    coco_precision,
    detection_figures,
    sampled_precision,
)
from bonescan_yolo.evaluate.matching.average_precision import MAX_DETECTIONS, SIZES, average_precision_by_size
from bonescan_yolo.evaluate.matching.coco_matching import match_class
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from tests.evaluate.builders import SQUARE, moved, random_records, random_result, record, result


def by_size(results: list[ScanResult], times: list[int]) -> dict[str, list[np.ndarray]]:
    """Return our average precision by size and class at each overlap; each scan is one patient's."""
    weights = np.array([times], np.int32)
    everybody, all_scans = np.arange(len(results)), np.ones(len(results), bool)
    return {
        size: [
            sampled_precision(match_class(results, class_id), weights, everybody, all_scans, size)[0]
            for class_id in (0, 1)
        ]
        for size in SIZES
    }


def by_pycocotools(results: list[ScanResult]) -> np.ndarray:
    """Return average precision by size, class and overlap; -1 without truth."""
    annotations, found = [], []
    for image_id, scan in enumerate(results, start=1):
        for (x1, y1, x2, y2), class_id in zip(scan.true_boxes.tolist(), scan.true_classes, strict=True):
            box = [x1, y1, x2 - x1, y2 - y1]
            entry = {"id": len(annotations) + 1, "image_id": image_id, "category_id": int(class_id) + 1, "bbox": box}
            annotations.append(entry | {"area": box[2] * box[3], "iscrowd": 0})
        for (x1, y1, x2, y2), score, class_id in zip(scan.boxes.tolist(), scan.confidences, scan.classes, strict=True):
            box = [x1, y1, x2 - x1, y2 - y1]
            found.append({"image_id": image_id, "category_id": int(class_id) + 1, "bbox": box, "score": float(score)})
    truth = COCO()
    images = [{"id": index + 1} for index in range(len(results))]
    truth.dataset = {"info": {}, "images": images, "categories": [{"id": 1}, {"id": 2}], "annotations": annotations}
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(found), "bbox")
    evaluation.params.maxDets = [1, 10, MAX_DETECTIONS]
    evaluation.params.areaRng = [size.areas for size in SIZES.values()]
    evaluation.params.areaRngLbl = list(SIZES)
    evaluation.evaluate()
    evaluation.accumulate()
    return evaluation.eval["precision"][..., -1].mean(axis=1).transpose(2, 1, 0)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_agrees_with_pycocotools_on_scans_that_count_several_times(seed: int) -> None:
    """Confidences differ from scan to scan, as the order among equal ones is no law of the protocol."""
    random = np.random.default_rng(seed)
    results = [random_result(random) for _ in range(random.integers(1, 5))]
    for number, scan in enumerate(results):
        scan.confidences[:] = (scan.confidences + np.float32(number / 1000)).clip(0, 1)
    times = [int(count) for count in random.integers(0, 4, len(results))]
    repeated = [scan for scan, count in zip(results, times, strict=True) for _ in range(count)]
    if not sum(len(scan.true_boxes) for scan in repeated) or not sum(len(scan.boxes) for scan in repeated):
        return
    theirs = by_pycocotools(repeated)
    ours = by_size(results, times)
    for row, size in enumerate(SIZES):
        for class_id in (0, 1):
            np.testing.assert_allclose(np.nan_to_num(ours[size][class_id], nan=-1), theirs[row, class_id], atol=1e-9)


def test_every_patient_once_is_what_the_evaluator_says() -> None:
    records = random_records(np.random.default_rng(3), 12)
    results = [each.result for each in records]
    ours, theirs = by_size(results, [1] * len(results)), average_precision_by_size(results)
    for size in SIZES:
        for class_id, name in enumerate(("abnormal", "normal")):
            assert ours[size][class_id][0] == pytest.approx(theirs[size][name].ap50, abs=1e-9)
            assert ours[size][class_id].mean() == pytest.approx(theirs[size][name].ap50_95, abs=1e-9)


def test_sizes_worked_by_hand() -> None:
    """A box of 10 px is found, one of 20 px is not; what is found of 10 px is no false box for those of 20 px."""
    large = (10.0, 10.0, 30.0, 30.0)
    metrics = average_precision_by_size([result([(SQUARE, 0), (large, 0)], [(SQUARE, 0.9, 0)])])
    assert [metrics[size]["abnormal"].true_boxes for size in SIZES] == [2, 0, 1, 1]
    assert [metrics[size]["abnormal"].ap50 for size in SIZES] == [pytest.approx(51 / 101), None, pytest.approx(1), 0]


def test_a_box_on_the_limit_is_of_one_size() -> None:
    """A side of 8 px exactly is medium."""
    box = (10.0, 10.0, 18.0, 18.0)
    metrics = average_precision_by_size([result([(box, 0)], [(box, 0.9, 0)])])
    assert [metrics[size]["abnormal"].true_boxes for size in SIZES] == [1, 0, 1, 0]


def test_figures_by_view_and_what_is_missing() -> None:
    """The front view is found, the back view is not; there is no normal box at all."""
    scans = [
        record(result([(SQUARE, 0)], [(SQUARE, 0.9, 0)]), "1", "anterior"),
        record(result([(SQUARE, 0)], [(moved(SQUARE, 50), 0.8, 0)]), "1", "posterior"),
        record(result([(SQUARE, 0)], [(SQUARE, 0.9, 0)]), "2", "anterior"),
    ]
    pool = pool_scans(scans, HIT_RULE)
    figures = detection_figures(pool, draw_weights(2, 50, 0), coco_precision(pool))
    assert len(figures) == 2 * 2 * len(SUBSETS)
    assert summarise(figures["detection/ap50/abnormal/anterior"]).value == pytest.approx(1)
    assert summarise(figures["detection/ap50/abnormal/posterior"]).value == 0
    assert summarise(figures["detection/ap50/abnormal/all"]).value == pytest.approx(67 / 101)
    nothing = summarise(figures["detection/ap50_95/normal/posterior"])
    assert (nothing.value, nothing.missing) == (None, "no normal box in the truth (posterior)")
