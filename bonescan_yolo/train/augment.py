"""Random changes to training scans that fit scintigraphy: position and size of the patient, counts, camera, display.

These are Ultralytics transforms: callables on its `labels` dictionary, in which `img` is (height, width, 1) uint8 and
`instances` are the boxes. The random numbers come from Python's `random`, which Ultralytics seeds in every process.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.regions.region_map import STRIDE, mirror
from bonescan_yolo.scan.body import body_pixels
from bonescan_yolo.scan.display import MAX_GREY, body_level, to_tones
from bonescan_yolo.train.settings import AugmentationConfig

MIN_BOX_PX = 3.0
"""A box clipped by the frame's edge to less than this is dropped. The 5th percentile of BS-80K's boxes is 5 px."""

MIN_VISIBLE = 0.5
"""A box is dropped if less than this fraction of its area is left in the frame."""

ScanLabels = dict[str, Any]
"""Ultralytics' `labels` of a scan."""

BONES = "bones"
"""Key of the labels under which the map of bones is (`regions.region_map`), for scans that have one. It moves with the
scan."""


def random_changes(config: AugmentationConfig) -> list[Callable[[ScanLabels], ScanLabels]]:
    """Return the transforms of a training scan, in order; the last ones make tones of it and cut out a window."""
    changes: list[Callable[[ScanLabels], ScanLabels]] = [
        ShiftAndScale(config.shift, config.scale),
        Flip(config.flip),
        CameraAndDisplay(config),
        ToTones(config.tone_spread),
    ]
    return changes if config.crop is None else [*changes, Crop(*config.crop)]


class ShiftAndScale:
    """Move the patient in the frame and change their size; the area outside is background."""

    def __init__(self, shift: float, scale: float) -> None:
        """Take the largest shift as a fraction of width and height, and the largest change of size."""
        self.shift = shift
        self.scale = scale

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Apply one random change to image and boxes."""
        image = labels["img"]
        height, width = image.shape[:2]
        factor = 1 + random.uniform(-self.scale, self.scale)
        dx = width / 2 * (1 - factor) + random.uniform(-self.shift, self.shift) * width
        dy = height / 2 * (1 - factor) + random.uniform(-self.shift, self.shift) * height
        labels["img"] = _moved(image, factor, (dx, dy))
        if BONES in labels:
            labels[BONES] = _moved(labels[BONES], factor, (dx / STRIDE, dy / STRIDE))
        _to_pixels(labels, width, height)
        _move_boxes(labels, factor, (dx, dy), (width, height))
        return labels


def _to_pixels(labels: dict[str, Any], width: int, height: int) -> None:
    """Convert the boxes of an image of this size to x1 y1 x2 y2 in pixels."""
    labels["instances"].convert_bbox(format="xyxy")
    labels["instances"].denormalize(width, height)


def _move_boxes(labels: dict[str, Any], factor: float, offset: tuple[float, float], size: tuple[int, int]) -> None:
    """Move boxes in pixels with the image, clip them to its frame, and drop those with too little left.

    `size` is the size of the frame after the move, width first.
    """
    instances = labels["instances"]
    moved = instances.bboxes * factor + np.array([*offset, *offset], dtype=np.float32)
    limits = np.array([*size, *size], dtype=np.float32)
    instances.bboxes[:] = np.clip(moved, 0, limits)
    sides = instances.bboxes[:, 2:] - instances.bboxes[:, :2]
    whole = (moved[:, 2:] - moved[:, :2]).prod(axis=1)
    kept = (sides.min(axis=1, initial=np.inf) >= MIN_BOX_PX) & (sides.prod(axis=1) >= MIN_VISIBLE * whole)
    labels["instances"] = instances[kept]
    labels["cls"] = labels["cls"][kept]


def _moved(pixels: NDArray[np.uint8], factor: float, offset: tuple[float, float]) -> NDArray[np.uint8]:
    """Return pixels (height, width, channels) enlarged by a factor, then shifted by (x, y); outside is 0."""
    matrix = np.array([[factor, 0, offset[0]], [0, factor, offset[1]]], dtype=np.float32)
    matrix[:, 2] += 0.5 * factor - 0.5  # warpAffine maps pixel centres; boxes are given by edges, half a pixel further
    height, width = pixels.shape[:2]
    moved = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(moved, dtype=np.uint8).reshape(pixels.shape)


class Flip:
    """Swap left and right with a probability. Class and view stay the same."""

    def __init__(self, probability: float) -> None:
        """Take the probability, in [0, 1]."""
        self.probability = probability

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Flip image and boxes, or leave both."""
        if random.random() < self.probability:
            image = labels["img"]
            labels["img"] = np.ascontiguousarray(image[:, ::-1])
            if BONES in labels:
                labels[BONES] = mirror(labels[BONES])
            _to_pixels(labels, image.shape[1], image.shape[0])
            labels["instances"].fliplr(image.shape[1])
        return labels


class Crop:
    """Crop the scan to a random window over the body.

    A convolutional network learns the same from a window as from the whole scan, in proportion to its area. The part
    left out is mostly the air around the body.
    """

    def __init__(self, height: int, width: int) -> None:
        """Take the window's size in pixels; a smaller scan is left whole."""
        self.height = height
        self.width = width

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Crop image and boxes."""
        image = labels["img"]
        rows, columns = image.shape[:2]
        body, step = body_pixels(image[..., 0]), STRIDE if BONES in labels else 1
        top = _window_start(np.asarray(body.any(axis=1)), self.height, rows, step)
        left = _window_start(np.asarray(body.any(axis=0)), self.width, columns, step)
        window = slice(top, top + self.height), slice(left, left + self.width)
        labels["img"] = np.ascontiguousarray(image[window])
        if BONES in labels:
            cells = tuple(slice(edges.start // STRIDE, edges.stop // STRIDE) for edges in window)
            labels[BONES] = np.ascontiguousarray(labels[BONES][cells])
        _to_pixels(labels, columns, rows)
        _move_boxes(labels, 1.0, (-left, -top), (min(self.width, columns), min(self.height, rows)))
        return labels


def _window_start(body: NDArray[np.bool_], length: int, size: int, step: int) -> int:
    """Return the start of a window of `length` along an axis of `size` that covers as much of the body as possible.

    It is a multiple of `step`, so up to `step` - 1 before the best.
    """
    if length >= size:
        return 0
    found = np.flatnonzero(body)
    first, last = (int(found[0]), int(found[-1]) + 1) if len(found) else (0, size)
    low, high = sorted((first, last - length))
    start = min(max(random.randint(low, high), 0), size - length)
    return start - start % step


class ToTones:
    """Turn grey levels into the tones that the network sees."""

    def __init__(self, spread: float) -> None:
        """Take the largest factor by which the body's level is misestimated; 1 for none."""
        self.spread = spread

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Change the image to 255 times its tones, uint8 (Ultralytics divides by 255); the boxes stay."""
        image = labels["img"]
        tones = to_tones(image, body_level(image) * self.spread ** random.uniform(-1, 1))
        labels["img"] = np.rint(tones * MAX_GREY).astype(np.uint8)
        return labels


class CameraAndDisplay:
    """Imitate another camera, count rate and display window."""

    def __init__(self, config: AugmentationConfig) -> None:
        """Take the probabilities and ranges from the configuration."""
        self.config = config

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Change the grey levels; the boxes stay."""
        image = labels["img"]
        changed = vary_grey_levels(image[..., 0], self.config)
        labels["img"] = changed.reshape(image.shape)
        return labels


def vary_grey_levels(grey: NDArray[np.uint8], config: AugmentationConfig) -> NDArray[np.uint8]:
    """Return a scan as another camera and workstation might have shown it.

    The changes are in physical order:

    - blur, as from a camera further away;
    - counting noise with a variance proportional to the level (Poisson, approximated by a normal distribution, which
      fits from about ten counts on);
    - shrinking and enlarging again, as scans from figures, slides and screenshots;
    - a display curve (gamma) and a window that multiplies all levels and saturates at 255.

    Args:
        grey: (height, width) uint8.
        config: how often and how strongly each change is made.

    Returns:
        (height, width) uint8.
    """
    levels = grey.astype(np.float32)
    if random.random() < config.blur:
        sigma = random.uniform(0, config.blur_sigma)
        if sigma > 0.1:  # below this the kernel is a single pixel
            levels = np.asarray(cv2.GaussianBlur(levels, (0, 0), sigma), dtype=np.float32)
    if random.random() < config.noise:
        variance = levels * random.uniform(0, config.noise_level)
        normal = np.random.default_rng(random.getrandbits(64)).standard_normal(levels.shape, dtype=np.float32)
        levels = levels + normal * cv2.sqrt(variance)
    if random.random() < config.shrink:
        levels = _shrink(levels, random.uniform(config.shrink_to, 1.0))
    shown = np.clip(np.rint(levels), 0, MAX_GREY).astype(np.uint8)
    return _display_curve(config)[shown]


def _display_curve(config: AugmentationConfig) -> NDArray[np.uint8]:
    """Return the grey level that a workstation shows for each of the 256."""
    share = np.arange(MAX_GREY + 1) / MAX_GREY
    curve = share ** (config.gamma ** random.uniform(-1, 1)) * config.window ** random.uniform(-1, 1)
    return np.clip(np.rint(curve * MAX_GREY), 0, MAX_GREY).astype(np.uint8)


def _shrink(levels: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Return an image shrunk by a factor, each pixel the mean of the area it covers, and enlarged to its size again."""
    height, width = levels.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(levels, size, interpolation=cv2.INTER_AREA)
    enlarging = random.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))
    return np.asarray(cv2.resize(small, (width, height), interpolation=enlarging), dtype=np.float32)
