"""A body with hot spots of known uptake, read by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bonescan_yolo.model.detector import Reading
from bonescan_yolo.scan import Scan

Read = Callable[..., Reading]

BODY = 20
PLACES = {"left": (300, 90), "right": (300, 165), "middle": (400, 127), "far": (900, 20)}
"""Row and column of the upper left pixel of squares of SIDE px; left and right are each other's mirror images."""

SIDE = 10


@pytest.fixture
def read() -> Read:
    """Return a function that makes the reading of a scan with hot squares: levels and classes by place."""

    def make(levels: dict[str, int], classes: dict[str, int] | None = None, **known: Any) -> Reading:
        rows, columns = np.indices((1024, 256))
        body = (np.abs(columns - 132) <= 70) & (rows > 100) & (rows < 800)
        pixels = np.where(body, BODY, 0).astype(np.uint8)
        boxes = []
        for place, level in levels.items():
            row, column = PLACES[place]
            pixels[row : row + SIDE, column : column + SIDE] = level
            boxes.append([column - 1, row - 1, column + SIDE + 1, row + SIDE + 1])
        known.setdefault("path", Path("7_ant.png"))
        ids = [(classes or {}).get(place, 0) for place in levels]
        return Reading(
            scan=Scan(pixels, **known),
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            confidences=np.linspace(0.9, 0.5, len(boxes), dtype=np.float32),
            classes=np.array(ids, np.int64),
            scan_abnormal_confidence=0.9,
        )

    return make
