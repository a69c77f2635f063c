"""DICOM of nuclear medicine, written with pydicom."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, dicom_file, read_scans
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom
from tests.scan.test_raster import mutants, refusal_of

PHOTOPEAK = (126.0, 154.0)
SCATTER = (92.0, 125.0)

DETECTOR_TABLE = Path(__file__).parents[1] / "shared" / "detectors.json"
"""Which frame is of which detector; the page is tested against it too."""


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def test_one_frame(tmp_path: Path) -> None:
    (scan,) = read(tmp_path, nm_dataset([count_scan()], spacing=(2.4, 2.26)))
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert scan.pixels.dtype == np.float32
    assert scan.pixel_spacing_mm == (2.4, 2.26)
    assert (scan.view, scan.inverted) == (None, False)


def test_both_views_in_a_file(tmp_path: Path) -> None:
    frames = [count_scan(spot=1000), count_scan(spot=2000)]
    scans = read(tmp_path, nm_dataset(frames, ["Posterior", "Anterior"]))
    assert [scan.view for scan in scans] == ["posterior", "anterior"]
    assert [int(scan.pixels.max()) for scan in scans] == [1000, 2000]
    assert [(scan.frame, scan.frame_count) for scan in scans] == [(0, 2), (1, 2)]


def test_the_detector_vector_says_which_frame_is_which(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()] * 2, ["Posterior", "Anterior"])
    dataset.DetectorVector = [2, 1]
    assert [scan.view for scan in read(tmp_path, dataset)] == ["anterior", "posterior"]
    dataset.DetectorVector = [7, 8]
    assert [scan.view for scan in read(tmp_path, dataset)] == [None, None]


@pytest.mark.parametrize("case", json.loads(DETECTOR_TABLE.read_text(encoding="utf-8"))["cases"])
def test_which_frame_is_of_which_detector(tmp_path: Path, case: dict[str, Any]) -> None:
    dataset = nm_dataset([count_scan()] * case["frames"], case["detectors"], windows=[PHOTOPEAK, SCATTER])
    for keyword, vector in (("DetectorVector", "detector_vector"), ("EnergyWindowVector", "window_vector")):
        if case[vector] is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, case[vector])
    assert [scan.view for scan in read(tmp_path, dataset)] == case["views"]


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


def test_frames_of_a_scatter_window_are_left_out(tmp_path: Path) -> None:
    frames = [count_scan(spot=spot) for spot in (1000, 500, 2000, 600)]
    dataset = nm_dataset(frames, windows=[PHOTOPEAK, SCATTER], window_vector=[1, 2, 1, 2])
    scans = read(tmp_path, dataset)
    assert [int(scan.pixels.max()) for scan in scans] == [1000, 2000]
    assert [(scan.frame, scan.frame_count) for scan in scans] == [(0, 2), (1, 2)]


@pytest.mark.parametrize("vector", [[1], [1, 1, 1, 1], []])
def test_a_window_vector_of_another_length_is_no_crash(tmp_path: Path, vector: list[int]) -> None:
    dataset = nm_dataset([count_scan()] * 2, windows=[PHOTOPEAK], window_vector=vector)
    assert 1 <= len(read(tmp_path, dataset)) <= 2


def test_another_isotope_keeps_all_frames(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()] * 2, windows=[(490.0, 530.0)], window_vector=[1, 1])
    assert len(read(tmp_path, dataset)) == 2


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


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless])
def test_transfer_syntaxes(tmp_path: Path, syntax: pydicom.uid.UID) -> None:
    dataset = nm_dataset([count_scan(), count_scan(spot=2000)])
    if syntax == RLELossless:
        dataset.compress(syntax)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(tmp_path / "scan.dcm")
    scans = read_scans(tmp_path / "scan.dcm")
    np.testing.assert_array_equal(scans[1].pixels, count_scan(spot=2000))


def test_a_clinical_jpeg_compressed_scan() -> None:
    path = Path(str(get_testdata_file("JPGExtended.dcm")))
    (scan,) = read_scans(path)
    dataset = pydicom.dcmread(path)
    np.testing.assert_array_equal(scan.pixels, dataset.pixel_array)
    assert (scan.width, scan.height, scan.pixel_spacing_mm) == (256, 1024, (2.26, 2.26))
    assert not scan.inverted


@pytest.mark.parametrize(
    ("given", "expected"),
    [((2.26, 2.4), (2.26, 2.4)), (None, None), ((0, 2), None), ((-1, -1), None)],
)
def test_spacing(tmp_path: Path, given: tuple[float, float] | None, expected: tuple[float, float] | None) -> None:
    assert read(tmp_path, nm_dataset([count_scan()], spacing=given))[0].pixel_spacing_mm == expected


def test_spacing_of_one_number_is_unknown(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()], spacing=None)
    dataset.PixelSpacing = 2.26
    assert read(tmp_path, dataset)[0].pixel_spacing_mm is None


def test_dicom_is_known_by_its_prefix_whatever_the_suffix(tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "IM0001", nm_dataset([count_scan()]))
    np.testing.assert_array_equal(read_scans(path)[0].pixels, count_scan())


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


def test_rescaled_to_not_a_number(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()])
    dataset.RescaleSlope, dataset.RescaleIntercept = 1e38, 0
    with pytest.raises(BonescanError, match="NaN or infinite"):
        read(tmp_path, dataset)


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


def test_compressed_frames_that_end_early(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()] * 2)
    dataset.compress(RLELossless)
    dataset.NumberOfFrames = 3
    with pytest.raises(BonescanError, match=r"is damaged DICOM \(its pixel data ends early\); export it again"):
        read(tmp_path, dataset)


@pytest.mark.parametrize("error", [StopIteration(), AssertionError(), BufferError("two\nlines"), ImportWarning("odd")])
def test_whatever_pydicom_raises_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    path = save_dicom(tmp_path / "bad.dcm", nm_dataset([count_scan()]))
    monkeypatch.setattr(pydicom, "dcmread", fail)
    with pytest.raises(BonescanError) as refusal:
        read_scans(path)
    reason = " ".join(str(error).split()) or type(error).__name__
    assert str(refusal.value) == f"{path}: is damaged DICOM ({reason}); export it again from its source"


@pytest.mark.parametrize("compressed", [False, True])
def test_damage_never_escapes(tmp_path: Path, compressed: bool) -> None:
    small = count_scan()[::8, ::8]
    dataset = nm_dataset([small] * 2, ["Anterior", "Posterior"], windows=[PHOTOPEAK], window_vector=[1, 1])
    if compressed:
        dataset.compress(RLELossless)
    good = save_dicom(tmp_path / "good.dcm", dataset).read_bytes()
    path = tmp_path / "bad.dcm"
    head = good.index(b"DICM")
    refused = 0
    for mutant in mutants(good[head:], 200, seed=11):
        path.write_bytes(good[:head] + mutant)
        refusal = refusal_of(path)
        if refusal is not None:
            assert refusal.startswith(f"{path}: ")
            assert "\n" not in refusal
            refused += 1
    assert 20 < refused < 200
