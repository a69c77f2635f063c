"""The peaks of one hot spot, and how far each of them reaches."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from bonescan_yolo.phantom.camera import Image
from bonescan_yolo.phantom.labels.confluence import Mask, Pixel
from bonescan_yolo.phantom.parameters import TruthConfig

PEAK_PX = 5
"""A peak is the brightest pixel of a square with this side."""

LEAST_PEAK = 0.25
"""Peaks below this part of the highest do not count."""


def peaks(own: Image, rest: Image, config: TruthConfig) -> Iterator[tuple[Pixel, Mask]]:
    """Yield each peak of a hot spot, the highest first, and the pixels that are seen as one with it.

    Most hot spots have one. Uptake along a rib or a shaft has several, equally bright or not, and readers mark them
    all. A pixel belongs to at most one peak: the highest that reaches it, unless a higher peak is nearer.

    Args:
        own: (h, w) the hot spot's own counts.
        rest: (h, w) the counts of everything else.
        config: how far a hot spot reaches from its peak.
    """
    tops = (own >= cv2.dilate(own, np.ones((PEAK_PX, PEAK_PX), np.uint8))) & (own >= LEAST_PEAK * own.max())
    rows, columns = np.nonzero(tops)
    free = own >= config.edge_contrast * rest
    nearest = np.full(own.shape, np.inf)
    for place in np.argsort(-own[tops], kind="stable"):
        peak = int(rows[place]), int(columns[place])
        if not free[peak]:
            continue
        away = _squared_distance(own.shape, peak)
        region = _component(free & (own >= config.edge_of_peak * own[peak]) & (away < nearest), peak)
        free &= ~region
        nearest = np.minimum(nearest, away)
        yield peak, region


def _squared_distance(shape: tuple[int, ...], pixel: Pixel) -> Image:
    """Return the squared distance of each pixel from one."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((rows - pixel[0]) ** 2 + (columns - pixel[1]) ** 2, np.float32)


def _component(region: Mask, pixel: Pixel) -> Mask:
    """Return the connected part of a region around a pixel."""
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=8)
    return np.asarray(labels == labels[pixel])
