"""Average precision as Ultralytics counts it, on the same boxes, for comparison with COCO's.

It matches at the same IoUs, but joins the points of the curve by straight lines where COCO takes steps, so that its
figures differ slightly. Those that Ultralytics prints during training differ more: there it merges fewer overlapping
boxes and fits scans into its input in its own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.matching.average_precision import ClassMetrics
from bonescan_yolo.evaluate.matching.coco_matching import IOUS
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics


def ultralytics_precision(results: Sequence[ScanResult]) -> dict[str, ClassMetrics]:
    """Return Ultralytics' average precision of each class by name. Needs torch."""
    prepare_ultralytics()
    import torch
    from ultralytics.engine.validator import BaseValidator
    from ultralytics.utils.metrics import ap_per_class, box_iou

    validator = SimpleNamespace(iouv=torch.from_numpy(IOUS))  # all that its matching needs of a validator
    right, confidences, classes = [np.zeros((0, len(IOUS)), bool)], [np.zeros(0, np.float32)], [np.zeros(0, np.int64)]
    for result in results:
        order = np.argsort(-result.confidences, kind="stable")
        boxes, true_boxes = torch.from_numpy(result.boxes[order]), torch.from_numpy(result.true_boxes)
        found, true = torch.from_numpy(result.classes[order]), torch.from_numpy(result.true_classes)
        if len(true):
            right.append(BaseValidator.match_predictions(validator, found, true, box_iou(true_boxes, boxes)).numpy())
        else:
            right.append(np.zeros((len(order), len(IOUS)), bool))
        confidences.append(result.confidences[order])
        classes.append(result.classes[order])
    true_classes = np.concatenate([np.zeros(0, np.int64), *(result.true_classes for result in results)])
    known, precision = [], np.zeros((0, len(IOUS)))
    if len(true_classes):
        columns = (np.concatenate(column) for column in (right, confidences, classes))
        precision, known = ap_per_class(*columns, true_classes)[5:7]
    by_class = dict(zip(map(int, known), precision, strict=True))
    return {
        name: ClassMetrics(
            int((true_classes == class_id).sum()),
            float(by_class[class_id][0]) if class_id in by_class else None,
            float(by_class[class_id].mean()) if class_id in by_class else None,
        )
        for class_id, name in enumerate(CLASS_NAMES)
    }
