"""Scans with their boxes as the comparisons of real and simulated ones read them, and where the body lies on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.classes import ABNORMAL, parse_class_name
from bonescan_yolo.convert.bs80k import read_bs80k
from bonescan_yolo.convert.source import open_source
from bonescan_yolo.scan.display import BODY_LEVELS, body_level

Image32 = NDArray[np.float32]

BODY_LEVEL = 6
"""Grey levels above this are body, not air."""

RIBS = (0.18, 0.32)
"""Where the ribs lie, from the top row to the bottom row that hold any of the body."""

HOTTEST = 80
"""Grey levels are cut off here before detail is measured, so that one bladder does not outweigh the bones."""


@dataclass(frozen=True)
class BoxedScan:
    """One scan as float32 (H, W), its view, and its boxes as (is abnormal, x1, y1, x2, y2)."""

    pixels: Image32
    view: str
    boxes: list[tuple[bool, int, int, int, int]]

    @cached_property
    def rows(self) -> tuple[int, int]:
        """First row that holds body, and the number of rows to the last."""
        rows = np.flatnonzero((self.pixels > BODY_LEVEL).sum(axis=1) > 3)
        return int(rows[0]), int(rows[-1] - rows[0])

    @cached_property
    def body(self) -> NDArray[np.bool_]:
        """Where the body is, (H, W)."""
        return cv2.GaussianBlur(self.pixels, (0, 0), 2.0) > BODY_LEVELS * self.level

    @cached_property
    def level(self) -> float:
        """How bright the body is."""
        return body_level(self.pixels)

    @cached_property
    def middle(self) -> int:
        """Column that halves the trunk."""
        return int(np.median(np.nonzero(self.body[self.part(RIBS)])[1]))

    @cached_property
    def dull(self) -> Image32:
        """The pixels with hot spots cut off."""
        return np.minimum(self.pixels, np.float32(HOTTEST))

    def part(self, ends: tuple[float, float]) -> slice:
        """Return the rows of a part of the body."""
        top, height = self.rows
        return slice(int(top + ends[0] * height), int(top + ends[1] * height))

    def along(self, y: float) -> float:
        """Return where a row lies along the body: 0 at its top, 1 at its bottom."""
        top, height = self.rows
        return (y - top) / height

    def beside(self, aside_px: tuple[float, float]) -> NDArray[np.bool_]:
        """Return which columns (W,) lie at these distances from the middle, first in and last out, on both sides."""
        aside = np.abs(np.arange(self.pixels.shape[1]) - self.middle)
        return np.asarray((aside >= aside_px[0]) & (aside < aside_px[1]))


def read_scans(folder: Path, resolution: tuple[int, int] | None, view: str | None = None) -> Iterator[BoxedScan]:
    """Yield a folder's scans (BS-80K's layout), of one view if given, reduced to `resolution` and enlarged again."""
    with open_source(folder) as source:
        for scan in read_bs80k(source).scans:
            if view not in (None, scan.view):
                continue
            with Image.open(folder / scan.image) as opened:
                image = opened.convert("L")
            image = reduced(image, resolution)
            boxes = []
            for thing in scan.objects:
                x1, y1, x2, y2 = (int(edge) for edge in thing.xyxy)
                boxes.append((parse_class_name(thing.name) == ABNORMAL, x1, y1, x2, y2))
            yield BoxedScan(np.asarray(image, np.float32), scan.view, boxes)


def reduced(image: Image.Image, resolution: tuple[int, int] | None) -> Image.Image:
    """Return a scan as it comes out of a picture of so many columns and rows, in its own size; itself without any."""
    if resolution is None:
        return image
    small = image.resize(tuple(resolution), Image.Resampling.BOX)
    return small.resize(image.size, Image.Resampling.BICUBIC)
