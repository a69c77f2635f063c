"""The picture that annotation tools show: the scan itself, without boxes."""

from __future__ import annotations

import io

from PIL import Image

from bonescan_yolo.scan.record import Scan


def png_of(scan: Scan) -> bytes:
    """Return a scan as 8-bit grey PNG at its own pixel size, with the grey levels that the detector saw."""
    file = io.BytesIO()
    Image.fromarray(scan.grey()).save(file, "PNG")
    return file.getvalue()
