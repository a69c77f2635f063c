"""DICOM: pixels uncompressed, RLE, JPEG, JPEG-LS, JPEG 2000, and a deflated data set."""

from __future__ import annotations

import copy
import functools
import io
import random
from collections.abc import Mapping
from typing import Final

import numpy as np
import pydicom
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from tests.factories import count_scan, nm_dataset
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_bytes import mutate_bytes
from tests.fuzz.mutate_head import mutate_head
from tests.fuzz.scan_bytes import ScanFile, read_file

STEP: Final = 4
"""The scans have a fourth of the rows and columns of real ones."""

NUMBERS: Final = (0, 1, 2, 3, 8, 12, 16, 32, 64, 255, 256, 1024, 32767, 65535)
CHANGED: Final = (
    "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel",
    "PlanarConfiguration", "PixelPaddingValue",
)  # fmt: skip
TEXTS: Final = {
    "NumberOfFrames": ("0", "-1", "2", "125", "99999999", "x", ""),
    "PhotometricInterpretation": ("MONOCHROME1", "RGB", "PALETTE COLOR", "YBR_FULL_422", "", "\x1b[2J", "\\"),
    "Modality": ("CT", "", "NM\\PT", "\x1b]0;x\x07"),
    "PixelSpacing": ("0\\0", "-1\\2", "nan\\inf", "1", "9" * 16),
    "RescaleSlope": ("0", "nan", "1e308", "-1", "inf"),
    "RescaleIntercept": ("1e308", "-inf", "5"),
    "PatientOrientation": ("L\\F", "R\\H", "F\\L", "x", "\x1b[31m"),
    "StudyInstanceUID": ("", "1" * 64, "\x1b[2J", "1\n2"),
    "ImageType": ("DERIVED", "ORIGINAL\\PRIMARY\\TOMO\\EMISSION", "\r\n", ""),
    "LossyImageCompressionRatio": ("nan", "-1", "x"),
}
MAX_TAGS: Final = 3


@functools.cache
def whole() -> Mapping[str, FileDataset]:
    """Return a data set of each coding, by name."""
    counts = [np.ascontiguousarray(count_scan()[::STEP, ::STEP])] * 2
    views = ("Anterior projection", "Posterior projection")
    made = {name: nm_dataset(counts, views) for name in ("plain", "implicit", "rle", "j2k", "deflated")}
    made["implicit"].file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    made["rle"].compress(RLELossless)
    made["j2k"].compress(JPEG2000Lossless)
    made["deflated"].file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    made["jpeg"] = with_codestream(jpeg(counts[0]), JPEGBaseline8Bit, counts[0])
    for name, file in (("jpeg_ls", "MR_small_jpeg_ls_lossless.dcm"), ("jpeg_12", "JPGExtended.dcm")):
        made[name] = pydicom.dcmread(str(get_testdata_file(file)))
        made[name].Modality = "NM"
    return made


def jpeg(counts: np.ndarray) -> bytes:
    """Return the scan as a JPEG of 8 bit."""
    buffer = io.BytesIO()
    Image.fromarray((counts // 5).clip(0, 255).astype(np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def with_codestream(frame: bytes, syntax: UID, counts: np.ndarray) -> FileDataset:
    """Return a data set with one frame of this codestream."""
    dataset = nm_dataset([counts])
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    return dataset


@functools.cache
def written(name: str) -> bytes:
    """Return the undamaged file."""
    return as_bytes(whole()[name])


def as_bytes(dataset: FileDataset) -> bytes:
    """Return the file of a data set."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def mutate(seed: int) -> ScanFile:
    """Return a damaged file: elements changed, numbers of the codestream, or bytes anywhere."""
    rng = random.Random(f"dicom {seed}")
    name = rng.choice(sorted(whole()))
    way = rng.randrange(3)
    if way == 0:
        return ScanFile(f"{name}.dcm", mutate_bytes(written(name), rng))
    dataset = copy.deepcopy(whole()[name])
    if way == 1:
        dataset.PixelData = damaged_pixels(dataset.PixelData, rng)
    else:
        change_elements(dataset, rng)
    try:
        return ScanFile(f"{name}.dcm", as_bytes(dataset))
    except Exception:  # pydicom does not write every value
        return ScanFile(f"{name}.dcm", mutate_head(written(name), rng))


def damaged_pixels(data: bytes, rng: random.Random) -> bytes:
    """Return the pixels' bytes with damage, of an even length."""
    changed = mutate_head(data, rng) if rng.random() < 1 / 2 else mutate_bytes(data, rng)
    return changed + b"\0" * (len(changed) % 2)


def change_elements(dataset: FileDataset, rng: random.Random) -> None:
    """Change or remove a few elements."""
    for _ in range(rng.randint(1, MAX_TAGS)):
        if rng.random() < 1 / 2:
            setattr(dataset, rng.choice(CHANGED), rng.choice(NUMBERS))
        elif rng.random() < 1 / 4:
            keyword = rng.choice((*CHANGED, *TEXTS, "PixelData", "DetectorInformationSequence"))
            if keyword in dataset:
                delattr(dataset, keyword)
        else:
            keyword = rng.choice(sorted(TEXTS))
            element = pydicom.DataElement(keyword, pydicom.datadict.dictionary_VR(keyword), None)
            element._value = rng.choice(TEXTS[keyword])  # not checked
            dataset.add(element)


KIND = FuzzKind("dicom", mutate, read_file)
