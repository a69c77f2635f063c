"""An evaluation as two CSV tables, a line per box and a line per scan; worst scans first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES, NORMAL
from bonescan_yolo.evaluate.evaluation import Evaluation, ModelResult
from bonescan_yolo.evaluate.figures.error_analysis import errors_of, part_of, sites_of, worst_first
from bonescan_yolo.evaluate.matching.evaluated_scan import NO_BONE
from bonescan_yolo.evaluate.matching.pool import BoxTable
from bonescan_yolo.files import Row, csv_text
from bonescan_yolo.regions.region_names import REGIONS

BOX_COLUMNS = (
    "model",
    "image",
    "patient",
    "view",
    "box",
    "outcome",
    "on_other_class",
    "class",
    "confidence",
    "x1_px",
    "y1_px",
    "x2_px",
    "y2_px",
    "site",
    "size",
    "contrast",
    "region",
)
"""`box` is `true` or `predicted`; `outcome` is `hit`, `missed` or `invented`; `confidence` of a true box is that of the
detection that hits it, shown or not. `site` is the group of `region`."""

SCAN_COLUMNS = (
    "model",
    "image",
    "patient",
    "view",
    "errors",
    "missed",
    "invented",
    "true_abnormal",
    "shown_abnormal",
    "true_normal",
    "shown_normal",
    "abnormal_confidence",
)


def dump_boxes(evaluation: Evaluation) -> str:
    """Return the table of true boxes, and of detections above the threshold."""
    return csv_text(BOX_COLUMNS, (row for model in evaluation.models for row in _boxes(model)))


def dump_scans(evaluation: Evaluation) -> str:
    """Return the table of scans."""
    return csv_text(SCAN_COLUMNS, (row for model in evaluation.models for row in _scans(model)))


def _boxes(model: ModelResult) -> Iterator[Row]:
    """Yield the lines of a model: scan after scan, in each the true boxes before the detections."""
    measured, pool = model.measured, model.measured.pool
    missed, invented = errors_of(pool, measured.thresholds)
    crossed = pool.shown_as_other(measured.thresholds)
    true_outcomes = np.where(missed, "missed", "hit")
    outcomes = np.where(invented, "invented", "hit")
    true_corners = np.concatenate([each.result.true_boxes for each in pool.scans])
    corners = np.concatenate([each.result.boxes for each in pool.scans])
    shown = pool.shown(measured.thresholds)
    true_of_scan = _by_scan(pool.truth, np.ones(len(missed), bool), len(pool.scans))
    shown_of_scan = _by_scan(pool.detections, shown, len(pool.scans))
    true_parts, parts = _parts(pool.truth), _parts(pool.detections)
    for scan in worst_first(pool, measured.thresholds):
        record = pool.scans[scan]
        start = (model.name, record.image.name, record.patient, record.view)
        for box in true_of_scan[scan]:
            taken = pool.hit_confidences[box]
            confidence = f"{taken:.4f}" if taken >= 0 else None
            values = (CLASS_NAMES[pool.truth.classes[box]], confidence, *_pixels(true_corners[box]))
            yield (*start, "true", true_outcomes[box], int(crossed[box]), *values, *true_parts[box])
        for box in shown_of_scan[scan]:
            values = (
                CLASS_NAMES[pool.detections.classes[box]],
                f"{pool.confidences[box]:.4f}",
                *_pixels(corners[box]),
            )
            yield (*start, "predicted", outcomes[box], int(pool.hits_other_class[box]), *values, *parts[box])


def _scans(model: ModelResult) -> Iterator[Row]:
    """Yield the lines of a model."""
    measured, pool = model.measured, model.measured.pool
    missed, invented = errors_of(pool, measured.thresholds)
    misses = np.bincount(pool.truth.scans[missed], minlength=len(pool.scans))
    inventions = np.bincount(pool.detections.scans[invented], minlength=len(pool.scans))
    true = [pool.count_true(class_id) for class_id in (ABNORMAL, NORMAL)]
    found = [pool.count_found(class_id, measured.thresholds) for class_id in (ABNORMAL, NORMAL)]
    for scan in worst_first(pool, measured.thresholds):
        record = pool.scans[scan]
        yield (
            model.name,
            record.image.name,
            record.patient,
            record.view,
            misses[scan] + inventions[scan],
            misses[scan],
            inventions[scan],
            true[ABNORMAL][scan],
            found[ABNORMAL][scan],
            true[NORMAL][scan],
            found[NORMAL][scan],
            f"{record.abnormal_confidence:.4f}",
        )


def _by_scan(table: BoxTable, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]], scans: int) -> list[list[int]]:
    """Return the indices of the chosen boxes of each scan."""
    of_scan: list[list[int]] = [[] for _ in range(scans)]
    for box in np.flatnonzero(chosen):
        of_scan[table.scans[box]].append(int(box))
    return of_scan


def _parts(table: BoxTable) -> list[tuple[str, str, str, str]]:
    """Return the texts for site, size, contrast and region of each box."""
    contrasts = [f"{contrast:.2f}" for contrast in table.contrasts]
    known = () if table.regions is None else table.regions
    regions = ["" if index == NO_BONE else REGIONS[index] for index in known] or [""] * len(contrasts)
    return list(zip(sites_of(table), part_of("size", table.sides), contrasts, regions, strict=True))


def _pixels(corners: Iterable[np.float32]) -> list[str]:
    return [f"{edge:.2f}" for edge in corners]
