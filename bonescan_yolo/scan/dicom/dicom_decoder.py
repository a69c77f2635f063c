"""Planar nuclear medicine scans in DICOM (PS3.3, A.5 NM Image IOD), decoded by pydicom."""

from __future__ import annotations

import dataclasses
import math
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from bonescan_yolo.errors import BonescanError, ScanError
from bonescan_yolo.scan.dicom.dicom_counts import padded, rescaled, without_padding
from bonescan_yolo.scan.dicom.dicom_file import parse_file
from bonescan_yolo.scan.dicom.dicom_frames import photopeak_frames
from bonescan_yolo.scan.dicom.dicom_kind import is_capture, modality_of, require_planar_scan
from bonescan_yolo.scan.dicom.dicom_orientation import turn_of
from bonescan_yolo.scan.dicom.dicom_pixels import StoredPixels, decode_pixels
from bonescan_yolo.scan.dicom.dicom_values import numbers, text, texts, whole_number
from bonescan_yolo.scan.dicom.dicom_views import view_of_frame
from bonescan_yolo.scan.orientation import Orientation, orientation_notes, turn_scan
from bonescan_yolo.scan.record import Scan, normalise_pixels

_GREY_BITS = 8

_LEAST_SPACING_MM, _MOST_SPACING_MM = 0.05, 50.0
"""A whole body has 64 to 4096 rows; other spacings are in another unit, micrometres or metres."""


def decode(content: bytes, path: Path, inverted: bool | None = None) -> list[Scan]:
    """Return the scans in the bytes of a DICOM file: one per frame of the photopeak window.

    Args:
        content: of the file.
        path: for messages.
        inverted: whether hot is dark; None if only the file can say.

    Raises:
        ScanError: not DICOM, damaged, of another modality, a series, coloured, or compressed in a way that needs a
            missing plug-in.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of many harmless violations of the standard
        try:
            return _decode(content, path, inverted)
        except BonescanError:
            raise
        except Exception as error:  # damage shows at the first use of an element, as any exception
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ScanError(f"{path}: is damaged DICOM ({reason}); export it again from its source") from error


def _decode(content: bytes, path: Path, inverted: bool | None) -> list[Scan]:
    dataset = parse_file(content, path)
    require_planar_scan(dataset, path)
    stored = decode_pixels(dataset, path)
    values, rescale_notes = (stored.frames, ()) if stored.is_picture else rescaled(dataset, stored.frames)
    is_lossy, ratio = _compression(dataset, stored)
    if inverted is None and _has_counts(dataset, stored):
        inverted = False
    spacing, turn = _spacing(dataset), turn_of(dataset)
    study = "".join(texts(dataset, "StudyInstanceUID")[:1]) or None
    scans = []
    for index in photopeak_frames(dataset, len(values)):
        pixels, was_inverted, notes = _normalised(dataset, stored, values, index, path, hot_is_dark=inverted)
        view, note = view_of_frame(dataset, index)
        scan = Scan(
            pixels=pixels,
            view=view,
            pixel_spacing_mm=spacing,
            inverted=was_inverted,
            lossy=is_lossy,
            compression_ratio=ratio,
            study_uid=study,
            notes=(*stored.notes, *rescale_notes, *notes, *((note,) if note else ())),
        )
        scans.append(_upright(scan, turn))
    return scans


def _normalised(
    dataset: Dataset,
    stored: StoredPixels,
    values: NDArray[np.generic],
    index: int,
    path: Path,
    *,
    hot_is_dark: bool | None,
) -> tuple[NDArray[np.uint8] | NDArray[np.float32], bool, tuple[str, ...]]:
    """Return one frame as the pixels of a scan, whether it was inverted, and what was done with its padding."""
    is_grey = stored.is_picture or _has_grey_levels(dataset, values)
    frame = values[index]
    if frame.dtype == np.uint8 and not is_grey:
        frame = frame.astype(np.float32)  # counts, though few
    mask = None if stored.is_picture else padded(dataset, stored.frames[index])
    filled = frame if mask is None else without_padding(frame, mask)
    pixels, inverted = normalise_pixels(filled, str(path), hot_is_dark)
    if mask is None:
        return pixels, inverted, ()
    dark = pixels.copy()
    dark[mask] = pixels[~mask].min()
    dark.flags.writeable = False
    return dark, inverted, ("padding set to the darkest value",)


def _has_counts(dataset: Dataset, stored: StoredPixels) -> bool:
    """Return whether high values are known to be hot; if not, only the background can show it.

    MONOCHROME2 of the modality NM holds counts, and so does PALETTE COLOR, whose palette is for showing them (PS3.3,
    C.8.4.9.1.3). MONOCHROME1 is not allowed for NM images, but some stations write it. It means that high values are
    shown dark: the values are counts if the station shows hot as dark, and inverted counts if it shows hot as bright.
    A secondary capture may be either.
    """
    kind = text(dataset, "PhotometricInterpretation").upper()
    return modality_of(dataset) == "NM" and not stored.is_picture and kind in ("MONOCHROME2", "PALETTE COLOR")


def _has_grey_levels(dataset: Dataset, values: NDArray[np.generic]) -> bool:
    """Return whether values are grey levels as those of pictures: a secondary capture of 8 bit, not rescaled."""
    return is_capture(dataset) and values.dtype == np.uint8 and whole_number(dataset, "BitsStored") == _GREY_BITS


def _upright(scan: Scan, turn: int) -> Scan:
    """Return a scan turned by these degrees clockwise, and said so."""
    return dataclasses.replace(turn_scan(scan, turn), notes=(*scan.notes, *orientation_notes(Orientation(False, turn))))


def _compression(dataset: Dataset, stored: StoredPixels) -> tuple[bool, float | None]:
    """Return whether the pixels lost something to compression, and the ratio that the file states.

    Lossy Image Compression says what was ever done to them (PS3.3, C.7.6.1.1.5); the coding of the pixels says it if
    the file does not. Each step of compression has its ratio; the highest is that of the step that lost most.
    """
    ratios = [ratio for ratio in numbers(dataset, "LossyImageCompressionRatio") if math.isfinite(ratio) and ratio > 0]
    is_lossy = stored.lossy or texts(dataset, "LossyImageCompression")[:1] == ["01"]
    return is_lossy, max(ratios, default=None) if is_lossy else None


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    """Return the height and width of a pixel in millimetres, or None if the file does not say, or nothing possible.

    Pixel Spacing, else Imager Pixel Spacing (at the detector), else Nominal Scanned Pixel Spacing (of a capture).
    """
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        values = numbers(dataset, keyword)
        if len(values) == 2 and all(_LEAST_SPACING_MM <= value <= _MOST_SPACING_MM for value in values):
            return values[0], values[1]
    return None
