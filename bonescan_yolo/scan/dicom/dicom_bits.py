"""Which bits of an uncompressed pixel hold its value (PS3.5, 8.1.1): from the lowest, as many as Bits Stored says.

Three things differ in old or careless files. The high bit may be higher than that, and the lowest bits are unused (a
retired form). The bits above may hold an overlay (also retired). And Bits Stored may be lower than the values need.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from bonescan_yolo.scan.dicom.dicom_values import whole_number

_OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
_OVERLAY_BIT_POSITION = 0x0102
"""Element of an overlay group: the bit of the pixels that holds it; 0 if the overlay is apart (PS3.3, C.9.2)."""


class ValueBits(NamedTuple):
    """How many bits a value has, and how many unused ones are below it."""

    stored: int
    below: int


def declare_bits(dataset: Dataset, *, compressed: bool) -> ValueBits:
    """Return where the value of a pixel is, and set Bits Stored so that the decoder keeps all that is needed for it."""
    allocated = whole_number(dataset, "BitsAllocated")
    stored, high = whole_number(dataset, "BitsStored"), whole_number(dataset, "HighBit", -1)
    if not 1 <= stored <= allocated:
        stored = dataset.BitsStored = allocated
    if compressed:
        return ValueBits(stored, 0)
    below = high + 1 - stored if stored <= high < allocated else 0
    is_signed = whole_number(dataset, "PixelRepresentation") == 1
    dataset.BitsStored = stored + below if is_signed else allocated
    return ValueBits(stored, below)


def values_in_bits(dataset: Dataset, values: NDArray[Any], bits: ValueBits) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return decoded values without the bits that are not theirs, and what was kept against the header."""
    if bits.below:
        values = values >> bits.below
    if values.dtype.kind != "u" or int(values.max()) < 1 << bits.stored:
        return values, ()
    if bits.below or _has_overlay_bits(dataset):
        return values & np.array((1 << bits.stored) - 1, values.dtype), ()
    return values, (f"values kept that need more than the {bits.stored} bits declared",)


def _has_overlay_bits(dataset: Dataset) -> bool:
    """Return whether an overlay is in unused bits of the pixels."""
    positions = (dataset.get((group, _OVERLAY_BIT_POSITION)) for group in _OVERLAY_GROUPS)
    return any(element is not None and element.value for element in positions)
