"""CVAT: one XML file for all images."""

from __future__ import annotations

import random

from tests.fuzz.conversions import HEIGHT, OBJECTS, PICTURES, WIDTH, Files, run_conversion
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_xml import mutate_xml


def whole() -> str:
    boxes = "".join(
        f'<box label="{label}" occluded="0" xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}" rotation="{turn}"/>'
        f'<polygon label="{label}" points="{x1},{y1};{x2},{y1};{x2},{y2}"/>'
        f'<ellipse label="{label}" cx="{x2}" cy="{y2}" rx="5" ry="4"/>'
        f'<mask label="{label}" rle="1, 2" left="{int(x1)}" top="{int(y1)}" width="5" height="6"/>'
        for label, (x1, y1, x2, y2) in OBJECTS
        for turn in (0, 30)
    )
    images = "".join(
        f'<image id="{i}" name="{name}" width="{WIDTH}" height="{HEIGHT}">{boxes}</image>'
        for i, name in enumerate(PICTURES)
    )
    return f"<annotations><version>1.1</version><meta><task><name>a</name></task></meta>{images}</annotations>"


def mutate(seed: int) -> Files:
    return {"annotations.xml": mutate_xml(whole(), random.Random(seed))}


KIND = FuzzKind("cvat", mutate, run_conversion("cvat"))
