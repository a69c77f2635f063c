"""What holds no planar scan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from bonescan_yolo.scan.dicom import dicom_decoder
from tests.factories import count_scan, nm_dataset, save_dicom


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def set_element(keyword: str, value: object) -> Callable[[FileDataset], None]:
    return lambda dataset: setattr(dataset, keyword, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_element("Modality", "CT"), "is DICOM of modality CT; give a planar bone scan"),
        (set_element("ImageType", ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]), "is tomographic"),
        (set_element("ImageType", ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"]), "is tomographic"),
        (set_element("SamplesPerPixel", 3), "is a colour picture"),
        (set_element("NumberOfFrames", 40), "has 40 frames"),
        (set_element("Rows", 60000), "is damaged DICOM"),  # fewer pixels than promised
        (lambda dataset: (set_element("Rows", 30000)(dataset), set_element("Columns", 30000)(dataset)), "is 30000 x 3"),
        (set_element("Columns", 1), "is 1 x 1024 pixels, too small"),
        (lambda dataset: delattr(dataset, "PixelData"), "is not a DICOM image"),
        (set_element("PixelData", b"\0" * 1000), "is damaged DICOM"),
        (lambda dataset: delattr(dataset, "BitsAllocated"), "is damaged DICOM"),
    ],
)
def test_what_is_no_planar_scan(tmp_path: Path, change: Callable[[FileDataset], object], message: str) -> None:
    dataset = nm_dataset([count_scan()])
    change(dataset)
    path = save_dicom(tmp_path / "bad.dcm", dataset)
    with pytest.raises(BonescanError) as error:
        read_scans(path)
    assert str(error.value).startswith(f"{path}: {message}")


def test_an_unknown_modality_is_said(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.Modality, dataset.SOPClassUID = "", "1.2.3"
    with pytest.raises(BonescanError, match="is DICOM of unknown modality; give a planar bone scan"):
        read(tmp_path, dataset)


def test_a_transmission_scan_is_refused(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "WHOLE BODY", "TRANSMISSION"]
    with pytest.raises(BonescanError, match="is a transmission scan"):
        read(tmp_path, dataset)


@pytest.mark.parametrize("kind", ["WHOLE BODY", "STATIC"])
def test_planar_images_are_read(tmp_path: Path, kind: str) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
    assert len(read(tmp_path, dataset)) == 1


def test_the_index_of_a_medium_is_said() -> None:
    path = Path(str(get_testdata_file("DICOMDIR")))
    with pytest.raises(BonescanError, match="is the index of a DICOM medium"):
        dicom_decoder.decode(path.read_bytes(), path)
