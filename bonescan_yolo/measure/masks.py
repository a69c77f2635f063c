"""Outlines as masks: pictures, and run lengths for COCO's tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from bonescan_yolo.measure.hot_spots import ScanMeasures
from bonescan_yolo.measure.outlines import Outline, union
from bonescan_yolo.predict.drawn_png import drawn_png

MOST_IN_8_BIT = 255


def mask_png(measures: ScanMeasures) -> bytes:
    """Return the hot spots' pixels as a grey PNG: 0 outside, else the number of the detection, from 1.

    Where outlines overlap the more confident detection shows. 8 bits; 16 where a scan has more than 255 detections.
    """
    many = len(measures.hot_spots) > MOST_IN_8_BIT
    numbers = np.zeros(measures.body.mask.shape, np.uint16 if many else np.uint8)
    for number, spot in reversed(list(enumerate(measures.hot_spots, start=1))):
        numbers[spot.outline.slices][spot.outline.mask] = number
    return drawn_png(Image.fromarray(numbers))


def add_outlines(annotations: Sequence[dict[str, Any]], measures: ScanMeasures) -> None:
    """Put the outlines and areas of a scan's hot spots into the COCO annotations of their boxes, in the same order."""
    scan = measures.reading.scan
    for annotation, spot in zip(annotations, measures.hot_spots, strict=True):
        annotation["area"] = spot.outline.area_px
        annotation["segmentation"] = run_lengths(spot.outline, (scan.height, scan.width))


def run_lengths(outline: Outline, shape: tuple[int, int]) -> dict[str, Any]:
    """Return an outline on a scan of `shape` (height, width) as `{"size": [height, width], "counts": [...]}`.

    This is COCO's run-length encoding in its plain form. COCO's tools read it like the compressed one
    (`COCO.annToMask`, `mask.frPyObjects`), and any language decodes it in a loop; compressing it would need
    pycocotools wherever scans are read. The counts are lengths of runs outside and inside in turn, down each column
    and then the next; the first, which may be 0, is outside.
    """
    down_columns = union([outline], shape).T.ravel()
    starts = np.flatnonzero(np.diff(down_columns, prepend=False))
    counts = np.diff(starts, prepend=0, append=down_columns.size)
    return {"size": list(shape), "counts": counts.tolist()}
