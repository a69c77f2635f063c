"""PNG, JPEG, TIFF and BMP files, decoded by Pillow."""

from __future__ import annotations

import functools
import importlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageSequence, UnidentifiedImageError

from bonescan_yolo.errors import BonescanError, ScanError
from bonescan_yolo.scan.orientation import EXIF_ORIENTATIONS, UPRIGHT, Orientation, orientation_notes, set_upright
from bonescan_yolo.scan.pictures.picture_values import TRANSPARENT_NOTE, grey_values
from bonescan_yolo.scan.record import MAX_PIXELS, Scan, check_size, normalise_pixels
from bonescan_yolo.scan.sniff import HEAD_BYTES, kind_of

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
"""Formats by Pillow's names, of scans to read and of data sets to convert; Ultralytics reads them too."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
"""Suffixes of these formats, in lower case."""

MAX_FRAMES = 64
"""More frames than any planar study has; a file with more is a film or a slice stack."""

UNSEEN_PAGES = 1 | 4
"""Bits of NewSubfileType (TIFF 6.0, tag 254): a reduced copy of another page, and a page that is a mask of another."""

SUBFILE_TYPE = 254
ORIENTATION = 274
"""Tag of EXIF and TIFF; 1 is upright (CIPA DC-008, 4.6.4)."""

LOSSY_FORMATS = ("JPEG", "MPO")
LOSSY_COMPRESSIONS = ("jpeg", "tiff_jpeg", "webp")
"""By Pillow's names; the second are those of TIFF."""


def decode(content: bytes, path: Path, inverted: bool | None = None) -> list[Scan]:
    """Return the scans in the bytes of an image file: one per frame.

    Args:
        content: of the file.
        path: for messages.
        inverted: whether hot is dark; None determines it.

    Raises:
        ScanError: not an image, damaged, coloured, blank, or of an impossible size.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about large pictures; check_size refuses them
            with _open(content) as image:
                check_size(image.width, image.height, str(path))
                return [_to_scan(frame, content, str(path), inverted) for frame in _frames(image, path)]
    except BonescanError:
        raise
    except Image.DecompressionBombError as error:
        raise ScanError(
            f"{path}: has far more than {MAX_PIXELS / 1e6:.0f} million pixels, too large for a scan; scale it down"
        ) from error
    except UnidentifiedImageError as error:
        if kind_of(content[:HEAD_BYTES]) == "picture":
            raise ScanError(
                f"{path}: is damaged, or a picture of an unusual kind; save it again as PNG of 8 or 16 bit grey"
            ) from error
        raise ScanError(f"{path}: is not a picture that can be read; give PNG, JPEG, TIFF, BMP or DICOM") from error
    except Exception as error:  # Pillow's errors on damaged files share no base class
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ScanError(f"{path}: is damaged ({reason}); copy it again from its source") from error


def _open(content: bytes, frame: int = 0) -> Image.Image:
    """Return a picture, at one of its frames; nothing is decoded."""
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.format == "TIFF":
        _silence_libtiff()
    image.seek(frame)
    return image


@functools.cache
def _silence_libtiff() -> None:
    """Keep libtiff from writing to standard error by itself; what it cannot decode is an error of Pillow as well."""
    import ctypes  # takes 5 ms to import, and few scans are TIFF

    try:
        library = ctypes.CDLL(
            str(importlib.import_module("PIL._imaging").__file__)
        )  # finds the functions of the libraries that it is linked to
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            getattr(library, name)(None)
    except (OSError, AttributeError):  # linked in another way, as on Windows
        return


def _frames(image: Image.Image, path: Path) -> Iterator[Image.Image]:
    """Yield the frames of a picture (TIFF may have several), after the size of each was checked."""
    is_tiff = image.format == "TIFF"  # frames of other formats are previews of the first, or an animation
    count = getattr(image, "n_frames", 1) if is_tiff else 1
    if count > MAX_FRAMES:
        raise ScanError(f"{path}: has {count} frames; give a planar scan with one frame per view")
    if count == 1:
        yield image
        return
    chosen, total = [], 0
    for index, frame in enumerate(ImageSequence.Iterator(image)):
        if not _tiff_tag(frame, SUBFILE_TYPE, 0) & UNSEEN_PAGES:
            check_size(frame.width, frame.height, str(path))
            total += frame.width * frame.height
            chosen.append(index)
    if total > MAX_PIXELS:
        raise ScanError(f"{path}: has too many pixels in its {count} frames; give a planar scan")
    for index in chosen:
        image.seek(index)
        yield image


def _to_scan(frame: Image.Image, content: bytes, name: str, inverted: bool | None) -> Scan:
    """Return one frame, not loaded yet, as a scan."""
    is_tiff = frame.format == "TIFF"
    orientation = EXIF_ORIENTATIONS.get(_tiff_tag(frame, ORIENTATION, 1), UPRIGHT)
    values, transparent = grey_values(frame, name, lambda: _open(content, frame.tell()))
    if not is_tiff:  # Pillow turns TIFF itself while it decodes
        orientation = _exif_orientation(frame)
        values = set_upright(values, orientation)
    pixels, was_inverted = normalise_pixels(values, name, inverted)
    notes = orientation_notes(orientation)
    return Scan(
        pixels=pixels,
        inverted=was_inverted,
        turned=orientation.turn,
        lossy=frame.format in LOSSY_FORMATS or frame.info.get("compression") in LOSSY_COMPRESSIONS,
        notes=(*notes, TRANSPARENT_NOTE) if transparent else notes,
    )


def _tiff_tag(frame: Image.Image, tag: int, default: int) -> int:
    """Return a number that a TIFF file has in a tag, or the default."""
    value = getattr(frame, "tag_v2", {}).get(tag, default)
    return value if isinstance(value, int) else default


def _exif_orientation(frame: Image.Image) -> Orientation:
    """Return the orientation in the Exif block of a loaded JPEG or PNG; a block that cannot be read has none."""
    block = frame.info.get("exif")
    if not block:
        return UPRIGHT
    exif = Image.Exif()
    try:
        exif.load(block)
        return EXIF_ORIENTATIONS.get(exif.get(ORIENTATION, 1), UPRIGHT)
    except Exception:  # whatever is wrong with it, the pixels are sound
        return UPRIGHT
