"""Which way up a DICOM image is."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from bonescan_yolo.scan.dicom.dicom_orientation import turn_of


@pytest.mark.parametrize(
    ("letters", "turn"),
    [
        ("L\\F", 0),
        ("R\\F", 0),
        ("L\\H", 180),
        ("RA\\HL", 180),
        ("F\\L", 90),
        ("FR\\A", 90),
        ("H\\R", 270),
        ("L\\P", 0),
        ("H", 0),
        ("", 0),
    ],
)
def test_patient_orientation(letters: str, turn: int) -> None:
    dataset = Dataset()
    dataset.PatientOrientation = letters.split("\\")
    assert turn_of(dataset) == turn


@pytest.mark.parametrize(
    ("cosines", "turn"),
    [
        ([1, 0, 0, 0, 0, -1], 0),
        ([-1, 0, 0, 0, 0, 1], 180),
        ([0, 0, -1, 1, 0, 0], 90),
        ([0, 0, 1, -1, 0, 0], 270),
        ([1, 0, 0, 0, 1, 0], 0),  # a slice, the default of many stations
        ([0.7, 0, 0.7, 0, 1, 0], 0),
    ],
)
def test_image_orientation(cosines: list[float], turn: int) -> None:
    dataset, detector = Dataset(), Dataset()
    dataset.ImageOrientationPatient = cosines
    assert turn_of(dataset) == turn
    detector.ImageOrientationPatient = cosines
    dataset = Dataset()
    dataset.DetectorInformationSequence = [detector]
    assert turn_of(dataset) == turn


def test_unusable_orientations_say_nothing() -> None:
    assert turn_of(Dataset()) == 0
    dataset = Dataset()
    dataset.ImageOrientationPatient = [1, 0, 0]
    assert turn_of(dataset) == 0
