"""CSV: one table for all images."""

from __future__ import annotations

import random

from tests.fuzz.conversions import OBJECTS, PICTURES, Files, run_conversion
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_lines import mutate_lines


def whole() -> str:
    rows = [
        ",".join((name, "0", label, *map(str, corners)))
        for name in PICTURES
        for label, corners in OBJECTS
        for _ in range(2)
    ]
    return "\n".join(["path,frame,class,x1_px,y1_px,x2_px,y2_px", *rows]) + "\n"


def mutate(seed: int) -> Files:
    return {"boxes.csv": mutate_lines(whole(), ",", random.Random(seed))}


KIND = FuzzKind("csv", mutate, run_conversion("csv"))
