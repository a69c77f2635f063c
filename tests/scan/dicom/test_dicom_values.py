"""Values of elements that break the rules of their type."""

from __future__ import annotations

import io
import math

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from bonescan_yolo.scan.dicom.dicom_values import numbers, text, texts, whole_number
from tests.factories import count_scan, nm_dataset


def parsed(value: bytes, *, implicit: bool = False) -> Dataset:
    """Return a data set whose slice thickness has these bytes."""
    dataset = Dataset()
    dataset.SliceThickness = "1" * 12
    dataset.Rows, dataset.DetectorVector = 7, [1, 2]
    buffer = io.BytesIO()
    dataset.save_as(buffer, implicit_vr=implicit, little_endian=True)
    return dcmread(io.BytesIO(buffer.getvalue().replace(b"1" * 12, value.ljust(12))), force=True)


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"2.5", [2.5]),
        (b"2,5", [2.5]),
        (b" +2.5e1 ", [25.0]),
        (b"1\\2,5", [1.0, 2.5]),
        (b",5", [0.5]),
        (b"5.", [5.0]),
        (b"1,000.5", [math.nan]),
        (b"inf", [math.nan]),
        (b"0x10", [math.nan]),
        (b"1_0", [math.nan]),
        (b"\0\0", []),
    ],
)
def test_decimal_strings(value: bytes, expected: list[float], implicit: bool) -> None:
    assert numbers(parsed(value, implicit=implicit), "SliceThickness") == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("implicit", [False, True])
def test_binary_numbers(implicit: bool) -> None:
    dataset = parsed(b"", implicit=implicit)
    assert whole_number(dataset, "Rows") == 7
    assert numbers(dataset, "DetectorVector") == [1, 2]
    assert whole_number(dataset, "Columns", 3) == 3


def test_texts() -> None:
    dataset = nm_dataset([count_scan()])
    assert texts(dataset, "ImageType") == ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"]
    assert texts(dataset, "SeriesDescription") == []
    assert text(dataset, "SeriesDescription") == ""
    assert text(dataset, "ImageType") == "ORIGINAL PRIMARY WHOLE BODY EMISSION"
