"""Pictures with colour channels: a grey scan saved in colour is read, a coloured picture is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.display import MAX_GREY

COLOUR_TOLERANCE = 6.0
"""Mean difference between the channels of a pixel, in grey levels, above which a picture counts as coloured.

Grey pictures saved as colour JPEG, and grey scans with red annotations, have less than 2; photographs 20 and more.
"""


def grey_of_colour(red: NDArray[Any], green: NDArray[Any], blue: NDArray[Any], name: str) -> NDArray[Any]:
    """Return the grey levels of a picture: the mean of its channels, rounded, of their type.

    Args:
        red: (height, width), uint8 or uint16; white is 255, or the highest value of any channel if it has 16 bit.
        green: likewise.
        blue: likewise.
        name: the scan's name in errors.

    Raises:
        ScanError: the picture is coloured.
    """
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    white = MAX_GREY if red.dtype == np.uint8 else int(highest.max())
    if float((highest - lowest).mean()) * MAX_GREY > COLOUR_TOLERANCE * white:
        raise ScanError(f"{name}: is a colour picture; give a grey scan")
    total = red.astype(np.uint16 if red.dtype == np.uint8 else np.uint32) + green + blue
    return ((total + 1) // 3).astype(red.dtype)
