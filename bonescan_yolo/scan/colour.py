"""Pictures with colour channels: a grey scan saved in colour is read, a coloured picture is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import ScanError

COLOUR_TOLERANCE = 6.0
"""Mean difference between the channels of a pixel, in grey levels, above which a picture counts as coloured.

Grey pictures saved as colour JPEG, and grey scans with red annotations, have less than 2; photographs 20 and more.
"""


def grey_of_colour(red: NDArray[Any], green: NDArray[Any], blue: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """Return the grey levels of a picture: the mean of its channels, each (height, width) of 0 to 255, rounded.

    Raises:
        ScanError: the picture is coloured.
    """
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    if float((highest - lowest).mean()) > COLOUR_TOLERANCE:
        raise ScanError(f"{name}: is a colour picture; give a grey scan")
    total = red.astype(np.uint16) + green + blue
    return ((total + 1) // 3).astype(np.uint8)
