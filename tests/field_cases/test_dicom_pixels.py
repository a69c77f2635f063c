"""Pixels of DICOM files as people have them: rescale, spacing, captures, compression; each test names its case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


@pytest.mark.parametrize(
    ("slope", "intercept", "note"),
    [
        ("0", "0", "rescale slope of 0 ignored"),
        ("0.0", "5", "rescale slope of 0 ignored"),
        ("1", "-1024", "rescale intercept of -1024 ignored, it makes counts negative"),
        ("1", "-8192", "rescale intercept of -8192 ignored, it makes counts negative"),
        ("1", "-100", "rescale intercept of -100 ignored, it makes counts negative"),
        ("1,0", "0,0", ""),
        ("one", "0", "rescale slope 'one' is not a number and is ignored"),
        ("1", "none", "rescale intercept 'none' is not a number and is ignored"),
        ("NaN", "0", "rescale slope 'NaN' is not a number and is ignored"),
    ],
)
def test_a_rescale_that_leaves_nothing(tmp_path: Path, slope: str, intercept: str, note: str) -> None:
    """RescaleSlope 0, RescaleIntercept -1024, a decimal comma, and no numbers at all."""
    (scan,) = read_scans(with_text(tmp_path, RescaleSlope=slope, RescaleIntercept=intercept))
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert scan.notes == ((note,) if note else ())


def with_text(folder: Path, *, spacing: str | None = None, **rescale: str) -> Path:
    """Write a file whose decimal strings are these texts, which pydicom would refuse to write."""
    dataset = nm_dataset([count_scan()], spacing=None)
    texts = rescale if spacing is None else {"PixelSpacing": spacing}
    for place, keyword in enumerate(texts, start=1):
        setattr(dataset, keyword, str(place) * 14)
    content = save_dicom(folder / "text.dcm", dataset).read_bytes()
    for place, value in enumerate(texts.values(), start=1):
        written = (str(place) * 14).encode()
        assert content.count(written) == 1
        content = content.replace(written, value.encode().ljust(len(written)))
    (folder / "text.dcm").write_bytes(content)
    return folder / "text.dcm"


def test_an_offset_of_unsigned_storage_is_applied(tmp_path: Path) -> None:
    """An intercept is right where it makes the air 0: values stored with an offset."""
    dataset = nm_dataset([count_scan() + np.uint16(32768)])
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -32768
    (scan,) = read(tmp_path, dataset)
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert scan.notes == ()


@pytest.mark.parametrize(
    ("value", "spacing"),
    [
        ("2,4\\2,4", (2.4, 2.4)),
        ("2,26\\2.3", (2.26, 2.3)),
        ("2.4\\abc", None),
        ("0,0\\0,0", None),
        ("2.4", None),
        ("1e400\\2", None),
        ("-2.4\\2.4", None),
    ],
)
def test_a_decimal_comma_in_the_spacing(tmp_path: Path, value: str, spacing: tuple[float, float] | None) -> None:
    r"""PixelSpacing `2,4\2,4`: a comma is a point, an unusable spacing is unknown."""
    (scan,) = read_scans(with_text(tmp_path, spacing=value))
    assert scan.pixel_spacing_mm == spacing


def test_nema_jpeg_with_a_wrong_scan_header() -> None:
    """NM1_JPLY: one byte of its JPEG scan header is wrong; DCMTK and viewers read it."""
    (repaired,) = read_scans(Path(str(get_testdata_file("JPEG-lossy.dcm"))))
    (right,) = read_scans(Path(str(get_testdata_file("JPGExtended.dcm"))))
    np.testing.assert_array_equal(repaired.pixels, right.pixels)
    assert "header of its JPEG scan repaired" in repaired.notes
    assert right.view == "anterior"  # WHOLE BODY_E


def test_lossy_compression_and_its_ratio(tmp_path: Path) -> None:
    """Lossy compression was not said."""
    (scan,) = read_scans(Path(str(get_testdata_file("JPGExtended.dcm"))))
    assert (scan.lossy, scan.compression_ratio) == (True, 76.0)
    dataset = nm_dataset([count_scan()])
    dataset.LossyImageCompression, dataset.LossyImageCompressionRatio = "01", [4.0, 12.5]
    assert (read(tmp_path, dataset)[0].lossy, read(tmp_path, dataset)[0].compression_ratio) == (True, 12.5)
    dataset.LossyImageCompression = "00"
    assert (read(tmp_path, dataset)[0].lossy, read(tmp_path, dataset)[0].compression_ratio) == (False, None)


def capture(kind: str) -> FileDataset:
    """Return a grey screen as an 8-bit secondary capture of this kind."""
    dataset = nm_dataset([grey_scan().astype(np.uint16)])
    dataset.Modality, dataset.SOPClassUID = "OT", "1.2.840.10008.5.1.4.1.1.7"
    dataset.PhotometricInterpretation, dataset.SamplesPerPixel, dataset.PlanarConfiguration = kind, 3, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelData = grey_scan()[..., None].repeat(3, axis=2).tobytes()
    return dataset


def make_capture(name: str) -> FileDataset:
    """Return the same grey screen, stored as `name` says."""
    dataset = capture("YBR_FULL" if name.startswith("YBR") else "RGB")
    grey = grey_scan()
    neutral = np.full_like(grey, 128)
    if name == "RGB by plane":
        dataset.PlanarConfiguration = 1
        dataset.PixelData = np.stack([grey] * 3).tobytes()
    elif name == "YBR_FULL":
        dataset.PixelData = np.stack([grey, neutral, neutral], axis=2).tobytes()
    elif name == "YBR_FULL_422":
        dataset.PhotometricInterpretation = name
        pairs = grey.reshape(-1, 2)
        dataset.PixelData = np.hstack([pairs, np.full_like(pairs, 128)]).tobytes()
    elif name == "PALETTE COLOR":
        dataset.PhotometricInterpretation, dataset.SamplesPerPixel = name, 1
        dataset.PixelData = (255 - grey).tobytes()
        for colour in ("Red", "Green", "Blue"):
            setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
            table = ((255 - np.arange(256)) * 257).astype("<u2").tobytes()
            setattr(dataset, f"{colour}PaletteColorLookupTableData", table)
    elif name == "MONOCHROME2":
        dataset.PhotometricInterpretation, dataset.SamplesPerPixel = name, 1
        dataset.PixelData = grey.tobytes()
    return dataset


@pytest.mark.parametrize("name", ["RGB", "RGB by plane", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "MONOCHROME2"])
def test_grey_captures_in_colour_are_read_as_the_same_picture(tmp_path: Path, name: str) -> None:
    """A grey capture stored as RGB or YBR_FULL_422 was refused though the same PNG is read."""
    (picture,) = read_scans(save(tmp_path / "1.png", grey_scan()))
    (scan,) = read(tmp_path, make_capture(name))
    assert scan.pixels.dtype == np.uint8
    np.testing.assert_array_equal(scan.pixels, picture.pixels)


def test_a_jpeg_capture_in_colour(tmp_path: Path) -> None:
    save(tmp_path / "1.jpg", grey_scan()[..., None].repeat(3, axis=2), quality=95)
    dataset = capture("YBR_FULL_422")
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([(tmp_path / "1.jpg").read_bytes()])
    (scan,) = read(tmp_path, dataset)
    (picture,) = read_scans(tmp_path / "1.jpg")
    assert np.abs(scan.pixels.astype(int) - picture.pixels).max() <= 1
    assert scan.lossy


def test_coloured_captures_are_refused_as_coloured_pictures_are(tmp_path: Path) -> None:
    dataset = capture("RGB")
    coloured = grey_scan()[..., None].repeat(3, axis=2)
    coloured[..., 0] = 255 - coloured[..., 0]
    dataset.PixelData = coloured.tobytes()
    with pytest.raises(BonescanError, match="is a colour picture; give a grey scan"):
        read(tmp_path, dataset)
