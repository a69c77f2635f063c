"""Write the shared cases of pictures: python -m tests.shared.make_picture_cases."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

from tests.shared.scan_cases import expected_scan, small_body, write_case

Case = tuple[str, bytes, dict[str, Any]]


def encoded(pixels: Any, kind: str = "PNG", **options: Any) -> bytes:
    """Return pixels, an array or a picture, as the bytes of a picture file."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def plain() -> Iterator[Case]:
    """Yield pictures that store the scan as it is."""
    grey = small_body()
    scans = {"scans": [expected_scan(grey)]}
    yield "grey8.png", encoded(grey), scans
    yield "grey8_ant.png", encoded(grey), {"scans": [expected_scan(grey, view="anterior")]}
    yield "grey8.jpg", encoded(grey, "JPEG", quality=95), {"scans": [expected_scan(grey, lossy=True)], "browser": True}
    yield "grey8.tif", encoded(grey, "TIFF"), scans | {"page_error": "is TIFF or BMP"}
    yield "empty.png", b"", {"error": "is empty; copy it again from its source"}
    yield "small.png", encoded(np.ones((20, 20), np.uint8)), {"error": "is 20 x 20 pixels, too small for a scan"}


MAKERS: tuple[Callable[[], Iterator[Case]], ...] = (plain,)


def main() -> None:
    """Write all cases."""
    for maker in MAKERS:
        for name, content, expected in maker():
            write_case(name, content, expected)


if __name__ == "__main__":
    main()
