"""Planar nuclear medicine scans in DICOM (PS3.3, A.5 NM Image IOD), decoded by pydicom."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.pixels.processing import apply_rescale

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan.record import Scan, check_size, normalise_pixels
from bonescan_yolo.scan.view import View, view_in

MODALITIES = ("NM", "OT", "SC")
"""Nuclear medicine, and what secondary captures of it are filed under (other, secondary capture)."""

MAX_FRAMES = 16
"""Two views in a few energy windows; dynamic and tomographic series have more."""

TC99M_KEV = 140.5
"""Photon energy of technetium-99m, the label of bone tracers (MIRD decay data)."""


def decode(content: bytes, path: Path) -> list[Scan]:
    """Return the scans in the bytes of a DICOM file: one a frame of the photopeak window.

    Raises:
        BonescanError: not DICOM, damaged, of another modality, tomographic, coloured, or compressed in a way
            that needs a plug-in which is missing.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of many harmless breaches of the standard
        dataset = _parse(content, path)
        frames = _pixels(dataset, path)
    inverted = _hot_is_dark(dataset)
    scans = []
    for index in _photopeak_frames(dataset, len(frames)):
        pixels, turned = normalise_pixels(np.asarray(frames[index], dtype=np.float32), str(path), inverted)
        scans.append(
            Scan(
                pixels=pixels,
                view=_view(dataset, index),
                pixel_spacing_mm=_spacing(dataset),
                inverted=turned,
            )
        )
    return scans


def _parse(content: bytes, path: Path) -> Dataset:
    """Return the data set after checking that it can hold planar scans."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(content), force=True)
        modality = dataset.get("Modality")
    except (InvalidDicomError, OSError, ValueError, EOFError, KeyError, AttributeError, TypeError) as error:
        raise BonescanError(f"{path}: is not readable DICOM; export it again from its source") from error
    if "Rows" not in dataset or "PixelData" not in dataset:
        raise BonescanError(f"{path}: is not a DICOM image; give a whole-body bone scan (NM)")
    if modality not in MODALITIES:
        raise BonescanError(f"{path}: is DICOM of modality {modality}; give a planar bone scan (NM)")
    if "TOMO" in {str(part).upper() for part in dataset.get("ImageType") or ()}:
        raise BonescanError(f"{path}: is tomographic (SPECT); give the planar whole-body scan")
    if int(dataset.get("SamplesPerPixel", 1)) != 1:
        raise BonescanError(f"{path}: is a colour picture; give the grey scan it was made from")
    count = int(dataset.get("NumberOfFrames", 1) or 1)
    if count > MAX_FRAMES:
        raise BonescanError(f"{path}: has {count} frames; give a planar scan with one frame a view")
    check_size(int(dataset.Columns), int(dataset.Rows) * count, str(path))
    return dataset


def _pixels(dataset: Dataset, path: Path) -> np.ndarray:
    """Return the rescaled pixels, (frames, rows, columns)."""
    try:
        pixels = apply_rescale(dataset.pixel_array, dataset)
    except (RuntimeError, NotImplementedError, ImportError) as error:
        syntax = dataset.file_meta.TransferSyntaxUID.name if "TransferSyntaxUID" in dataset.file_meta else "unknown"
        raise BonescanError(
            f"{path}: its pixels cannot be decoded (transfer syntax {syntax}); export it uncompressed"
        ) from error
    except (ValueError, AttributeError, TypeError, OSError, EOFError, IndexError) as error:
        reason = " ".join(str(error).split())
        raise BonescanError(f"{path}: its pixels are damaged ({reason}); export it again") from error
    return np.asarray(pixels).reshape(-1, int(dataset.Rows), int(dataset.Columns))


def _hot_is_dark(dataset: Dataset) -> bool | None:
    """Tell whether low values are hot; None for a secondary capture, whose background has to tell."""
    if str(dataset.get("PhotometricInterpretation", "")).strip() == "MONOCHROME1":
        return True
    return False if dataset.Modality == "NM" else None


def _photopeak_frames(dataset: Dataset, count: int) -> list[int]:
    """Return the indices of the frames in the energy window of technetium-99m; all where windows are not told.

    A camera may store a scatter window beside the photopeak; those frames are blurred copies, not further views.
    """
    windows = _vector(dataset, "EnergyWindowVector", count)
    holding_peak = {
        number
        for number, window in enumerate(dataset.get("EnergyWindowInformationSequence") or (), start=1)
        for limits in window.get("EnergyWindowRangeSequence") or ()
        if _holds_peak(limits)
    }
    chosen = [index for index, window in enumerate(windows) if window in holding_peak]
    return chosen or list(range(count))


def _holds_peak(limits: Dataset) -> bool:
    """Tell whether an energy window holds the photopeak of technetium-99m."""
    lower, upper = limits.get("EnergyWindowLowerLimit"), limits.get("EnergyWindowUpperLimit")
    return lower is not None and upper is not None and float(lower) <= TC99M_KEV <= float(upper)


def _view(dataset: Dataset, index: int) -> View | None:
    """Return the view of a frame: from its detector's view code, else from the texts that name the image."""
    detectors = list(dataset.get("DetectorInformationSequence") or ())
    numbers = _vector(dataset, "DetectorVector", index + 1)
    if index < len(numbers) and 1 <= numbers[index] <= len(detectors):
        for code in detectors[numbers[index] - 1].get("ViewCodeSequence") or ():
            if view := view_in(str(code.get("CodeMeaning", ""))):
                return view
    if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
        return None  # the texts below speak of the whole file
    texts = ("ViewPosition", "SeriesDescription", "ImageID", "ImageComments")
    return next((view for name in texts if (view := view_in(str(dataset.get(name, ""))))), None)


def _vector(dataset: Dataset, keyword: str, count: int) -> list[int]:
    """Return a frame vector (PS3.3, C.8.4.8): for each frame the number, from 1, of its detector or window."""
    value = dataset.get(keyword)
    if value is None:
        return [1] * count
    return [int(number) for number in value] if isinstance(value, Iterable) else [int(value)]


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    """Return the height and width of a pixel in millimetres, or None where the file does not tell."""
    spacing = dataset.get("PixelSpacing") or dataset.get("ImagerPixelSpacing")
    if not spacing or len(spacing) != 2:
        return None
    height, width = (float(value) for value in spacing)
    return (height, width) if height > 0 and width > 0 else None
