"""From stored values to counts: the rescale of the modality (PS3.3, C.11.1) and padding (PS3.3, C.7.5.1.1.2).

Window Center and Width are ignored: they say how a viewer shows the values, not what the values are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut

from bonescan_yolo.scan.dicom.dicom_values import numbers, texts, whole_number


def rescaled(dataset: Dataset, stored: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return stored values, of any shape, as counts, and what was ignored, for the user.

    Ignored are a slope or intercept that is not a number, a slope of 0, which leaves nothing of the picture, and an
    intercept that makes the air around the patient negative, as counts are not, or higher than the counts' whole range.
    Such a one is the default of another modality, as the -1024 of CT. Slope and intercept count only together.

    Signed values of which the lowest is far below 0 are counts above half of what their bits can hold.
    """
    if "ModalityLUTSequence" in dataset:
        return apply_modality_lut(stored, dataset), ()
    counts, notes = _scaled(dataset, stored)
    if stored.dtype.kind != "i" or float(counts.min()) >= -max(float(counts.max()), 0.0) / 2:
        return counts, notes
    unsigned = stored.astype(np.int64) % (1 << whole_number(dataset, "BitsStored", 16))
    counts, notes = _scaled(dataset, unsigned)
    return counts, (*notes, "negative counts read as unsigned numbers")


def _scaled(dataset: Dataset, stored: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return stored values times slope plus intercept, and what was ignored."""
    slopes, intercepts = numbers(dataset, "RescaleSlope"), numbers(dataset, "RescaleIntercept")
    if not slopes or not intercepts:
        return stored, ()
    notes = [
        f"rescale {name} {texts(dataset, f'Rescale{name.capitalize()}')[0]!r} is not a number and is ignored"
        for name, values in (("slope", slopes), ("intercept", intercepts))
        if not math.isfinite(values[0])
    ]
    if notes:
        return stored, tuple(notes)
    slope, intercept = slopes[0], intercepts[0]
    if slope == 0:
        notes.append("rescale slope of 0 ignored")
        slope, intercept = 1.0, 0.0
    if intercept < 0 and slope * float(np.median(stored)) + intercept < intercept / 2:
        notes.append(f"rescale intercept of {intercept:g} ignored, it makes counts negative")
        intercept = 0.0
    if intercept > 0:
        counts = stored * np.float64(slope)
        if float(np.median(counts)) + intercept > float(counts.max() - counts.min()):
            notes.append(f"rescale intercept of {intercept:g} ignored, it is above all counts")
            intercept = 0.0
    if (slope, intercept) == (1.0, 0.0):
        return stored, tuple(notes)
    return stored * np.float64(slope) + intercept, tuple(notes)


def padded(dataset: Dataset, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return which stored values, (height, width), only fill up the picture; None if none do.

    Padding that is not brighter than everything else is kept: it is dark already.
    """
    values = [int(value) for value in numbers(dataset, "PixelPaddingValue")[:1] if math.isfinite(value)]
    if not values:
        return None
    limits = [int(value) for value in numbers(dataset, "PixelPaddingRangeLimit")[:1] if math.isfinite(value)]
    first, last = (_as_stored(dataset, value) for value in (values[0], (limits or values)[0]))
    mask = (stored >= min(first, last)) & (stored <= max(first, last))
    if not mask.any() or mask.all() or min(first, last) <= int(stored[~mask].min()):
        return None
    return mask


def without_padding(values: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[Any]:
    """Return values with the median of the others in place of padding, so that padding decides nothing about them."""
    filled = values.copy()
    filled[mask] = np.median(values[~mask])
    return filled


def _as_stored(dataset: Dataset, value: int) -> int:
    """Return a padding value as a stored value; writers confuse signed and unsigned numbers."""
    bits = whole_number(dataset, "BitsAllocated", 16)
    unsigned = value % (1 << bits)
    is_negative = whole_number(dataset, "PixelRepresentation") == 1 and unsigned >= 1 << (bits - 1)
    return unsigned - (1 << bits) if is_negative else unsigned
