"""Outlines as pictures and as one COCO file."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from bonescan_yolo.measure.hot_spots import ScanMeasures
from bonescan_yolo.measure.measurements_json import KEY
from bonescan_yolo.predict.formats import boxes_coco

MOST_IN_8_BIT = 255


def mask_png(measures: ScanMeasures) -> bytes:
    """Return the hot spots' pixels as a grey PNG: 0 outside, else the number of the detection, from 1.

    Where outlines overlap the more confident detection shows. 8 bits; 16 where a scan has more than 255 detections.
    """
    many = len(measures.hot_spots) > MOST_IN_8_BIT
    numbers = np.zeros(measures.body.mask.shape, np.uint16 if many else np.uint8)
    for number, spot in reversed(list(enumerate(measures.hot_spots, start=1))):
        numbers[spot.outline.slices][spot.outline.mask] = number
    buffer = io.BytesIO()
    Image.fromarray(numbers).save(buffer, "PNG")
    return buffer.getvalue()


def coco_text(descriptions: Sequence[dict[str, Any]]) -> str:
    """Return measured scans (`json_file.describe`) as COCO JSON text: the boxes, each with its outline and area."""
    content = json.loads(boxes_coco.dump(descriptions))
    spots = [spot for description in descriptions for spot in description[KEY]["hot_spots"]]
    for annotation, spot in zip(content["annotations"], spots, strict=True):
        annotation["area"] = spot["area_px"]
        annotation["segmentation"] = spot["segmentation"]
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"
