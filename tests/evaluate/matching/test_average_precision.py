"""Average precision: by hand, and against pycocotools, the implementation of COCO's own authors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from bonescan_yolo.evaluate.matching.average_precision import ClassMetrics, average_precision
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from tests.evaluate.builders import SQUARE, moved, result


def test_perfect() -> None:
    metrics = average_precision([result([(SQUARE, 0), (SQUARE, 1)], [(SQUARE, 0.9, 0), (SQUARE, 0.8, 1)])])
    assert metrics == {name: ClassMetrics(1, pytest.approx(1), pytest.approx(1)) for name in ("abnormal", "normal")}


def test_nothing_found_and_nothing_to_find() -> None:
    metrics = average_precision([result([(SQUARE, 0)], [])])
    assert metrics == {"abnormal": ClassMetrics(1, 0.0, 0.0), "normal": ClassMetrics(0, None, None)}
    metrics = average_precision([result([], [(SQUARE, 0.9, 0)])])
    assert metrics == {"abnormal": ClassMetrics(0, None, None), "normal": ClassMetrics(0, None, None)}
    assert average_precision([])["abnormal"] == ClassMetrics(0, None, None)


def test_the_wrong_class_does_not_count() -> None:
    metrics = average_precision([result([(SQUARE, 0)], [(SQUARE, 0.9, 1)])])
    assert metrics["abnormal"].ap50 == 0


def test_one_iou_worked_by_hand() -> None:
    """Moved by 2 of 10 px the IoU is 8/12 = 0.667: right at 0.5, 0.55, 0.6 and 0.65, wrong at the six above."""
    metrics = average_precision([result([(SQUARE, 0)], [(moved(SQUARE, 2), 0.9, 0)])])
    assert metrics["abnormal"].ap50 == pytest.approx(1)
    assert metrics["abnormal"].ap50_95 == pytest.approx(0.4)


def test_a_curve_worked_by_hand() -> None:
    """Two boxes to find; found, by confidence: right, wrong, right.

    Precision is 1 up to recall 0.5 and 2/3 up to 1: of COCO's 101 recalls 51 lie at or below 0.5, 50 above.
    """
    far = moved(SQUARE, 50)
    found = [(SQUARE, 0.9, 0), (moved(SQUARE, 100), 0.8, 0), (far, 0.7, 0)]
    metrics = average_precision([result([(SQUARE, 0), (far, 0)], found)])
    assert metrics["abnormal"].true_boxes == 2
    assert metrics["abnormal"].ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_duplicate_is_wrong_even_if_it_fits() -> None:
    """The better of two on one box counts, the other is a false alarm before the second box is found."""
    far = moved(SQUARE, 50)
    found = [(SQUARE, 0.9, 0), (SQUARE, 0.8, 0), (far, 0.7, 0)]
    metrics = average_precision([result([(SQUARE, 0), (far, 0)], found)])
    assert metrics["abnormal"].ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_scans_share_one_curve() -> None:
    """A confident false alarm on one scan stands before the right box of another: precision 1/2 at every recall."""
    metrics = average_precision([result([], [(SQUARE, 0.9, 0)]), result([(SQUARE, 0)], [(SQUARE, 0.5, 0)])])
    assert metrics["abnormal"].ap50 == pytest.approx(0.5)


def test_more_than_a_hundred_boxes_of_a_scan_count() -> None:
    boxes = [(float(x), float(y), x + 5.0, y + 5.0) for x in range(0, 240, 20) for y in range(0, 200, 20)]
    metrics = average_precision([result([(box, 0) for box in boxes], [(box, 0.5, 0) for box in boxes])])
    assert len(boxes) == 120
    assert metrics["abnormal"].ap50 == pytest.approx(1)


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    average_precision([result([(SQUARE, 0)], [(SQUARE, 0.9, 0)])])
    assert capsys.readouterr().out == ""


def by_pycocotools(results: Sequence[ScanResult]) -> dict[int, tuple[float, float]]:
    """Return AP50 and AP50-95 by class id from pycocotools; -1 without truth."""
    annotations, found = [], []
    for image_id, scan in enumerate(results, start=1):
        for box, class_id in zip(_xywh(scan.true_boxes), scan.true_classes, strict=True):
            annotations.append(
                {"id": len(annotations) + 1, "image_id": image_id, "category_id": int(class_id) + 1, "bbox": box}
                | {"area": box[2] * box[3], "iscrowd": 0}
            )
        found += [
            {"image_id": image_id, "category_id": int(class_id) + 1, "bbox": box, "score": float(confidence)}
            for box, confidence, class_id in zip(_xywh(scan.boxes), scan.confidences, scan.classes, strict=True)
        ]
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": index + 1} for index in range(len(results))],
        "categories": [{"id": 1}, {"id": 2}],
        "annotations": annotations,
    }
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(found), "bbox")
    evaluation.params.maxDets = [1, 10, 300]
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"][..., 0, -1]
    return {class_id: (precision[0, :, class_id].mean(), precision[..., class_id].mean()) for class_id in (0, 1)}


def _xywh(boxes: NDArray[np.float32]) -> list[list[float]]:
    return [[float(x1), float(y1), float(x2) - float(x1), float(y2) - float(y1)] for x1, y1, x2, y2 in boxes]


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_agrees_with_pycocotools(seed: int) -> None:
    random = np.random.default_rng(seed)
    results = []
    for _ in range(random.integers(1, 5)):
        corners = random.uniform([0, 0], [240, 1000], (random.integers(1, 12), 2))
        true = np.concatenate([corners, corners + random.uniform(4, 16, corners.shape)], axis=1)
        classes = random.integers(0, 2, len(true))
        found = np.concatenate([true + random.normal(0, 1.5, true.shape), true[: len(true) // 2]])
        found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
        guessed = np.where(random.random(len(found)) < 0.8, np.resize(classes, len(found)), 1)
        results.append(
            ScanResult(
                width=256,
                height=1024,
                true_boxes=true.astype(np.float32),
                true_classes=classes,
                boxes=found.astype(np.float32),
                confidences=random.permutation(len(found)).astype(np.float32) / 100,
                classes=guessed,
            )
        )
    ours, theirs = average_precision(results), by_pycocotools(results)
    for class_id, name in enumerate(("abnormal", "normal")):
        ap50, ap50_95 = (-1 if value is None else value for value in (ours[name].ap50, ours[name].ap50_95))
        assert (ap50, ap50_95) == pytest.approx(theirs[class_id], abs=1e-9)
