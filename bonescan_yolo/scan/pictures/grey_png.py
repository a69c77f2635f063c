"""Write a scan as a picture that every reader shows alike."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def grey_png(grey: NDArray[np.uint8]) -> bytes:
    """Return a PNG of 8-bit grey levels (height, width)."""
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()
