"""PNG files made of a scan, marked so that no command takes them for scans (`scan.sniff`)."""

from __future__ import annotations

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bonescan_yolo.scan.sniff import DRAWN_KEYWORD, DRAWN_TEXT


def drawn_png(picture: Image.Image, compress_level: int = 6) -> bytes:
    """Return a picture as PNG with the mark, which Pillow writes before the pixels."""
    mark = PngInfo()
    mark.add_text(DRAWN_KEYWORD, DRAWN_TEXT)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=False, compress_level=compress_level, pnginfo=mark)
    return file.getvalue()
