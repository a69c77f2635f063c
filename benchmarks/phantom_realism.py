"""How near simulated scans come to real ones, in numbers: grey levels, size of the body, detail, boxes and contrast.

    python -m benchmarks.phantom_realism --real path/to/BS-80K [--studies 200] [--resolution 97 385]

Simulates studies into a temporary folder and prints the same figures of both sets, percentiles 5, 50 and 95 over
scans or boxes, and how far the medians lie apart; last as JSON. `--resolution` first reduces the simulated scans to
so many columns and rows, for real scans that were taken from blurred figures. Real scans are read and left alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.classes import ABNORMAL, parse_class_name
from bonescan_yolo.convert.bs80k import read_bs80k
from bonescan_yolo.convert.source import open_source
from bonescan_yolo.phantom.config import PhantomConfig
from bonescan_yolo.phantom.generate import Order, default_workers, generate

Image32 = NDArray[np.float32]

BODY_LEVEL = 6
"""Grey levels above this are body, not air."""

PERCENTILES = (5, 50, 95)

DETAIL_PX = (1.5, 3.0, 6.0, 12.0)
"""Detail is measured between these widths of blur."""

PARTS = {"head": (0.0, 0.12), "chest": (0.16, 0.36), "pelvis": (0.36, 0.52), "legs": (0.52, 0.97)}
"""Parts of the body, from the top row to the bottom row that hold any of it."""

HOTTEST = 80
"""Grey levels are cut off here before detail is measured, so that one bladder does not outweigh the bones."""

RING_PX = 5
"""Surroundings of a box."""


@dataclass(frozen=True)
class BoxedScan:
    """One scan as float32 (H, W), its view, and its boxes as (is abnormal, x1, y1, x2, y2)."""

    pixels: Image32
    view: str
    boxes: list[tuple[bool, int, int, int, int]]


def main() -> int:
    """Compare and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True, help="BS-80K, or a part of it in its layout")
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resolution", type=int, nargs=2, metavar=("COLUMNS", "ROWS"))
    options = parser.parse_args()
    real = figures(read_scans(options.real, None))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "phantom"
        order = Order(options.studies, options.seed, False, PhantomConfig())
        generate(out, order, default_workers(options.studies))
        simulated = figures(read_scans(out, options.resolution))
    print(f"{'':34}{'real: 5, 50, 95 %':>26}{'simulated':>26}{'ratio':>8}")
    ratios = {}
    for name, values in real.items():
        ours, theirs = (np.percentile(v, PERCENTILES) for v in (simulated[name], values))
        ratios[name] = round(float(ours[1] / theirs[1]), 3) if theirs[1] else None
        shown = ["".join(f"{x:8.2f}" for x in row) for row in (theirs, ours)]
        print(f"{name:34}{shown[0]:>26}{shown[1]:>26}{ratios[name] or float('nan'):8.2f}")
    print(json.dumps({"benchmark": "phantom_realism", "median_ratio": ratios}))
    return 0


def read_scans(folder: Path, resolution: tuple[int, int] | None) -> Iterator[BoxedScan]:
    """Yield the scans of a folder in BS-80K's layout, reduced to `resolution` and enlarged again if given."""
    with open_source(folder) as source:
        for scan in read_bs80k(source).scans:
            with Image.open(folder / scan.image) as opened:
                image = opened.convert("L")
            if resolution is not None:
                small = image.resize(tuple(resolution), Image.Resampling.BOX)
                image = small.resize(image.size, Image.Resampling.BICUBIC)
            boxes = [
                (parse_class_name(thing.name) == ABNORMAL, *(int(edge) for edge in thing.xyxy))
                for thing in scan.objects
            ]
            yield BoxedScan(np.asarray(image, np.float32), scan.view, boxes)


def figures(scans: Iterator[BoxedScan]) -> dict[str, list[float]]:
    """Return lists of measures by name, one value a scan or a box."""
    found: dict[str, list[float]] = {}
    for scan in scans:
        for name, value in [*of_scan(scan), *of_boxes(scan)]:
            found.setdefault(name, []).append(value)
    return found


def of_scan(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield the measures of one scan."""
    pixels, body = scan.pixels, scan.pixels[scan.pixels > BODY_LEVEL]
    rows = np.flatnonzero((pixels > BODY_LEVEL).sum(axis=1) > 3)
    top, height = int(rows[0]), int(rows[-1] - rows[0])
    yield "99th percentile of grey levels", float(np.percentile(pixels, 99))
    yield "brightest grey level", float(pixels.max())
    yield "body, median grey level", float(np.median(body))
    yield "body, 90th percentile", float(np.percentile(body, 90))
    yield "body, % of the frame", 100 * body.size / pixels.size
    yield "body height, % of the frame", 100 * height / pixels.shape[0]
    yield "head top, % of the frame", 100 * top / pixels.shape[0]
    abnormal = sum(box[0] for box in scan.boxes)
    yield f"{scan.view}: abnormal boxes", abnormal
    yield f"{scan.view}: normal boxes", len(scan.boxes) - abnormal
    dull = np.minimum(pixels, HOTTEST)
    blurred = [cv2.GaussianBlur(dull, (0, 0), width) for width in DETAIL_PX]
    for part, (first, last) in PARTS.items():
        place = slice(int(top + first * height), int(top + last * height))
        inside = blurred[-1][place] > BODY_LEVEL - 1
        level = float(blurred[-1][place][inside].mean())
        yield f"{scan.view} {part}: grey level", level
        for fine, coarse, width in zip(blurred, blurred[1:], DETAIL_PX, strict=False):
            yield f"{scan.view} {part}: detail from {width} px", float((fine - coarse)[place][inside].std() / level)


def of_boxes(scan: BoxedScan) -> Iterator[tuple[str, float]]:
    """Yield the measures of each box of one scan."""
    smooth = cv2.GaussianBlur(scan.pixels, (0, 0), 1.0)
    for is_abnormal, x1, y1, x2, y2 in scan.boxes:
        name = "abnormal" if is_abnormal else "normal"
        around = np.zeros(smooth.shape, bool)
        around[max(0, y1 - RING_PX) : y2 + RING_PX, max(0, x1 - RING_PX) : x2 + RING_PX] = True
        around[y1:y2, x1:x2] = False
        peak = float(smooth[y1:y2, x1:x2].max())
        yield f"{name} box: width", x2 - x1
        yield f"{name} box: height", y2 - y1
        yield f"{name} box: peak over surroundings", peak / max(1.0, float(np.median(smooth[around])))


if __name__ == "__main__":
    sys.exit(main())
