"""Which files of a source are images, and how many scans each has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from bonescan_yolo.convert.naming import suffix
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.find import DRAWN_SUFFIX
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


class FoundImages(NamedTuple):
    """The images of a source.

    Attributes:
        images: in natural order.
        drawings: Pictures and masks that `predict` and `measure` made of scans, which are no images to train on.
    """

    images: list[ImageFile]
    drawings: list[str]


def find_images(source: Source, leave_out: Iterable[str] = ()) -> FoundImages:
    """Return the images of a source, except the files in `leave_out`."""
    others = set(leave_out)
    found = [file for file in source.files if file not in others and _may_be_scan(source, file)]
    drawings = {file for file in found if _is_drawing(source, file)}
    return FoundImages([_with_frames(source, file) for file in found if file not in drawings], sorted(drawings))


def _is_drawing(source: Source, file: str) -> bool:
    """Return whether a file is a picture of results; only PNG is read, which they are."""
    try:
        return suffix(file) == DRAWN_SUFFIX and kind_of(source.read(file)[:HEAD_BYTES]) == "drawing"
    except UnreadableError:  # reported when the image is checked
        return False


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
