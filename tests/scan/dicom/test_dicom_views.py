"""The view of a frame by codes, texts, angles and names."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileDataset

from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, nm_dataset, save_dicom


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def test_texts_name_the_view_of_one_frame_of_two_detectors(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()], ["Anterior", "Posterior"])
    del dataset.DetectorVector
    dataset.SeriesDescription = "WB POST"
    assert read(tmp_path, dataset)[0].view == "posterior"


@pytest.mark.parametrize("keyword", ["SeriesDescription", "ImageID", "ImageComments"])
def test_the_view_of_one_frame_from_texts(tmp_path: Path, keyword: str) -> None:
    dataset = nm_dataset([count_scan()])
    setattr(dataset, keyword, "WB POST")
    assert read(tmp_path, dataset)[0].view == "posterior"


def test_a_modifier_makes_a_view_oblique(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()], ["Anterior"])
    modifier = Dataset()
    modifier.CodeValue, modifier.CodingSchemeDesignator, modifier.CodeMeaning = "x", "99X", "oblique"
    dataset.DetectorInformationSequence[0].ViewModifierCodeSequence = [modifier]
    assert read(tmp_path, dataset)[0].view is None
    modifier.CodeMeaning = "Cephalic"
    assert read(tmp_path, dataset)[0].view == "anterior"


def test_a_view_code_of_the_image_itself(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.ViewCodeSequence = nm_dataset([count_scan()], ["Posterior"]).DetectorInformationSequence[0].ViewCodeSequence
    assert read(tmp_path, dataset)[0].view == "posterior"


@pytest.mark.parametrize(("position", "view"), [("AP", "anterior"), ("PA", "posterior"), ("RAO", None), ("LL", None)])
def test_the_view_position(tmp_path: Path, position: str, view: str | None) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.ViewPosition = position
    assert read(tmp_path, dataset)[0].view == view


@pytest.mark.parametrize("character_set", [None, "ISO_IR 100", "ISO_IR 192"])
def test_words_in_utf_8_whatever_the_file_says_of_its_character_set(tmp_path: Path, character_set: str | None) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.SpecificCharacterSet, dataset.SeriesDescription = "ISO_IR 192", "全身后位"
    content = save_dicom(tmp_path / "scan.dcm", dataset).read_bytes()
    assert content.count(b"ISO_IR 192") == 1
    (tmp_path / "scan.dcm").write_bytes(content.replace(b"ISO_IR 192", (character_set or "").encode().ljust(10)))
    assert read_scans(tmp_path / "scan.dcm")[0].view == "posterior"


def test_a_start_angle_with_a_comma_or_without_a_number(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()], [""])
    dataset.DetectorInformationSequence[0].StartAngle = "180.500000"
    content = save_dicom(tmp_path / "scan.dcm", dataset).read_bytes()
    for value, view in ((b"179,500000", "anterior"), (b"above     ", None)):
        (tmp_path / "scan.dcm").write_bytes(content.replace(b"180.500000", value))
        assert read_scans(tmp_path / "scan.dcm")[0].view == view
