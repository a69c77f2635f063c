"""Whether a DICOM data set can hold planar scans; if not, why, in one sentence."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import UID

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.dicom.dicom_frames import frame_count_of
from bonescan_yolo.scan.dicom.dicom_values import text, texts, whole_number
from bonescan_yolo.scan.record import check_size

MODALITIES = ("NM", "OT", "SC")
"""Nuclear medicine, and the modalities of secondary captures of it (other, secondary capture)."""

MAX_FRAMES = 16
"""Two views in a few energy windows; dynamic and tomographic series have more."""

_STORED_AS = {
    "1.2.840.10008.5.1.4.1.1.20": "NM",  # Nuclear Medicine Image Storage
    "1.2.840.10008.5.1.4.1.1.5": "NM",  # its retired form
    "1.2.840.10008.5.1.4.1.1.7": "SC",  # Secondary Capture Image Storage
    "1.2.840.10008.5.1.4.1.1.7.1": "SC",  # and its multi-frame forms, by their pixels
    "1.2.840.10008.5.1.4.1.1.7.2": "SC",
    "1.2.840.10008.5.1.4.1.1.7.3": "SC",
    "1.2.840.10008.5.1.4.1.1.7.4": "SC",
}
"""The modality that a storage class means (PS3.6, A)."""

_NEEDED = ("Rows", "Columns", "PixelData")
_DICOMDIR = "1.2.840.10008.1.3.10"

_REPEATED_VECTORS = ("PhaseVector", "TimeSlotVector", "TimeSliceVector")
"""Present with more than one number if frames repeat in time (PS3.3, C.8.4.8): dynamic and gated series."""


def modality_of(dataset: Dataset) -> str:
    """Return a data set's modality; the one that its storage class means if it names none, "" if neither does."""
    named = "".join(letter for letter in "".join(texts(dataset, "Modality")[:1]).upper() if letter.isprintable())
    return named or _STORED_AS.get(_storage_class(dataset), "")


def is_capture(dataset: Dataset) -> bool:
    """Return whether a data set is a secondary capture, whose pixels are a picture rather than counts."""
    return modality_of(dataset) != "NM"


def require_planar_scan(dataset: Dataset, path: Path) -> None:
    """Refuse what holds no planar nuclear medicine.

    Raises:
        ScanError: no image, another modality, tomographic, dynamic, or of an impossible size.
    """
    if any(keyword not in dataset for keyword in _NEEDED):
        _refuse_no_image(dataset, path)
    modality = modality_of(dataset)
    if modality not in MODALITIES:
        named = f"modality {modality}" if modality else "unknown modality"
        raise ScanError(f"{path}: is DICOM of {named}; give a planar bone scan (NM)")
    count = frame_count_of(dataset)
    _refuse_series(dataset, count, path)
    if count > MAX_FRAMES:
        raise ScanError(f"{path}: has {count} frames; give a planar scan with one frame per view")
    if whole_number(dataset, "BitsAllocated") < 1:
        raise ScanError(f"{path}: is damaged DICOM (BitsAllocated is missing); export it again from its source")
    check_size(whole_number(dataset, "Columns"), whole_number(dataset, "Rows") * count, str(path))


def _refuse_no_image(dataset: Dataset, path: Path) -> None:
    """Refuse a data set without pixels, by what it is instead."""
    storage = _storage_class(dataset)
    if storage == _DICOMDIR or "DirectoryRecordSequence" in dataset:
        raise ScanError(f"{path}: is the index of a DICOM medium; give the folder that it is in")
    if len(dataset) == 0 and storage:  # pydicom returns nothing of a file that ends within an element
        raise ScanError(f"{path}: is damaged DICOM (it is cut off); export it again from its source")
    if "Rows" in dataset and "Columns" in dataset:
        raise ScanError(
            f"{path}: is not a DICOM image, its pixel data is missing or cut off; export it again from its source"
        )
    kind = UID(storage).name if storage else ""
    named = f" but {kind}" if kind and kind != storage and "Image Storage" not in kind else ""
    raise ScanError(f"{path}: is not a DICOM image{named}; give a whole-body bone scan (NM)")


def _refuse_series(dataset: Dataset, count: int, path: Path) -> None:
    """Refuse tomographic, dynamic and gated series and transmission scans (Image Type: PS3.3, C.8.4.9.1.1)."""
    parts = [part.upper() for part in texts(dataset, "ImageType")]
    if any("TOMO" in part for part in parts):
        raise ScanError(f"{path}: is tomographic (SPECT); give the planar whole-body scan")
    if "TRANSMISSION" in parts:
        raise ScanError(f"{path}: is a transmission scan; give the planar whole-body scan")
    repeats = any(len(set(texts(dataset, vector))) > 1 for vector in _REPEATED_VECTORS)
    if "GATED" in parts:
        raise ScanError(f"{path}: is a gated series of {_frames(count)}; give the whole-body scan")
    if "DYNAMIC" in parts or repeats:
        raise ScanError(f"{path}: is a dynamic series of {_frames(count)}; give the whole-body scan")


def _frames(count: int) -> str:
    return f"{count} frames" if count > 1 else "1 frame"


def _storage_class(dataset: Dataset) -> str:
    """Return the UID of a data set's storage class, of its header if the data set itself does not name it."""
    return text(dataset, "SOPClassUID") or text(dataset.file_meta, "MediaStorageSOPClassUID")
