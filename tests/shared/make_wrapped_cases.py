"""Make `wrapped.json`, scans that wrapped and others, on which Python's finder and the page's agree pixel by pixel.

python -m tests.shared.make_wrapped_cases
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.wraparound import find_wraparound

HEIGHT, WIDTH = 64, 48
CASES = Path(__file__).with_name("wrapped.json")


def hot_spots(*spots: tuple[float, float, float, float], seed: int = 0) -> NDArray[np.int64]:
    """Return noisy levels of hot spots (row, column, peak, sigma in pixels) on a body, not limited."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    expected = np.full((HEIGHT, WIDTH), 20.0)
    for row, column, peak, sigma in spots:
        expected += peak * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * sigma**2))
    return np.random.default_rng(seed).poisson(expected)


def named_levels() -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each case's name and grey levels."""
    yield "wrapped once", hot_spots((30, 24, 400, 5)) % 256
    yield "wrapped four times", hot_spots((30, 24, 1200, 6), seed=1) % 256
    yield "two hot spots", hot_spots((15, 14, 350, 3.5), (46, 30, 600, 4), seed=2) % 256
    yield "cut by the edge", hot_spots((30, 2, 600, 4), seed=3) % 256
    yield "saturated", np.minimum(hot_spots((30, 24, 1200, 6), seed=4), 255)
    yield "a narrow window", np.minimum(hot_spots((30, 24, 35, 9), seed=5) * 5, 255)
    framed = hot_spots(seed=6)
    framed[[10, 50], 8:40] = framed[10:51, [8, 39]] = 255
    yield "a drawn frame", framed
    yield "a single dark pixel", np.where(np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) == 1464, 0, wide())
    yield "faint", hot_spots((30, 24, 90, 5), seed=7)


def wide() -> NDArray[np.int64]:
    """Return a hot spot that stays below 255."""
    return np.minimum(hot_spots((30, 24, 190, 6), seed=8), 240)


def runs(mask: NDArray[np.bool_]) -> list[list[int]]:
    """Return row, first column and the column after the last of each run of a mask."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    return np.stack([rows, starts, np.nonzero(edges == -1)[1]], axis=1).tolist()


def case(name: str, levels: NDArray[np.int64]) -> dict[str, Any]:
    """Return a case with its levels, base64 of a byte each, and what is to be found."""
    grey = levels.astype(np.uint8)
    found = find_wraparound(grey)
    return {
        "name": name,
        "height": HEIGHT,
        "width": WIDTH,
        "levels": base64.b64encode(grey.tobytes()).decode("ascii"),
        "regions": found.regions,
        "core": runs(found.core),
    }


if __name__ == "__main__":
    cases = [case(name, levels) for name, levels in named_levels()]
    CASES.write_text(json.dumps({"cases": cases}) + "\n", encoding="utf-8", newline="\n")
