"""Pascal VOC: a file per image."""

from __future__ import annotations

import random

from tests.convert.builders import voc
from tests.fuzz.conversions import HEIGHT, OBJECTS, PICTURES, WIDTH, Files, run_conversion
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_xml import mutate_xml


def mutate(seed: int) -> Files:
    rng = random.Random(seed)
    whole = {name: voc(OBJECTS, name, (WIDTH, HEIGHT)) for name in PICTURES}
    return {name.replace(".png", ".xml"): mutate_xml(text, rng) for name, text in whole.items()}


KIND = FuzzKind("voc", mutate, run_conversion("voc"))
