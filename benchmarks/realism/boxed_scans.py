"""Scans with their boxes, as the comparisons of real and simulated ones read them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES, NORMAL, parse_class_name
from bonescan_yolo.convert.readers.bs80k import read_bs80k
from bonescan_yolo.convert.source import open_source
from bonescan_yolo.scan.body import BodyExtent, find_extent, find_mask
from bonescan_yolo.scan.display import body_level
from bonescan_yolo.scan.surroundings import peak_contrast

Image32 = NDArray[np.float32]

LabelledBox = tuple[bool, int, int, int, int]
"""Is it abnormal; x1, y1, x2, y2."""

HOTTEST = 80
"""Grey levels are cut off here before detail is measured, so that one bladder does not outweigh the bones."""


def class_name(is_abnormal: bool) -> str:
    """Return the name of a box's class."""
    return CLASS_NAMES[ABNORMAL if is_abnormal else NORMAL]


@dataclass(frozen=True)
class BoxedScan:
    """One scan as grey levels (H, W), its view, and its boxes."""

    grey: NDArray[np.uint8]
    view: str
    boxes: list[LabelledBox]

    @cached_property
    def edges(self) -> Boxes:
        """The boxes as x1 y1 x2 y2, (N, 4)."""
        return np.array([box[1:] for box in self.boxes], np.float32).reshape(-1, 4)

    @cached_property
    def pixels(self) -> Image32:
        """The grey levels as float32."""
        return self.grey.astype(np.float32)

    @cached_property
    def smooth(self) -> Image32:
        """The grey levels with their noise blurred, so that the brightest pixel of a spot is its peak."""
        return np.asarray(cv2.GaussianBlur(self.pixels, (0, 0), 1.0), dtype=np.float32)

    def contrast(self, box: LabelledBox, quantile: float) -> float | None:
        """Return the peak of a box over a quantile of its surroundings, other boxes left out; None without any left."""
        _, x1, y1, x2, y2 = box
        return peak_contrast(self.smooth, (x1, y1, x2, y2), self.boxed, quantile)

    @cached_property
    def boxed(self) -> NDArray[np.bool_]:
        """Pixels inside any box, (H, W)."""
        inside = np.zeros(self.grey.shape, bool)
        for _, x1, y1, x2, y2 in self.boxes:
            inside[y1:y2, x1:x2] = True
        return inside

    @cached_property
    def place(self) -> BodyExtent:
        """The rows and the middle of the body."""
        return find_extent(self.grey)

    @cached_property
    def body(self) -> NDArray[np.bool_]:
        """The pixels of the body, (H, W)."""
        return find_mask(self.pixels)

    @cached_property
    def level(self) -> float:
        """How bright the body is."""
        return body_level(self.pixels)

    @cached_property
    def dull(self) -> Image32:
        """The pixels with hot spots cut off."""
        return np.minimum(self.pixels, np.float32(HOTTEST))

    def part(self, ends: tuple[float, float]) -> slice:
        """Return the rows of a part of the body."""
        top, height = self.place.top, self.place.height
        return slice(int(top + ends[0] * height), int(top + ends[1] * height))

    def along(self, y: float) -> float:
        """Return a row's position along the body: 0 at its top, 1 at its bottom."""
        return (y - self.place.top) / self.place.height

    def beside(self, aside_px: tuple[float, float]) -> NDArray[np.bool_]:
        """Return which columns (W,) are at these distances from the middle, on both sides; the second is excluded."""
        aside = np.abs(np.arange(self.grey.shape[1]) + 0.5 - self.place.middle)
        return np.asarray((aside >= aside_px[0]) & (aside < aside_px[1]))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what every comparison of real and simulated scans takes: `--real` and `--resolution`."""
    parser.add_argument("--real", type=Path, required=True, help="BS-80K, or a part of it in its layout")
    parser.add_argument("--resolution", type=int, nargs=2, metavar=("COLUMNS", "ROWS"))


def add_both(parser: argparse.ArgumentParser) -> None:
    """Add what a comparison with scans that are already simulated takes: `--real`, `--resolution` and `--simulated`."""
    add_options(parser)
    parser.add_argument("--simulated", type=Path, required=True, help="a folder that the simulator wrote")


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
            yield BoxedScan(np.asarray(image, np.uint8), scan.view, boxes)


def reduced(image: Image.Image, resolution: tuple[int, int] | None) -> Image.Image:
    """Return a scan reduced to `resolution` (columns, rows) and enlarged to its own size; unchanged if that is None."""
    if resolution is None:
        return image
    columns, rows = resolution
    small = image.resize((columns, rows), Image.Resampling.BOX)
    return small.resize(image.size, Image.Resampling.BICUBIC)
