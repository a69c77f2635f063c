"""Reading every image once: whether it decodes, its size, a hash of its pixels, whether grey levels wrapped."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import FoundScan
from bonescan_yolo.resources import core_count
from bonescan_yolo.scan.raster import FORMATS
from bonescan_yolo.scan.wraparound import find_wraparound

# The formats are those that prediction reads (`scan/raster.py`). Three limits differ, because these images are trained
# on. The smallest size is Ultralytics' own (prediction needs 32 pixels per side, a stride of the net). The largest
# is lower, because up to eight images are decoded at once. Colour is reported and not refused, because a coloured scan
# with boxes is used.

MAX_PIXELS: Final = 16 << 20
"""Larger images are refused before they are decoded. A whole-body scan has a quarter of a million pixels."""

MIN_SIDE: Final = 10
"""Ultralytics refuses images with a side below this."""

MAX_THREADS: Final = 8
"""Most images that are decoded at once."""

JPEG_END: Final = b"\xff\xd9"
"""The end marker. Ultralytics considers a JPEG that does not end with it damaged, and rewrites it."""

COLOUR_SPREAD: Final = 40
"""Difference between a pixel's channels, in grey levels, above which it is coloured; JPEG alone causes less."""

COLOURED_SHARE: Final = 0.02
"""Share of coloured pixels above which an image is reported as coloured."""

BRIGHT_MEDIAN: Final = 64
"""A bone scan is mostly black around the body: the median grey level of real scans is 0."""

EMPTY_SHARE: Final = 0.01
"""Real scans have 14 to 21 % of their pixels above `FAINT_LEVEL`; below 1 % no body is visible."""

FAINT_LEVEL: Final = 6
"""Grey level above which a pixel is not background."""

Pixels = NDArray[Any]
"""uint8, or uint16 or int32 for deeper images; `(height, width)` or `(height, width, 3)`."""


_MODES: Final = {"L": "L", "1": "L", "LA": "L", "I;16": "I;16", "I;16B": "I", "I": "I"}
"""Grey modes and what they are decoded to; all others are decoded as colour."""


class UndecodableError(Exception):
    """Bytes are not a valid image; the message says why."""


@dataclass(frozen=True)
class ImageFacts:
    """What was found out about one image.

    Attributes:
        width, height: Size in pixels.
        sha256: Of the file's bytes, hexadecimal.
        pixel_hash: Of size and decoded pixels; None for an image of a single grey level, which identifies no patient.
        wrapped_regions: Hot spots whose grey levels wrapped past 255.
        ends_with_marker: False for a JPEG without an end marker as its last bytes.
        doubt: Why this may not be a bone scan, bright on black, or None.
        nearly_empty: Fewer than 1 % of the pixels are above the background.
    """

    width: int
    height: int
    sha256: str
    pixel_hash: str | None
    wrapped_regions: int
    ends_with_marker: bool
    doubt: str | None
    nearly_empty: bool


def inspect_all(source: Source, scans: Sequence[FoundScan]) -> Iterator[tuple[FoundScan, ImageFacts | str]]:
    """Yield each scan, in order, with the facts of its image or the reason why it cannot be used."""

    def inspect_one(scan: FoundScan) -> ImageFacts | str:
        try:
            return inspect(source.read(scan.image))
        except (UnreadableError, UndecodableError) as error:
            return str(error)

    yield from zip(scans, in_threads(inspect_one, scans), strict=True)


def in_threads(work: Callable[[FoundScan], ImageFacts | str], scans: Sequence[FoundScan]) -> Iterator[ImageFacts | str]:
    """Yield results in order. Decoding, hashing and unpacking release the interpreter's lock."""
    with ThreadPoolExecutor(max_workers=min(MAX_THREADS, core_count())) as pool:
        yield from pool.map(work, scans)


def inspect(data: bytes) -> ImageFacts:
    """Decode an image file and return its facts.

    Raises:
        UndecodableError: it is empty, cut off, too small, too large, or not an image.
    """
    pixels, image_format = decode(data)
    height, width = pixels.shape[:2]
    if min(width, height) < MIN_SIDE:
        raise UndecodableError(f"is only {width} x {height} pixels")
    grey = _grey(pixels)
    is_8_bit = grey.dtype == np.uint8
    ends_with_marker = image_format != "JPEG" or data.endswith(JPEG_END)
    share = float(np.count_nonzero(grey > FAINT_LEVEL)) / grey.size
    return ImageFacts(
        width=width,
        height=height,
        sha256=hashlib.sha256(data).hexdigest(),
        pixel_hash=_pixel_hash(grey),
        wrapped_regions=find_wraparound(grey.astype(np.uint8, copy=False)).regions if is_8_bit else 0,
        ends_with_marker=ends_with_marker,
        doubt=_doubt(pixels, grey),
        nearly_empty=share < EMPTY_SHARE,
    )


def decode(data: bytes) -> tuple[Pixels, str]:
    """Return the pixels, `(height, width)` or `(height, width, 3)`, and the format's name.

    Raises:
        UndecodableError: the bytes are not a whole image of a known format and a reasonable size.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UndecodableError(f"has {image.width} x {image.height} pixels; refused")
            image.load()
            mode = _MODES.get(image.mode, "RGB")
            return np.asarray(image if image.mode == mode else image.convert(mode)), image.format or ""
    except UndecodableError:
        raise
    except UnidentifiedImageError as error:
        what = "is empty" if not data else "is not a JPEG, PNG, BMP or TIFF image"
        raise UndecodableError(what) from error
    except Exception as error:  # decoders raise errors of any class on damaged files
        raise UndecodableError(f"cannot be decoded ({' '.join(str(error).split())[:80]})") from error


def _grey(pixels: Pixels) -> Pixels:
    """Return one channel: the brightest of three, which is the grey level where all agree."""
    return pixels if pixels.ndim == 2 else pixels.max(axis=2)


def _pixel_hash(grey: Pixels) -> str | None:
    if grey.min() == grey.max():
        return None
    digest = hashlib.sha256(f"{grey.shape} {grey.dtype.str}".encode())
    digest.update(np.ascontiguousarray(grey).data)
    return digest.hexdigest()


def _doubt(pixels: Pixels, grey: Pixels) -> str | None:
    """Return why this may not be a bone scan, bright on black, or None."""
    if pixels.ndim == 3:
        spread = grey.astype(np.int16) - pixels.min(axis=2)
        coloured = float(np.count_nonzero(spread > COLOUR_SPREAD)) / grey.size
        if coloured > COLOURED_SHARE:
            return f"is a colour image ({coloured:.0%} of its pixels)"
    if grey.dtype == np.uint8 and 2 * np.count_nonzero(grey > BRIGHT_MEDIAN) > grey.size:
        return f"is mostly bright (half of it above grey level {BRIGHT_MEDIAN}), not hot on black"
    return None
