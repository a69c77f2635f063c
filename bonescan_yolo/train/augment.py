"""Random changes to training scans that fit scintigraphy: geometry of the patient, counts, camera, display.

These are Ultralytics transforms: callables on its `labels` dictionary, whose `img` is (height, width, 1) uint8 and
whose `instances` are the boxes. Randomness comes from Python's `random`, which Ultralytics seeds in every process.
"""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.train.config import AugmentationConfig

MIN_BOX_PX = 3.0
"""A box cut by the frame's edge to less than this is dropped. The 5th percentile of BS-80K's boxes is 5 px."""

MIN_VISIBLE = 0.5
"""A box of which less than this fraction of its area is left in the frame is dropped."""


class ShiftAndScale:
    """Move the patient in the frame and change their size; what comes in from outside is background."""

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
        matrix = np.array([[factor, 0, dx], [0, factor, dy]], dtype=np.float32)
        # warpAffine maps pixel centres; boxes are given by edges, which lie half a pixel further out.
        centred = matrix.copy()
        centred[:, 2] += 0.5 * factor - 0.5
        moved = cv2.warpAffine(image, centred, (width, height), flags=cv2.INTER_LINEAR, borderValue=0)
        labels["img"] = moved.reshape(image.shape)
        _move_boxes(labels, factor, (dx, dy), (width, height))
        return labels


def _move_boxes(labels: dict[str, Any], factor: float, offset: tuple[float, float], size: tuple[int, int]) -> None:
    """Move the boxes with the image, cut them to the frame, and drop those of which too little is left."""
    instances = labels["instances"]
    instances.convert_bbox(format="xyxy")
    instances.denormalize(*size)
    moved = instances.bboxes * factor + np.array([*offset, *offset], dtype=np.float32)
    limits = np.array([*size, *size], dtype=np.float32)
    instances.bboxes[:] = np.clip(moved, 0, limits)
    sides = instances.bboxes[:, 2:] - instances.bboxes[:, :2]
    whole = (moved[:, 2:] - moved[:, :2]).prod(axis=1)
    kept = (sides.min(axis=1, initial=np.inf) >= MIN_BOX_PX) & (sides.prod(axis=1) >= MIN_VISIBLE * whole)
    labels["instances"] = instances[kept]
    labels["cls"] = labels["cls"][kept]


class Flip:
    """Swap left and right with a probability. A flipped scan is a scan: class and view stay as they are."""

    def __init__(self, probability: float) -> None:
        """Take the probability, in [0, 1]."""
        self.probability = probability

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Flip image and boxes, or leave both."""
        if random.random() < self.probability:
            image = labels["img"]
            labels["img"] = np.ascontiguousarray(image[:, ::-1])
            instances = labels["instances"]
            instances.convert_bbox(format="xyxy")
            instances.denormalize(image.shape[1], image.shape[0])
            instances.fliplr(image.shape[1])
        return labels


class CameraAndDisplay:
    """Another camera, another count rate, another display window."""

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

    In the order of the physics: blur of a camera further away; counting noise, whose variance is proportional to the
    level (Poisson, as a normal distribution, which it nears from about ten counts on); a display window that
    multiplies all levels and saturates at 255.

    Args:
        grey: (height, width) uint8.

    Returns:
        (height, width) uint8.
    """
    levels = grey.astype(np.float32)
    if random.random() < config.blur:
        sigma = random.uniform(0, config.blur_sigma)
        if sigma > 0.1:  # below, the kernel is a single pixel
            levels = np.asarray(cv2.GaussianBlur(levels, (0, 0), sigma), dtype=np.float32)
    if random.random() < config.noise:
        variance = levels * random.uniform(0, config.noise_level)
        normal = np.random.default_rng(random.getrandbits(64)).standard_normal(levels.shape, dtype=np.float32)
        levels = levels + normal * np.sqrt(variance)
    levels *= config.window ** random.uniform(-1, 1)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
