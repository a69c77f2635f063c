"""Pixel data, compressed or not, that is what the header says or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def test_a_clinical_jpeg_compressed_scan() -> None:
    path = Path(str(get_testdata_file("JPGExtended.dcm")))
    (scan,) = read_scans(path)
    dataset = pydicom.dcmread(path)
    np.testing.assert_array_equal(scan.pixels, dataset.pixel_array)
    assert (scan.width, scan.height, scan.pixel_spacing_mm) == (256, 1024, (2.26, 2.26))
    assert not scan.inverted


def test_compressed_frames_that_end_early(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()] * 2)
    dataset.compress(RLELossless)
    dataset.NumberOfFrames = 3
    with pytest.raises(BonescanError, match=r"is damaged DICOM \(its pixel data ends early\); export it again"):
        read(tmp_path, dataset)


def encapsulated(frame: bytes, syntax: pydicom.uid.UID) -> FileDataset:
    """Return a file with one frame of this codestream."""
    dataset = nm_dataset([grey_scan().astype(np.uint16)])
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    return dataset


def jpeg(folder: Path, height: int = 1024) -> bytes:
    return save(folder / "frame.jpg", grey_scan()[:height], quality=95).read_bytes()


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEG2000, RLELossless, ExplicitVRLittleEndian])
def test_the_pixels_say_how_they_are_compressed(tmp_path: Path, syntax: pydicom.uid.UID) -> None:
    (scan,) = read(tmp_path, encapsulated(jpeg(tmp_path), syntax))
    assert np.abs(scan.pixels - grey_scan()).max() < 40
    assert scan.lossy
    assert len(scan.notes) == (syntax != JPEGBaseline8Bit)


def test_pixels_that_are_not_compressed_though_the_header_says_so(tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "scan.dcm", nm_dataset([count_scan()]))
    named = path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0", 1)
    path.write_bytes(named)
    (scan,) = read_scans(path)
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert scan.notes == ("pixels are not compressed, whatever the header says",)


def test_a_compressed_frame_of_another_size_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match="declares 256 x 1024 pixels, its compressed frames have 256 x 512"):
        read(tmp_path, encapsulated(jpeg(tmp_path, 512), JPEGBaseline8Bit))


@pytest.mark.parametrize("compressed", [False, True])
def test_more_frames_than_declared_are_refused(tmp_path: Path, compressed: bool) -> None:
    dataset = nm_dataset([count_scan()] * 3)
    if compressed:
        dataset.compress(RLELossless)
    dataset.NumberOfFrames = 2
    with pytest.raises(BonescanError, match=r"its pixel data has 3 frames, 2 declared"):
        read(tmp_path, dataset)


def test_too_few_bytes_are_counted(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.PixelData = dataset.PixelData[:-10]
    with pytest.raises(BonescanError, match=r"its pixel data has 524278 of 524288 bytes"):
        read(tmp_path, dataset)


def test_bytes_after_the_last_frame_are_no_frame(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.PixelData += b"\xff" * 100
    np.testing.assert_array_equal(read(tmp_path, dataset)[0].pixels, count_scan())


def test_bits_that_are_not_stored_are_ignored(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan() | np.uint16(0xF000)])
    dataset.BitsStored, dataset.HighBit = 12, 11
    dataset.add_new((0x6000, 0x0102), "US", 12)  # an overlay is in them
    np.testing.assert_array_equal(read(tmp_path, dataset)[0].pixels, count_scan())


@pytest.mark.parametrize(("stored", "high"), [(12, 15), (11, 12), (10, 13)])
def test_values_above_unused_bits(tmp_path: Path, stored: int, high: int) -> None:
    dataset = nm_dataset([count_scan() << np.uint16(high + 1 - stored) | np.uint16(1)])
    dataset.BitsStored, dataset.HighBit = stored, high
    np.testing.assert_array_equal(read(tmp_path, dataset)[0].pixels, count_scan())


@pytest.mark.parametrize("stored", [8, 6, 0, 40])
def test_values_that_need_more_bits_than_are_declared(tmp_path: Path, stored: int) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.BitsStored, dataset.HighBit = stored, max(stored - 1, 0)
    (scan,) = read(tmp_path, dataset)
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert len(scan.notes) == (stored in (8, 6))


def test_a_high_bit_that_cannot_be_is_ignored(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.HighBit = 31
    np.testing.assert_array_equal(read(tmp_path, dataset)[0].pixels, count_scan())


@pytest.mark.parametrize("lossless", [True, False])
def test_jpeg_2000_says_whether_it_lost_something(tmp_path: Path, lossless: bool) -> None:
    dataset = nm_dataset([count_scan()])
    if lossless:
        dataset.compress(pydicom.uid.JPEG2000Lossless)
    else:
        dataset.compress(JPEG2000, j2k_cr=[10])
    (scan,) = read(tmp_path, dataset)
    assert scan.lossy != lossless


def test_pixels_without_a_decoder(tmp_path: Path) -> None:
    dataset = encapsulated(b"\0" * 200, pydicom.uid.UID("1.2.840.10008.1.2.4.100"))
    with pytest.raises(BonescanError, match=r"its pixels cannot be decoded \(transfer syntax MPEG2"):
        read(tmp_path, dataset)
