"""YOLO: a text file per image, and the names of the classes."""

from __future__ import annotations

import random

from tests.fuzz.conversions import HEIGHT, OBJECTS, PICTURES, WIDTH, Files, run_conversion
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_lines import mutate_lines


def whole() -> str:
    boxes = [
        f"{i} {(x1 + x2) / 2 / WIDTH} {(y1 + y2) / 2 / HEIGHT} {(x2 - x1) / WIDTH} {(y2 - y1) / HEIGHT}"
        for i, (_, (x1, y1, x2, y2)) in enumerate(OBJECTS)
    ]
    return "\n".join([*boxes, f"{boxes[0]} 0.9", "1 0.1 0.2 0.3 0.2 0.3 0.4"]) + "\n"


def mutate(seed: int) -> Files:
    rng = random.Random(seed)
    files = {name.replace(".png", ".txt"): mutate_lines(whole(), " ", rng) for name in PICTURES}
    names = b"names:\n  0: abnormal\n  1: normal\n"
    return {**files, "data.yaml": mutate_lines(names.decode(), " ", rng) if rng.random() < 0.3 else names}


KIND = FuzzKind("yolo", mutate, run_conversion("yolo"))
