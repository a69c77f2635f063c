"""PNG, JPEG, TIFF and BMP files, decoded by Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError

from bonescan_yolo.errors import BonescanError, ScanError
from bonescan_yolo.scan.record import MAX_PIXELS, Scan, check_size, normalise_pixels

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
"""Formats by Pillow's names, of scans to read and of data sets to convert; Ultralytics reads them too."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
"""Suffixes of these formats, in lower case."""

MAX_FRAMES = 64
"""More frames than any planar study has; a file with more is a film or a slice stack."""

COLOUR_TOLERANCE = 6.0
"""Mean difference between the channels of a pixel, in grey levels, above which a picture counts as coloured.

Grey pictures saved as colour JPEG, and grey scans with red annotations, have less than 2; photographs 20 and more.
"""


def decode(content: bytes, path: Path) -> list[Scan]:
    """Return the scans in the bytes of an image file; `path` is for messages.

    Raises:
        ScanError: not an image, damaged, coloured, or of an impossible size.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about large pictures; check_size refuses them
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                check_size(image.width, image.height, str(path))
                return [_to_scan(frame, str(path)) for frame in _frames(image, path)]
    except BonescanError:
        raise
    except Image.DecompressionBombError as error:
        raise ScanError(
            f"{path}: has far more than {MAX_PIXELS / 1e6:.0f} million pixels, too large for a scan; scale it down"
        ) from error
    except UnidentifiedImageError as error:
        raise ScanError(f"{path}: is not a picture that can be read; give PNG, JPEG, TIFF, BMP or DICOM") from error
    except Exception as error:  # Pillow's errors on damaged files share no base class
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ScanError(f"{path}: is damaged ({reason}); copy it again from its source") from error


def _frames(image: Image.Image, path: Path) -> Iterator[Image.Image]:
    """Yield the frames of a picture (TIFF may have several); checks the size of each before it is decoded."""
    count = getattr(image, "n_frames", 1)
    if count > MAX_FRAMES:
        raise ScanError(f"{path}: has {count} frames; give a planar scan with one frame per view")
    total = 0
    for frame in ImageSequence.Iterator(image):
        total += frame.width * frame.height
        check_size(frame.width, frame.height, str(path))
        if total > MAX_PIXELS:
            raise ScanError(f"{path}: has too many pixels in its {count} frames; give a planar scan")
        yield frame


def _to_scan(frame: Image.Image, name: str) -> Scan:
    """Return one decoded frame as a scan."""
    pixels, inverted = normalise_pixels(_grey_values(frame, name), name)
    return Scan(pixels=pixels, inverted=inverted)


def _grey_values(frame: Image.Image, name: str) -> NDArray[Any]:
    """Return the grey values of a frame as stored, (height, width); colour is refused."""
    if frame.mode in ("L", "1") or frame.mode.startswith(("I", "F")):
        return np.asarray(frame)
    if frame.mode == "LA":
        return np.asarray(frame.getchannel("L"))
    red, green, blue = (np.asarray(channel) for channel in frame.convert("RGB").split())
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    if float((highest - lowest).mean()) > COLOUR_TOLERANCE:
        raise ScanError(f"{name}: is a colour picture; give a grey scan")
    total = red.astype(np.uint16) + green + blue
    return ((total + 1) // 3).astype(np.uint8)  # the mean, rounded
