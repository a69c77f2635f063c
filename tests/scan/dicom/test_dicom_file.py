"""The bytes of a DICOM file, whatever its encoding."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from bonescan_yolo.scan.dicom import dicom_file
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless])
def test_transfer_syntaxes(tmp_path: Path, syntax: pydicom.uid.UID) -> None:
    dataset = nm_dataset([count_scan(), count_scan(spot=2000)])
    if syntax == RLELossless:
        dataset.compress(syntax)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(tmp_path / "scan.dcm")
    scans = read_scans(tmp_path / "scan.dcm")
    np.testing.assert_array_equal(scans[1].pixels, count_scan(spot=2000))


def test_dicom_is_known_by_its_prefix_whatever_the_suffix(tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "IM0001", nm_dataset([count_scan()]))
    np.testing.assert_array_equal(read_scans(path)[0].pixels, count_scan())


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 128 + b"DICM", b"plain text " * 30])
def test_no_dicom_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.dcm"
    path.write_bytes(content)
    with pytest.raises(BonescanError, match=r"bad\.dcm: is (empty|not a DICOM image|damaged DICOM)"):
        read_scans(path)


def test_a_picture_called_dcm_is_read_as_what_it_is(tmp_path: Path) -> None:
    picture = save(tmp_path / "1.png", grey_scan()).rename(tmp_path / "1.dcm")
    np.testing.assert_array_equal(read_scans(picture)[0].pixels, grey_scan())


def test_a_deflated_file_that_could_inflate_to_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = save_dicom(tmp_path / "scan.dcm", dataset)
    monkeypatch.setattr(dicom_file, "MAX_INFLATED_BYTES", count_scan().nbytes)
    with pytest.raises(BonescanError, match="too large for a deflated DICOM scan"):
        read_scans(path)


@pytest.mark.parametrize("said", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_elements_are_read_as_they_are_written_whatever_the_header_says(tmp_path: Path, said: pydicom.uid.UID) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.file_meta.TransferSyntaxUID = said
    content = save_dicom(tmp_path / "scan.dcm", dataset).read_bytes()
    header = content[: 144 + int.from_bytes(content[140:144], "little")]
    bare, body = Dataset(), io.BytesIO()
    bare.update(dataset)
    bare.save_as(body, implicit_vr=said != ImplicitVRLittleEndian, little_endian=True)
    (tmp_path / "scan.dcm").write_bytes(header + body.getvalue())
    np.testing.assert_array_equal(read_scans(tmp_path / "scan.dcm")[0].pixels, count_scan())


def test_a_damaged_deflated_file(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = save_dicom(tmp_path / "scan.dcm", dataset)
    content = path.read_bytes()
    path.write_bytes(content[:400] + b"\xff" * 50 + content[450:])
    with pytest.raises(BonescanError, match=r"is damaged DICOM \(.*deflated"):
        read_scans(path)


@pytest.mark.parametrize("length", [0.3, 0.9, 0.999])
def test_a_compressed_file_that_is_cut_off(tmp_path: Path, length: float) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.compress(RLELossless)
    path = save_dicom(tmp_path / "scan.dcm", dataset)
    content = path.read_bytes()
    path.write_bytes(content[: int(length * len(content))])
    with pytest.raises(BonescanError, match=r"is cut off|is missing or cut off"):
        read_scans(path)


def test_a_transfer_syntax_that_is_none_is_found(tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "scan.dcm", nm_dataset([count_scan()]))
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.9.9\0", 1))
    np.testing.assert_array_equal(read_scans(path)[0].pixels, count_scan())
