"""Pixel data of DICOM as values: decoded, its faults found before decoding, colour reduced to grey."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments, parse_basic_offsets
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import UID, ExplicitVRLittleEndian, RLELossless

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.dicom.dicom_bits import declare_bits, values_in_bits
from bonescan_yolo.scan.dicom.dicom_codestream import Codestream, read_head, with_repaired_scan_header
from bonescan_yolo.scan.dicom.dicom_frames import frame_count_of
from bonescan_yolo.scan.dicom.dicom_kind import is_capture
from bonescan_yolo.scan.dicom.dicom_values import text, texts, whole_number

_ITEM = b"\xfe\xff\x00\xe0"
"""Tag of a fragment, with which encapsulated pixel data begins (PS3.5, A.4); as two counts, 65534 and 57344."""

_RLE_FIRST_OFFSET = (64).to_bytes(4, "little")
"""Of the first segment of an RLE frame, after its header of 64 bytes (PS3.5, G.5)."""

_COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_PALETTE = "PALETTE COLOR"
_GREYS = ("MONOCHROME1", "MONOCHROME2", _PALETTE)
_JPEG_FAMILY_LENGTH = len("1.2.840.10008.1.2.4.5")
"""Transfer syntaxes that begin alike are of one kind of JPEG (PS3.6, A): 5 and 7 JPEG, 8 JPEG-LS, 9 and 2 JPEG 2000."""


@dataclass(frozen=True)
class StoredPixels:
    """Pixels as a file stores them.

    Attributes:
        frames: (frames, rows, columns): stored values, or grey levels of what is a picture.
        is_picture: whether they are grey levels of a colour picture rather than stored values.
        lossy: whether their coding always loses something.
        notes: what was repaired, for the user.
    """

    frames: NDArray[Any]
    is_picture: bool
    lossy: bool
    notes: tuple[str, ...]


def decode_pixels(dataset: Dataset, path: Path) -> StoredPixels:
    """Return the pixels of a data set; its transfer syntax and pixel data are corrected in place if they are wrong.

    Raises:
        ScanError: coloured, too few or too many pixels, another size than declared, or no decoder for them.
    """
    notes: list[str] = []
    _fill_in(dataset)
    kind = text(dataset, "PhotometricInterpretation").upper()
    is_colour = whole_number(dataset, "SamplesPerPixel", 1) != 1
    if is_colour and kind not in _COLOURS:
        raise ScanError(f"{path}: is a colour picture of unknown kind ({kind}); give the grey scan it was made from")
    if not dataset.file_meta.TransferSyntaxUID.is_transfer_syntax:  # private; GE's has pixels of the other byte order
        _refuse_syntax(dataset, path)
    fragments = _fragments(dataset, path)
    head = next((found for fragment in fragments if (found := read_head(fragment))), None)
    _correct_syntax(dataset, fragments, head, notes)
    if fragments:
        _require_declared_size(dataset, fragments, path)
        _repair_scan_headers(dataset, fragments, notes)
    else:
        _require_declared_bytes(dataset, path)
    bits = declare_bits(dataset, compressed=bool(fragments))
    dataset.NumberOfFrames = frame_count_of(dataset)  # pydicom refuses to read one that is not a number
    frames, bit_notes = values_in_bits(dataset, _decode(dataset, path), bits)
    is_palette = kind == _PALETTE and is_capture(dataset)
    if is_palette:
        frames = apply_color_lut(frames, dataset)
        if frames.dtype != np.uint8:  # a palette of 16 bit uses all of them (PS3.3, C.7.6.3.1.5)
            frames = (frames >> 8).astype(np.uint8)
    is_picture = is_colour or is_palette
    if is_picture:
        frames = _to_grey(frames, path)
    return StoredPixels(frames, is_picture, head is not None and head.lossy, (*notes, *bit_notes))


def _fill_in(dataset: Dataset) -> None:
    """Set what the pixels need and the file leaves out to what nearly every grey image has."""
    usual = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelRepresentation": 0,
        "PlanarConfiguration": 0,
        "BitsStored": whole_number(dataset, "BitsAllocated"),
    }
    for keyword, value in usual.items():
        if not texts(dataset, keyword):
            setattr(dataset, keyword, value)
    kind = text(dataset, "PhotometricInterpretation").upper()
    dataset.PhotometricInterpretation = kind  # pydicom knows it in capitals only
    if whole_number(dataset, "SamplesPerPixel", 1) == 1 and kind not in _GREYS:
        dataset.PhotometricInterpretation = "MONOCHROME1"  # so that the background shows what is hot


def _fragments(dataset: Dataset, path: Path) -> list[bytes]:
    """Return the fragments of encapsulated pixel data; an empty list if the pixels are uncompressed."""
    data = dataset.PixelData or b""
    if data[: len(_ITEM)] != _ITEM:
        return []
    buffer = io.BytesIO(data)
    parse_basic_offsets(buffer)
    fragments = list(generate_fragments(buffer))
    if not fragments:
        raise ScanError(f"{path}: is damaged DICOM (its pixel data is empty); export it again from its source")
    return fragments


def _correct_syntax(dataset: Dataset, fragments: list[bytes], head: Codestream | None, notes: list[str]) -> None:
    """Set the transfer syntax that the pixels have, if the header names one that cannot be theirs."""
    named = dataset.file_meta.TransferSyntaxUID
    fits = named
    if not fragments:
        fits = ExplicitVRLittleEndian if named.is_encapsulated else named
    elif head is not None and _family(named) != _family(head.syntax):
        fits = head.syntax
    elif head is None and not named.is_encapsulated and fragments[0][4:8] == _RLE_FIRST_OFFSET:
        fits = RLELossless
    if fits != named:
        dataset.file_meta.TransferSyntaxUID = fits
        coding = f"compressed as {fits.name}" if fragments else "not compressed"
        notes.append(f"pixels are {coding}, whatever the header says")


def _family(syntax: UID) -> str:
    """Return what the transfer syntaxes of one kind of JPEG begin with; 5 and 7 are one kind."""
    return str(syntax)[:_JPEG_FAMILY_LENGTH].replace("1.2.4.7", "1.2.4.5")


def _require_declared_bytes(dataset: Dataset, path: Path) -> None:
    """Refuse uncompressed pixel data with too few bytes, or with whole frames more than declared."""
    bits = whole_number(dataset, "BitsAllocated") * whole_number(dataset, "SamplesPerPixel", 1)
    if text(dataset, "PhotometricInterpretation").upper() == "YBR_FULL_422":
        bits = bits * 2 // 3  # every second pixel has no colour of its own (PS3.3, C.7.6.3.1.2)
    count = frame_count_of(dataset)
    frame_bytes = max(-(-whole_number(dataset, "Rows") * whole_number(dataset, "Columns") * bits // 8), 1)
    stored = len(dataset.PixelData or b"")
    if bits > 1 and stored < count * frame_bytes:
        raise ScanError(
            f"{path}: is damaged DICOM (its pixel data has {stored} of {count * frame_bytes} bytes); "
            "export it again from its source"
        )
    _require_declared_frames(stored // frame_bytes, count, path)


def _require_declared_size(dataset: Dataset, fragments: list[bytes], path: Path) -> None:
    """Refuse compressed pixel data of another size than declared, or of more frames, before it is decoded."""
    heads = [found for fragment in fragments if (found := read_head(fragment))]
    columns, rows = whole_number(dataset, "Columns"), whole_number(dataset, "Rows")
    other = next((found for found in heads if found.width != columns or found.height not in (rows, 0)), None)
    if other is not None:
        raise ScanError(
            f"{path}: is damaged DICOM (it declares {columns} x {rows} pixels, its compressed frames have "
            f"{other.width} x {other.height}); export it again from its source"
        )
    is_rle = dataset.file_meta.TransferSyntaxUID == RLELossless
    _require_declared_frames(len(fragments) if is_rle else len(heads), frame_count_of(dataset), path)


def _require_declared_frames(stored: int, declared: int, path: Path) -> None:
    if stored > declared:
        raise ScanError(
            f"{path}: is damaged DICOM (its pixel data has {stored} frames, {declared} declared); "
            "export it again from its source"
        )


def _repair_scan_headers(dataset: Dataset, fragments: list[bytes], notes: list[str]) -> None:
    """Set the parameters of JPEG scan headers that a known encoder wrote wrongly."""
    repaired = [(fragment, fixed) for fragment in fragments if (fixed := with_repaired_scan_header(fragment))]
    for fragment, fixed in repaired:
        dataset.PixelData = dataset.PixelData.replace(fragment, fixed)
    if repaired:
        notes.append("header of its JPEG scan repaired")


def _refuse_syntax(dataset: Dataset, path: Path, cause: Exception | None = None) -> NoReturn:
    """Refuse pixels for which there is no decoder, or none that succeeds."""
    name = dataset.file_meta.TransferSyntaxUID.name
    raise ScanError(f"{path}: its pixels cannot be decoded (transfer syntax {name}); export it uncompressed") from cause


def _decode(dataset: Dataset, path: Path) -> NDArray[Any]:
    """Return the decoded values, (frames, rows, columns) or, of colour, (frames, rows, columns, 3)."""
    try:
        values, _ = get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(
            dataset,
            allow_excess_frames=False,  # type: ignore[arg-type]  # its annotation is wrong
        )
    except (RuntimeError, ImportError) as error:  # no decoder, or none that succeeds
        _refuse_syntax(dataset, path, error)
    except StopIteration as error:  # pydicom asks for a frame after the last one
        raise ScanError(
            f"{path}: is damaged DICOM (its pixel data ends early); export it again from its source"
        ) from error
    rows, columns = whole_number(dataset, "Rows"), whole_number(dataset, "Columns")
    samples = whole_number(dataset, "SamplesPerPixel", 1)
    shape = (-1, rows, columns) if samples == 1 else (-1, rows, columns, samples)
    return np.asarray(values).reshape(shape)


def _to_grey(frames: NDArray[Any], path: Path) -> NDArray[Any]:
    """Return the grey values (frames, rows, columns) of frames of red, green and blue, by the rule of pictures."""
    from bonescan_yolo.scan.pictures.picture_values import grey_of_channels  # brings Pillow, and most files are grey

    return np.stack([grey_of_channels(frame[..., :3], str(path)) for frame in frames])
