"""From stored values to counts: what is inverted, rescaled, signed or padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileDataset

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, grey_scan, nm_dataset, save_dicom


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def test_counts_under_monochrome1_are_counts(tmp_path: Path) -> None:
    (scan,) = read(tmp_path, nm_dataset([count_scan()], photometric="MONOCHROME1"))
    assert not scan.inverted
    np.testing.assert_array_equal(scan.pixels, count_scan())


def test_values_turned_round_under_monochrome1_are_turned_back(tmp_path: Path) -> None:
    (scan,) = read(tmp_path, nm_dataset([4095 - count_scan()], photometric="MONOCHROME1"))
    assert scan.inverted
    np.testing.assert_array_equal(scan.pixels, count_scan())


def test_monochrome2_counts_are_never_turned_round(tmp_path: Path) -> None:
    bright = np.full((64, 64), 900, np.uint16)
    bright[:8] = 0
    (scan,) = read(tmp_path, nm_dataset([bright]))
    assert not scan.inverted
    np.testing.assert_array_equal(scan.pixels, bright)


def test_a_secondary_capture_shows_by_its_background(tmp_path: Path) -> None:
    dataset = nm_dataset([4095 - count_scan()])
    dataset.Modality = "OT"
    (scan,) = read(tmp_path, dataset)
    assert scan.inverted
    np.testing.assert_array_equal(scan.pixels, count_scan())


def test_rescale(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.RescaleSlope, dataset.RescaleIntercept = 0.5, 10
    np.testing.assert_array_equal(read(tmp_path, dataset)[0].pixels, count_scan() * 0.5 + 10)


def test_signed_pixels(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.PixelRepresentation = 1
    pixels = count_scan().astype("<i2")
    pixels[0] = -5
    dataset.PixelData = pixels.tobytes()
    np.testing.assert_array_equal(read(tmp_path, dataset)[0].pixels, np.maximum(pixels, 0))


def test_rescaled_to_not_a_number(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.RescaleSlope, dataset.RescaleIntercept = 1e38, 0
    with pytest.raises(BonescanError, match="NaN or infinite"):
        read(tmp_path, dataset)


def padded_scan(value: int) -> FileDataset:
    """Return a file whose upper rows are padding of this value."""
    pixels = count_scan()
    pixels[:20] = value
    dataset = nm_dataset([pixels])
    dataset.PixelPaddingValue = value
    return dataset


@pytest.mark.parametrize("value", [4095, 65535, 2000])
def test_padding_is_dark(tmp_path: Path, value: int) -> None:
    (scan,) = read(tmp_path, padded_scan(value))
    expected = count_scan()
    expected[:20] = 0
    np.testing.assert_array_equal(scan.pixels, expected)
    assert scan.notes == ("padding set to the darkest value",)


def test_padding_of_a_range(tmp_path: Path) -> None:
    dataset = padded_scan(60000)
    dataset.PixelPaddingRangeLimit = 65535
    pixels = dataset.pixel_array.copy()
    pixels[:10] = 64000
    dataset.PixelData = pixels.tobytes()
    assert read(tmp_path, dataset)[0].pixels.max() == 1000


def test_padding_that_is_dark_already_changes_nothing(tmp_path: Path) -> None:
    (scan,) = read(tmp_path, padded_scan(0))
    expected = count_scan()
    expected[:20] = 0
    np.testing.assert_array_equal(scan.pixels, expected)
    assert scan.notes == ()


def test_padding_does_not_decide_what_is_inverted(tmp_path: Path) -> None:
    white = (255 - grey_scan()).astype(np.uint16)
    white[:600] = 60000
    dataset = nm_dataset([white])
    dataset.Modality, dataset.PixelPaddingValue = "OT", 60000
    (scan,) = read(tmp_path, dataset)
    assert scan.inverted
    assert not scan.pixels[:600].any()
    np.testing.assert_array_equal(scan.pixels[600:], grey_scan()[600:])


def test_a_signed_padding_value_written_as_unsigned(tmp_path: Path) -> None:
    pixels = count_scan().astype("<i2") - 2000
    pixels[:20] = 32000
    dataset = nm_dataset([count_scan()])
    dataset.PixelRepresentation, dataset.PixelData = 1, pixels.tobytes()
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, 2000
    dataset.PixelPaddingValue = 32000
    assert read(tmp_path, dataset)[0].pixels.max() == 1000


@pytest.mark.parametrize("factor", [40, 60])
def test_counts_that_turned_negative_are_turned_back(tmp_path: Path, factor: int) -> None:
    counts = count_scan() * np.uint16(factor)  # hot spots of 40,000 and 60,000
    dataset = nm_dataset([counts])
    dataset.PixelRepresentation = 1
    (scan,) = read(tmp_path, dataset)
    np.testing.assert_array_equal(scan.pixels, counts)
    assert scan.notes == ("negative counts read as unsigned numbers",)


def test_a_modality_table_is_applied(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [1001, 0, 16], "US"
    table.LUTData = (np.arange(1001) * 3).astype("<u2").tobytes()
    dataset.ModalityLUTSequence = [table]
    np.testing.assert_array_equal(read(tmp_path, dataset)[0].pixels, count_scan() * 3)
