"""Planar nuclear medicine scans in DICOM (PS3.3, A.5 NM Image IOD), decoded by pydicom."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_rescale

from bonescan_yolo.errors import BonescanError, ScanError
from bonescan_yolo.scan.names import View, view_in
from bonescan_yolo.scan.record import Scan, check_size, normalise_pixels

MODALITIES = ("NM", "OT", "SC")
"""Nuclear medicine, and the modalities of secondary captures of it (other, secondary capture)."""

MAX_FRAMES = 16
"""Two views in a few energy windows; dynamic and tomographic series have more."""

DEFLATED = b"1.2.840.10008.1.2.1.99"
"""Transfer syntax in which the whole data set is one compressed stream (PS3.5, A.5)."""

MAX_DEFLATED_BYTES = 1 << 20
"""pydicom inflates such a file before any check is possible, to at most 1,032 times its size."""

FILE_HEAD_BYTES = 2048
"""The file meta information, about 200 bytes, names the transfer syntax."""

TC99M_KEV = 140.5
"""Photon energy of technetium-99m, the label of bone tracers (MIRD decay data)."""


def decode(content: bytes, path: Path) -> list[Scan]:
    """Return the scans in the bytes of a DICOM file: one per frame of the photopeak window.

    Raises:
        ScanError: not DICOM, damaged, of another modality, tomographic, coloured, or compressed in a way
            that needs a missing plug-in.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of many harmless violations of the standard
        try:
            return _decode(content, path)
        except BonescanError:
            raise
        except Exception as error:  # damage shows at the first use of an element, as any exception
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ScanError(f"{path}: is damaged DICOM ({reason}); export it again from its source") from error


def _decode(content: bytes, path: Path) -> list[Scan]:
    dataset = _parse(content, path)
    frames = _pixels(dataset, path)
    inverted = _hot_is_dark(dataset)
    spacing = _spacing(dataset)
    scans = []
    for index in _photopeak_frames(dataset, len(frames)):
        pixels, turned = normalise_pixels(np.asarray(frames[index], dtype=np.float32), str(path), inverted)
        scans.append(Scan(pixels=pixels, view=_view(dataset, index), pixel_spacing_mm=spacing, inverted=turned))
    return scans


def _parse(content: bytes, path: Path) -> Dataset:
    """Return the data set after checking that it can hold planar scans."""
    if DEFLATED in content[:FILE_HEAD_BYTES] and len(content) > MAX_DEFLATED_BYTES:
        raise ScanError(f"{path}: is too large for a deflated DICOM scan; export it uncompressed")
    dataset = pydicom.dcmread(io.BytesIO(content), force=True)
    if any(keyword not in dataset for keyword in ("Rows", "Columns", "PixelData")):
        raise ScanError(f"{path}: is not a DICOM image; give a whole-body bone scan (NM)")
    modality = dataset.get("Modality")
    if modality not in MODALITIES:
        raise ScanError(f"{path}: is DICOM of modality {modality}; give a planar bone scan (NM)")
    if any("TOMO" in str(part).upper() for part in dataset.get("ImageType") or ()):
        raise ScanError(f"{path}: is tomographic (SPECT); give the planar whole-body scan")
    if int(dataset.get("SamplesPerPixel", 1)) != 1:
        raise ScanError(f"{path}: is a colour picture; give the grey scan it was made from")
    count = int(dataset.get("NumberOfFrames", 1) or 1)
    if count > MAX_FRAMES:
        raise ScanError(f"{path}: has {count} frames; give a planar scan with one frame per view")
    check_size(int(dataset.Columns), int(dataset.Rows) * count, str(path))
    return dataset


def _pixels(dataset: Dataset, path: Path) -> np.ndarray:
    """Return the rescaled pixels, (frames, rows, columns)."""
    try:
        pixels = apply_rescale(dataset.pixel_array, dataset)
    except (RuntimeError, ImportError) as error:  # no decoder, or none that succeeds
        syntax = dataset.file_meta.TransferSyntaxUID.name if "TransferSyntaxUID" in dataset.file_meta else "unknown"
        raise ScanError(
            f"{path}: its pixels cannot be decoded (transfer syntax {syntax}); export it uncompressed"
        ) from error
    except StopIteration as error:  # pydicom asks for a frame after the last one
        raise ScanError(
            f"{path}: is damaged DICOM (its pixel data ends early); export it again from its source"
        ) from error
    return np.asarray(pixels).reshape(-1, int(dataset.Rows), int(dataset.Columns))


def _hot_is_dark(dataset: Dataset) -> bool | None:
    """Return whether low values are hot; None if only the background can show it.

    MONOCHROME2 of the modality NM holds counts. MONOCHROME1 is not allowed for NM images, but some stations write it.
    It means that high values are shown dark: the values are counts if the station shows hot as dark, and inverted
    counts if it shows hot as bright. A secondary capture may be either.
    """
    is_counts = dataset.Modality == "NM" and dataset.get("PhotometricInterpretation") == "MONOCHROME2"
    return False if is_counts else None


def _photopeak_frames(dataset: Dataset, count: int) -> list[int]:
    """Return the indices of the frames in the energy window of technetium-99m; all if the file names no windows.

    A camera may store a scatter window beside the photopeak; its frames are blurred copies, not further views.
    """
    windows = _vector(dataset, "EnergyWindowVector") or [1] * count
    holding_peak = {
        number
        for number, window in enumerate(dataset.get("EnergyWindowInformationSequence") or (), start=1)
        for limits in window.get("EnergyWindowRangeSequence") or ()
        if _holds_peak(limits)
    }
    chosen = [index for index, window in zip(range(count), windows, strict=False) if window in holding_peak]
    return chosen or list(range(count))


def _holds_peak(limits: Dataset) -> bool:
    """Return whether an energy window contains the photopeak of technetium-99m."""
    lower, upper = limits.get("EnergyWindowLowerLimit"), limits.get("EnergyWindowUpperLimit")
    return lower is not None and upper is not None and float(lower) <= TC99M_KEV <= float(upper)


def _view(dataset: Dataset, index: int) -> View | None:
    """Return the view of a frame: from its detector's view code, else from the texts that name the image."""
    detectors = list(dataset.get("DetectorInformationSequence") or ())
    frame_count = int(dataset.get("NumberOfFrames", 1) or 1)
    number = _detector_number(dataset, index, frame_count, len(detectors))
    if number is not None and 1 <= number <= len(detectors):
        for code in detectors[number - 1].get("ViewCodeSequence") or ():
            if view := view_in(str(code.get("CodeMeaning", ""))):
                return view
    if frame_count > 1:
        return None  # the texts below describe the whole file
    texts = ("ViewPosition", "SeriesDescription", "ImageID", "ImageComments")
    return next((view for name in texts if (view := view_in(str(dataset.get(name, ""))))), None)


def _detector_number(dataset: Dataset, index: int, frame_count: int, detector_count: int) -> int | None:
    """Return the number, from 1, of the detector that took a frame; None if the file does not say.

    The detector vector has the number, but many files lack it. Without it, the frames of an energy window are still in
    the order of the detectors listed (PS3.3, C.8.4.8.1.1 and C.8.4.8.1.3). If a window has as many frames as there are
    detectors, its frame n is of detector n. Otherwise the detector stays unknown, because the frames may be stored in
    any order; so do frames of several windows without the window vector.
    """
    numbers = _vector(dataset, "DetectorVector")
    if numbers:
        return numbers[index] if index < len(numbers) else None
    windows = _vector(dataset, "EnergyWindowVector") or [1] * frame_count
    if len(windows) != frame_count or index >= frame_count:  # compressed data may contain more frames than declared
        return None
    same_window = [frame for frame, window in enumerate(windows) if window == windows[index]]
    return same_window.index(index) + 1 if len(same_window) == detector_count else None


def _vector(dataset: Dataset, keyword: str) -> list[int]:
    """Return a frame vector (PS3.3, C.8.4.8): for each frame the number, from 1, of its detector or window.

    The list is empty if the file has no such vector.
    """
    value = dataset.get(keyword)
    if value is None:
        return []
    return [int(number) for number in value] if isinstance(value, Iterable) else [int(value)]


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    """Return the height and width of a pixel in millimetres, or None if the file does not say."""
    spacing = dataset.get("PixelSpacing") or dataset.get("ImagerPixelSpacing")
    if not isinstance(spacing, Sequence) or len(spacing) != 2:
        return None
    height, width = (float(value) for value in spacing)
    return (height, width) if min(height, width) > 0 and math.isfinite(height + width) else None
