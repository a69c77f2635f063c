"""Readings as one COCO file: images, categories, and annotations with a score."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.model.card import NOTICE


def dump(descriptions: Sequence[dict[str, Any]]) -> str:
    """Return described readings (`json_file.describe`) as COCO JSON text.

    Boxes are `x y width height` in pixels; ids count from 1, as COCO's own do. Category ids are the class ids
    plus 1, since many COCO tools take 0 for the background.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, description in enumerate(descriptions, start=1):
        scan = description["scan"]
        images.append({"id": image_id, "file_name": scan["path"], "width": scan["width"], "height": scan["height"]})
        for detection in description["detections"]:
            x1, y1, x2, y2 = detection["box_xyxy"]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": CLASS_NAMES.index(detection["class"]) + 1,
                    "bbox": [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
                    "area": round((x2 - x1) * (y2 - y1), 2),
                    "iscrowd": 0,
                    "score": detection["confidence"],
                }
            )
    categories = [{"id": class_id + 1, "name": name} for class_id, name in enumerate(CLASS_NAMES)]
    content = {
        "info": {"description": f"Readings of bonescan_yolo. {NOTICE}"},
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
