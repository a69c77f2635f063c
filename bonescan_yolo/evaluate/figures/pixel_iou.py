"""Pixel IoU: outlined hot spots of a class against the true ones, as one set of pixels each.

What networks for segmentation are judged by. Intersections and unions are summed over scans before they are divided, so
that a scan without hot spots adds nothing.
"""

from __future__ import annotations

import numpy as np

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.pool import CLASSES, Pool
from bonescan_yolo.scan.names import VIEWS

PUBLISHED = {
    "pixel_iou/abnormal/anterior": 0.35,
    "pixel_iou/normal/anterior": 0.50,
    "pixel_iou/abnormal/posterior": 0.47,
    "pixel_iou/normal/posterior": 0.54,
}
"""What networks of the U-Net family reach that were trained on BS-80K, on real scans."""


def pixel_iou_figures(pool: Pool, weights: Weights) -> dict[str, Sampled]:
    """Return the pixel IoU by class and view; nothing unless hot spots were outlined on every scan."""
    overlaps = [record.pixel_overlaps for record in pool.records]
    figures = {}
    for class_id, name in CLASSES:
        counts = [(each[class_id].intersection, each[class_id].union) for each in overlaps if each is not None]
        if len(counts) < len(overlaps) or not counts:
            return {}
        table = np.array(counts, dtype=np.float64)
        for view in VIEWS:
            seen = np.array([record.view == view for record in pool.records], dtype=bool)
            shared, either = (totals(weights, pool.patients[seen], table[seen, column]) for column in (0, 1))
            missing = f"no {name} hot spot on {view} scans, true or found"
            figures[f"pixel_iou/{name}/{view}"] = Sampled(divide(shared, either), missing)
    return figures
