"""From counts to display grey levels, and from those to the tones that the network sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REFERENCE_PERCENTILE = 99.0
"""Per cent of a scan's pixels that are darker than its brighter bone; the body covers 14 to 21 % of the frame."""

REFERENCE_GREY = 40.0
"""Grey level of that percentile: median over 22 scans of BS-80K (range 28 to 59), measured on their 8-bit pixels."""

MAX_GREY = 255

BODY_CUTS = (1.0, 2.0, 2.0)
"""How far above the level found so far pixels still count, in each round of `body_level`: first the hottest are cut
off, bladder and injection site, then the level settles."""

TONE_LEVELS = 3.2
"""Body levels at which a tone reaches 1 - 1/e of white. The brighter bone of 22 scans of BS-80K (90th percentile of
the pixels above grey level 6) is at 1.8 body levels: it is shown at 43 % of white, which leaves room for hot spots."""


def body_level(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> float:
    """Return how bright a scan's body is, in its own units; 0 for an empty scan.

    The mean of the pixels weighted by themselves, so that air does not count, with hot pixels cut off at BODY_CUTS
    times the level of the round before, so that a full bladder hardly counts. Twice the counts give twice the level.

    Args:
        pixels: (height, width), uint8 or float32 >= 0.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.scan.display import body_level
        >>> counts = np.zeros((1024, 256), np.float32)
        >>> counts[100:900, 100:156] = 20  # a bar in place of a body
        >>> body_level(counts), body_level(2 * counts)
        (20.0, 40.0)
    """
    if pixels.dtype == np.uint8:
        values, numbers = np.arange(MAX_GREY + 1, dtype=np.float64), np.bincount(pixels.ravel(), minlength=MAX_GREY + 1)
    else:
        values, numbers = pixels.ravel().astype(np.float64), np.ones(pixels.size, np.int64)
    for cut in BODY_CUTS:
        values = np.minimum(values, cut * _self_weighted_mean(values, numbers))
    return _self_weighted_mean(values, numbers)


def _self_weighted_mean(values: NDArray[np.float64], numbers: NDArray[np.int64]) -> float:
    """Return the mean, weighted by itself, of values that each occur `numbers` times; 0 if all are 0."""
    total = float(values @ numbers)
    return float(np.square(values) @ numbers) / total if total > 0 else 0.0


def to_tones(pixels: NDArray[np.uint8] | NDArray[np.float32], level: float) -> NDArray[np.float32]:
    """Return a scan as tones: 1 - exp(-pixels / (TONE_LEVELS x level)).

    One curve for all scans: bone is equally bright whatever the dose and the display window, and hot spots keep
    their order without drowning the rest. The exported networks compute it themselves; training does it on loading.

    Args:
        pixels: (height, width), uint8 or float32 >= 0.
        level: the scan's `body_level`; 0 gives tones of 0.

    Returns:
        (height, width) float32 in [0, 1].

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.scan.display import to_tones
        >>> to_tones(np.array([[0, 20, 200]], np.float32), level=20).round(2)
        array([[0.  , 0.27, 0.96]], dtype=float32)
    """
    if level <= 0:
        return np.zeros(pixels.shape, np.float32)
    if pixels.dtype == np.uint8:
        return to_tones(np.arange(MAX_GREY + 1, dtype=np.float32), level)[pixels]
    return np.asarray(-np.expm1(pixels.astype(np.float32) / np.float32(-TONE_LEVELS * level)), dtype=np.float32)


def to_grey(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return pixels as display grey levels, as BS-80K shows scans.

    8-bit pixels are display levels already and come back as they are. Counts are scaled linearly so that their
    99th percentile takes grey level 40, as in BS-80K, and what is hotter than 255 saturates (most often the
    bladder, as on a workstation). An empty scan stays 0.

    Args:
        pixels: (height, width), uint8 grey levels or float32 counts >= 0.

    Returns:
        (height, width) uint8.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.scan.display import to_grey
        >>> counts = np.zeros((1024, 256), np.float32)
        >>> counts[100:900, 100:156] = 20  # a bar in place of a body
        >>> counts[300:310, 140:150] = 500  # with one hot spot
        >>> to_grey(counts)[305, [0, 120, 145]]  # air, body, hot spot
        array([  0,  40, 255], dtype=uint8)
    """
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    reference = float(np.percentile(pixels, REFERENCE_PERCENTILE))
    if reference <= 0:
        reference = float(pixels.max()) or 1.0
    with np.errstate(over="ignore"):  # infinitely hotter than the reference is saturated too
        scaled = np.rint(pixels / np.float32(reference) * np.float32(REFERENCE_GREY))
    return np.minimum(scaled, MAX_GREY).astype(np.uint8)
