"""Which files of a source are images, and how many scans each has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bonescan_yolo.convert.naming import suffix
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.identity.names import View
from bonescan_yolo.scan.pictures.raster import SUFFIXES
from bonescan_yolo.scan.read import DICOM_SUFFIXES, decode_scans
from bonescan_yolo.scan.sniff import HEAD_BYTES, kind_inside, kind_of

SINGLE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp"})
"""Suffixes of pictures with one scan; the others are read to count theirs."""

NO_IMAGE_SUFFIXES: Final = frozenset(
    {".xml", ".json", ".jsonl", ".txt", ".csv", ".tsv", ".yaml", ".yml", ".md", ".html", ".htm", ".pdf", ".zip"}
    | {".cache", ".npy", ".npz", ".py", ".xlsx", ".xls", ".docx", ".doc", ".log", ".names", ".data", ".pt", ".onnx"}
)
"""Suffixes of files that are not opened to see whether they are images."""


@dataclass(frozen=True)
class ImageFile:
    """A file that may hold scans.

    Attributes:
        file: Its path inside the source.
        views: The view of each scan as the file itself states it, or None; as many as it has scans.
    """

    file: str
    views: tuple[View | None, ...] = (None,)


def find_images(source: Source, leave_out: Iterable[str] = ()) -> list[ImageFile]:
    """Return the images of a source in natural order, except the files in `leave_out`."""
    others = set(leave_out)
    return [_with_frames(source, file) for file in source.files if file not in others and _may_be_scan(source, file)]


def _may_be_scan(source: Source, file: str) -> bool:
    """Return whether a file is an image by its suffix or, if that says nothing, by its first bytes."""
    ending = suffix(file)
    if ending in (*SUFFIXES, *DICOM_SUFFIXES):
        return True
    if ending in NO_IMAGE_SUFFIXES:
        return False
    try:
        head = source.read(file)[:HEAD_BYTES]
    except UnreadableError:
        return False
    kind = kind_of(head)
    return (kind_inside(head) if kind == "gzip" else kind) in {"picture", "dicom"}


def _with_frames(source: Source, file: str) -> ImageFile:
    """Return an image with its number of scans; one that cannot be read has one, and is reported when it is checked."""
    if suffix(file) in SINGLE_SUFFIXES:
        return ImageFile(file)
    try:
        scans = decode_scans(source.read(file), Path(file))
    except (UnreadableError, ScanError):
        return ImageFile(file)
    return ImageFile(file, tuple(scan.view for scan in scans)) if len(scans) > 1 else ImageFile(file, (scans[0].view,))
