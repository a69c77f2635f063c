"""Label Studio: one JSON file of tasks, whole or minimal."""

from __future__ import annotations

import random
from typing import Any

from tests.fuzz.conversions import HEIGHT, OBJECTS, PICTURES, WIDTH, Files, run_conversion
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_json import mutate_json

SIZE = {"original_width": WIDTH, "original_height": HEIGHT}
MASK = (0, 1, 0, 0, 57, 27, 255, 60, 159, 0, 194, 127, 251, 172, 3, 9, 255, 238, 176, 12, 39, 255, 186, 192, 48)
MASK_END = (159, 254, 235, 0, 194, 127, 251, 172, 3, 9, 255, 251, 228, 176, 0)
"""5 x 6 pixels, as label-studio-sdk packs them."""


def regions() -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = []
    for label, (x1, y1, x2, _) in OBJECTS:
        place = {"x": 100 * x1 / WIDTH, "y": 100 * y1 / HEIGHT, "width": 100 * (x2 - x1) / WIDTH, "height": 3.0}
        places += [{**place, "rotation": turn, "rectanglelabels": [label]} for turn in (0, 20)]
    ellipse = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 5, "rotation": 0, "ellipselabels": ["normal"]}
    polygon = {"points": [[10, 10], [20, 10], [15, 20]], "closed": True, "polygonlabels": ["abnormal"]}
    return [*places, ellipse, polygon, {"format": "rle", "rle": [*MASK, *MASK_END], "brushlabels": ["normal"]}]


def task(number: int, picture: str) -> dict[str, Any]:
    results = [
        {"id": f"r{i}", "from_name": "label", "to_name": "image", "type": "rectanglelabels", "image_rotation": 0,
         "value": value, **SIZE}
        for i, value in enumerate(regions())
    ]  # fmt: skip
    annotations = [{"id": i, "completed_by": i, "was_cancelled": False, "result": results} for i in range(2)]
    address = f"/data/upload/1/0123abcd-{picture}"
    return {"id": number, "data": {"image": address}, "annotations": annotations, "predictions": annotations[:1]}


def minimal_task(number: int, picture: str) -> dict[str, Any]:
    values = [{**region, **SIZE} for region in regions()]
    return {"id": number, "image": picture, "label": values, "annotator": 1, "annotation_id": number, "lead_time": 1.5}


def mutate(seed: int) -> Files:
    rng = random.Random(seed)
    make = rng.choice((task, minimal_task))
    return {"project.json": mutate_json([make(i, name) for i, name in enumerate(PICTURES)], rng)}


KIND = FuzzKind("label-studio", mutate, run_conversion("label-studio"))
