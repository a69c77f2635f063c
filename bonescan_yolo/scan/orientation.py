"""Which way up a picture is stored: the orientation of Exif (CIPA DC-008, 4.6.4, tag 274), and turning by the user.

The page has the same table, `web/src/scan/orientation.ts`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan.record import Scan

QUARTER: Final = 90
TURNS: Final = (0, 90, 180, 270)
"""Degrees clockwise that a scan may be turned by."""


class Orientation(NamedTuple):
    """What makes a stored picture upright: mirror it left to right if it is mirrored, then turn it clockwise."""

    mirrored: bool
    turn: int


UPRIGHT: Final = Orientation(mirrored=False, turn=0)
EXIF_ORIENTATIONS: Final = {
    1: UPRIGHT,
    2: Orientation(mirrored=True, turn=0),
    3: Orientation(mirrored=False, turn=180),
    4: Orientation(mirrored=True, turn=180),
    5: Orientation(mirrored=True, turn=270),
    6: Orientation(mirrored=False, turn=90),
    7: Orientation(mirrored=True, turn=90),
    8: Orientation(mirrored=False, turn=270),
}


def set_upright(values: NDArray[Any], orientation: Orientation) -> NDArray[Any]:
    """Return values (height, width) mirrored and turned as their orientation asks; a view of them."""
    if orientation.mirrored:
        values = values[:, ::-1]
    return np.rot90(values, -(orientation.turn // QUARTER))


def orientation_notes(orientation: Orientation) -> tuple[str, ...]:
    """Return in words how the pixels of a file were set upright; nothing if they were."""
    mirrored = ("mirrored left to right, as the file's orientation says",) if orientation.mirrored else ()
    turned = f"turned by {orientation.turn} degrees clockwise, as the file's orientation says"
    return (*mirrored, turned) if orientation.turn else mirrored


def turn_scan(scan: Scan, degrees: int) -> Scan:
    """Return a scan turned clockwise; `turned` counts from the file, and height and width of a pixel change places.

    Args:
        scan: as read.
        degrees: one of TURNS.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo import Scan
        >>> from bonescan_yolo.scan.orientation import turn_scan
        >>> lying = Scan(np.zeros((256, 1024), np.uint8), pixel_spacing_mm=(2.4, 2.2), turned=270)
        >>> scan = turn_scan(lying, 90)
        >>> scan.pixels.shape, scan.pixel_spacing_mm, scan.turned
        ((1024, 256), (2.2, 2.4), 0)
    """
    if degrees == 0:
        return scan
    pixels: Any = np.rot90(scan.pixels, -(degrees // QUARTER)).copy()
    pixels.flags.writeable = False
    spacing = scan.pixel_spacing_mm
    if spacing is not None and degrees % 180:
        spacing = (spacing[1], spacing[0])
    turned = (scan.turned + degrees) % 360
    return dataclasses.replace(scan, pixels=pixels, pixel_spacing_mm=spacing, turned=turned)
