"""LabelMe: a JSON file per image."""

from __future__ import annotations

import random
from typing import Any

from tests.fuzz.conversions import HEIGHT, OBJECTS, PICTURES, WIDTH, Files, run_conversion
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_json import mutate_json


def whole(picture: str) -> dict[str, Any]:
    shapes: list[dict[str, Any]] = [
        {"label": label, "points": [[x1, y1], [x2, y2]], "shape_type": form, "group_id": None, "flags": {}}
        for label, (x1, y1, x2, y2) in OBJECTS
        for form in ("rectangle", "circle", "polygon")
    ]
    return {
        "version": "5.5.0",
        "flags": {},
        "shapes": shapes,
        "imagePath": picture,
        "imageData": None,
        "imageHeight": HEIGHT,
        "imageWidth": WIDTH,
    }


def mutate(seed: int) -> Files:
    rng = random.Random(seed)
    return {name.replace(".png", ".json"): mutate_json(whole(name), rng) for name in PICTURES}


KIND = FuzzKind("labelme", mutate, run_conversion("labelme"))
