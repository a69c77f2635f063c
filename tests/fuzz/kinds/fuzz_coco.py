"""COCO: one file for all images."""

from __future__ import annotations

import random
from typing import Any

from tests.fuzz.conversions import HEIGHT, OBJECTS, PICTURES, WIDTH, Files, run_conversion
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_json import mutate_json


def whole() -> dict[str, Any]:
    annotations = [
        {"id": 1, "image_id": image, "category_id": number, "bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": 0,
         "segmentation": [[x1, y1, x2, y1, x2, y2]], "area": 1.0}
        for image in range(len(PICTURES))
        for number, (_, (x1, y1, x2, y2)) in enumerate(OBJECTS)
    ]  # fmt: skip
    return {
        "images": [{"id": i, "file_name": name, "width": WIDTH, "height": HEIGHT} for i, name in enumerate(PICTURES)],
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, (name, _) in enumerate(OBJECTS)],
    }


def mutate(seed: int) -> Files:
    return {"boxes.json": mutate_json(whole(), random.Random(seed))}


KIND = FuzzKind("coco", mutate, run_conversion("coco"))
