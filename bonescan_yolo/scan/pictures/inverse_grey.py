"""Inverse grey: scans that show hot as dark on white, as many films and workstations do.

The page has the same rule, `web/src/scan/inverse-grey.ts`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.display import MAX_GREY

LEAST_AIR_ON_A_SIDE = 0.85
"""Share of each side of a white picture that is air, at least.

On 32 simulated scans, inverted, at windows up to 20 times as hard as the simulator's, all are found; of 48 with bodies
and doses beyond the simulator's range 44 to 48, by window. Cuts of a trunk that are mostly white, because the window is
as hard, are mistaken at none of 409 at windows of 8 and 20, 12 of 384 at 40, and 32 of 384 at 80.
"""

SIDE_SLACK = 0.02
"""How much less air a side may have than the whole picture. Air is around the body, and the body in the middle."""

MOST_FRAME = 16
"""A dark frame around the picture, as screen captures have, is ignored up to one sixteenth of each side."""


def hot_is_dark(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> bool:
    """Return whether a picture has a white background: most of it is bright, and above all its sides.

    A bright majority alone proves nothing: in a cut of the trunk at a hard window the body is white and fills the
    picture. But there the air, dark, is at the sides.

    Args:
        pixels: (height, width), finite; bright is above the middle of the values and of what can be shown (uint8), or
            of the values and of their highest (float32).

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.scan.pictures.inverse_grey import hot_is_dark
        >>> scan = np.zeros((1024, 256), np.uint8)
        >>> scan[100:900, 100:156] = 200  # a bar in place of a body
        >>> hot_is_dark(scan), hot_is_dark(255 - scan), hot_is_dark(scan[200:800, 90:160])
        (False, True, False)
    """
    bright = _bright(pixels)
    if 2 * np.count_nonzero(bright) <= bright.size:
        return False
    bright = _without_frame(bright)
    least = max(LEAST_AIR_ON_A_SIDE, float(bright.mean()) - SIDE_SLACK)
    return all(float(side.mean()) >= least for side in (bright[0], bright[-1], bright[:, 0], bright[:, -1]))


def inside_frame(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> tuple[slice, slice]:
    """Return the rows and columns of a white picture (`hot_is_dark`) inside of its dark frame; all if there is none.

    Inverted, the frame would be the hottest of the scan.
    """
    bright = _bright(pixels)
    return _inside(bright, part=1), _inside(bright.T, part=1)


def _bright(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which pixels are above the middle of the values and of what can be shown."""
    lowest, highest = float(pixels.min()), float(pixels.max())
    if pixels.dtype == np.uint8:
        return np.asarray(pixels > math.floor(max((lowest + highest) / 2, MAX_GREY / 2)))
    return np.asarray(pixels > np.float32(max((lowest + highest) / 2, highest / 2)))


def _without_frame(bright: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a picture without the rows and columns at its sides that are dark all along, up to MOST_FRAME."""
    return bright[_inside(bright), _inside(bright.T)]


def _inside(bright: NDArray[np.bool_], part: int = MOST_FRAME) -> slice:
    """Return the rows without those above the first and below the last that has anything bright, up to 1/part."""
    has_bright = np.array(bright.any(axis=1))
    most = len(has_bright) // part
    first = int(np.argmax(has_bright))
    last = int(np.argmax(has_bright[::-1]))
    return slice(min(first, most), len(has_bright) - min(last, most))
