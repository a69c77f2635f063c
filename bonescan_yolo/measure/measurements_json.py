"""Measured scans as JSON: the object that `predict` writes, with `measurements` beside it.

`measurements.schema.json` describes what is added; the rest obeys `predict/formats/reading.schema.json`.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np

from bonescan_yolo.measure.hot_spots import HotSpot, Ratio, ScanMeasures
from bonescan_yolo.measure.masks import run_lengths
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.predict.formats import reading_json
from bonescan_yolo.scan.body import Midline

KEY = "measurements"
AREA_DECIMALS = 1
LEVEL_DECIMALS = 2
RATIO_DECIMALS = 3
SHARE_DECIMALS = 5
SLOPE_DECIMALS = 4

BURDEN_NOTE = "A planar index of this view; not the clinical Bone Scan Index."


def describe(measures: ScanMeasures, detector: Detector) -> dict[str, Any]:
    """Return a measured scan as plain lists, numbers and texts, ready for JSON."""
    return reading_json.describe(measures.reading, detector) | {KEY: describe_measurements(measures)}


def describe_measurements(measures: ScanMeasures) -> dict[str, Any]:
    """Return what was measured on a scan; its hot spots are in the order of the detections."""
    scan = measures.reading.scan
    share = measures.abnormal_share
    return {
        "unit": "grey level" if scan.pixels.dtype == np.uint8 else "counts",
        "body": {
            "area_px": int(measures.body.mask.sum()),
            "total": round(measures.body_total, LEVEL_DECIMALS),
            "midline": _describe_midline(measures.body.midline),
        },
        "hot_spots": [_describe_spot(spot, (scan.height, scan.width)) for spot in measures.hot_spots],
        "abnormal_share_of_body": None if share is None else round(share, SHARE_DECIMALS),
        "note": BURDEN_NOTE,
    }


def read_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a measured scan: that of a reading, with the measurements."""
    schema = reading_json.read_schema()
    text = files(__package__).joinpath("measurements.schema.json").read_text(encoding="utf-8")
    schema["title"] = "Measured reading"
    schema["required"] = [*schema["required"], KEY]
    schema["properties"] = schema["properties"] | {KEY: json.loads(text)}
    return schema


def _describe_midline(midline: Midline | None) -> dict[str, float] | None:
    if midline is None:
        return None
    return {"column_px": round(midline.column, LEVEL_DECIMALS), "slope": round(midline.slope, SLOPE_DECIMALS)}


def _describe_spot(spot: HotSpot, shape: tuple[int, int]) -> dict[str, Any]:
    return {
        "area_px": spot.outline.area_px,
        "area_mm2": None if spot.area_mm2 is None else round(spot.area_mm2, AREA_DECIMALS),
        "total": round(spot.total, LEVEL_DECIMALS),
        "peak": round(spot.peak, LEVEL_DECIMALS),
        "saturated_px": spot.saturated_px,
        "uptake_to_surroundings": _describe_ratio(spot.to_surroundings),
        "uptake_to_other_side": _describe_ratio(spot.to_other_side),
        "segmentation": run_lengths(spot.outline, shape),
    }


def _describe_ratio(ratio: Ratio) -> dict[str, float | str | None]:
    value = None if ratio.value is None else round(ratio.value, RATIO_DECIMALS)
    return {"value": value, "missing": ratio.missing}
