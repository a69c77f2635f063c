"""DICOM files as people have them, from public bug reports; each test names its case in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, nm_dataset, save_dicom


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def coded(value: str, scheme: str, meaning: str) -> FileDataset:
    """Return a file of one frame whose detector has this view code."""
    dataset = nm_dataset([count_scan()], [meaning])
    code = dataset.DetectorInformationSequence[0].ViewCodeSequence[0]
    code.CodeValue, code.CodingSchemeDesignator = value, scheme
    return dataset


@pytest.mark.parametrize(
    ("value", "scheme", "meaning", "view"),
    [
        ("399321004", "SCT", "Anterior projection", "anterior"),
        ("399001007", "SCT", "", "posterior"),
        ("G-5215", "SNM3", "Vorderansicht", "anterior"),
        ("G-5216", "SRT", "x", "posterior"),
        ("R-10206", "SNM3", "antero-posterior", "anterior"),
        ("R-10214", "SNM3", "postero-anterior", "posterior"),
        ("399321004", "SCT", "Posterior", "anterior"),  # the value decides
        ("399074003", "SCT", "Left anterior oblique", None),
        ("G-5208", "SNM3", "Posterior", None),
        ("399118008", "SCT", "Left lateral projection", None),
        ("x", "99GE", "Left anterior oblique", None),
        ("x", "99GE", "RPO", None),
        ("x", "99GE", "Anterior left lateral", None),
        ("x", "99GE", "Anterior", "anterior"),
        ("399321004", "99LOCAL", "Posterior", "posterior"),  # a number of another scheme means nothing here
        ("x", "99GE", "bilateral legs anterior", "anterior"),
    ],
)
def test_view_codes_by_value_then_by_whole_words(
    tmp_path: Path, value: str, scheme: str, meaning: str, view: str | None
) -> None:
    """The code "antero-posterior" was posterior, "Left anterior oblique" anterior: oblique and lateral are neither."""
    dataset = coded(value, scheme, meaning)
    if view is None:
        dataset.SeriesDescription = "ANT"  # an oblique view stays one, whatever the series is called
    assert read(tmp_path, dataset)[0].view == view


@pytest.mark.parametrize(
    ("meaning", "view"),
    [
        ("antero-posterior", "anterior"),
        ("AP", "anterior"),
        ("PA", "posterior"),
        ("postero-anterior", "posterior"),
        ("POS", "posterior"),
        ("ANTERIEUR", "anterior"),
        ("Anteriore", "anterior"),
        ("ventral", "anterior"),
        ("dorsal", "posterior"),
        ("前位", "anterior"),
        ("后位", "posterior"),
        ("POSTERIEUR", "posterior"),
        ("Posteriore", "posterior"),
        ("後位", "posterior"),
    ],
)
def test_words_of_other_languages_in_a_code_meaning(tmp_path: Path, meaning: str, view: str) -> None:
    """AP, PA, POS, ANTERIEUR, Anteriore, ventral, dorsal, and the Chinese words."""
    dataset = coded("x", "99LOCAL", meaning)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    assert read(tmp_path, dataset)[0].view == view


@pytest.mark.parametrize("frames", [2, 4])
def test_frames_and_detectors_without_a_detector_vector(tmp_path: Path, frames: int) -> None:
    """As many detectors as frames of a window: frame n is detector n."""
    dataset = nm_dataset([count_scan()] * frames, ["Posterior", "Anterior"], windows=[(126, 154), (92, 125)])
    dataset.EnergyWindowVector = [1, 1, 2, 2][:frames]
    del dataset.DetectorVector
    assert [scan.view for scan in read(tmp_path, dataset)] == ["posterior", "anterior"]


def set_angles(dataset: FileDataset, *angles: Any) -> FileDataset:
    """Give the detectors empty view codes and these start angles."""
    for detector, angle in zip(dataset.DetectorInformationSequence, angles, strict=True):
        detector.ViewCodeSequence = Sequence()
        if angle is not None:
            detector.StartAngle = angle
    return dataset


@pytest.mark.parametrize(
    ("angles", "views"),
    [
        ((180, 360), ["anterior", "posterior"]),
        ((0, 180), ["posterior", "anterior"]),
        ((-180, 0.5), ["anterior", "posterior"]),
        ((540, 720), ["anterior", "posterior"]),
        ((90, 270), [None, None]),
        ((135, 315), [None, None]),
        ((0, 0), [None, None]),  # a default that says nothing
        ((180, None), ["anterior", None]),
    ],
)
def test_start_angles_where_the_view_code_is_empty(tmp_path: Path, angles: Any, views: list[str | None]) -> None:
    """Empty ViewCodeSequence, StartAngle 180 and 360: zero is at the patient's back."""
    dataset = set_angles(nm_dataset([count_scan()] * 2, ["x", "x"]), *angles)
    scans = read(tmp_path, dataset)
    assert [scan.view for scan in scans] == views
    assert all(("start angle" in " ".join(scan.notes)) == (scan.view is not None) for scan in scans)


def genie(name: str, group: int = 0x0011) -> FileDataset:
    dataset = nm_dataset([count_scan()])
    dataset.private_block(group, "GEMS_GENIE_1", create=True).add_new(0x12, "LO", name)
    return dataset


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("WHOLE BODY_E", "anterior"),
        ("WHOLE BODY_F", "posterior"),
        ("BONE_e", "anterior"),
        ("WB_ANT001_DS", "anterior"),
        ("WHOLE BODY_G", None),
        ("SAFE", None),
    ],
)
def test_names_of_genie_stations(tmp_path: Path, name: str, view: str | None) -> None:
    """GE's private names that end in _E and _F."""
    assert read(tmp_path, genie(name))[0].view == view


def test_names_of_genie_stations_only_of_whole_bodies_and_of_ge(tmp_path: Path) -> None:
    spot = genie("KNEES_E")
    spot.ImageType = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
    assert read(tmp_path, spot)[0].view is None
    other = nm_dataset([count_scan()])
    other.ImageID = "LEG_F"
    assert read(tmp_path, other)[0].view is None
    other.Manufacturer = "GE Medical Systems"
    assert read(tmp_path, other)[0].view == "posterior"


@pytest.mark.parametrize("written", ["explicit", "implicit", "big endian", "no preamble", "prefix only"])
def test_files_without_preamble_and_header(tmp_path: Path, written: str) -> None:
    """No preamble, no file meta information: the page read the first, Python neither."""
    dataset = nm_dataset([count_scan()])
    path = tmp_path / "scan.dcm"
    if written in ("no preamble", "prefix only"):
        content = save_dicom(path, dataset).read_bytes()
        path.write_bytes(content[132 if written == "no preamble" else 128 :])
    else:
        if written == "big endian":
            dataset.PixelData = count_scan().astype(">u2").tobytes()
        bare = Dataset()
        bare.update(dataset)
        bare.save_as(path, implicit_vr=written == "implicit", little_endian=written != "big endian")
    np.testing.assert_array_equal(read_scans(path)[0].pixels, count_scan())


@pytest.mark.parametrize("where", ["data set", "header", "empty"])
def test_the_storage_class_says_the_modality_if_it_is_missing(tmp_path: Path, where: str) -> None:
    """Modality missing though the SOP class says NM."""
    dataset = nm_dataset([count_scan()])
    if where == "empty":
        dataset.Modality = ""
    else:
        del dataset.Modality
    if where == "header":
        del dataset.SOPClassUID
    dataset.save_as(tmp_path / "scan.dcm")
    assert not read_scans(tmp_path / "scan.dcm")[0].inverted


@pytest.mark.parametrize(
    ("image_type", "frames", "message"),
    [
        ("DYNAMIC", 12, "is a dynamic series of 12 frames; give the whole-body scan"),
        ("DYNAMIC", 2, "is a dynamic series of 2 frames; give the whole-body scan"),
        ("GATED", 8, "is a gated series of 8 frames; give the whole-body scan"),
        ("GATED TOMO", 8, "is tomographic"),
        ("RECON GATED TOMO", 8, "is tomographic"),
    ],
)
def test_series_are_refused(tmp_path: Path, image_type: str, frames: int, message: str) -> None:
    """12 frames DYNAMIC were read, "0 abnormal"."""
    dataset = nm_dataset([count_scan()[::4, ::4]] * frames)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", image_type, "EMISSION"]
    with pytest.raises(BonescanError, match=message):
        read(tmp_path, dataset)


def test_a_series_that_only_its_vector_shows_is_refused(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()[::4, ::4]] * 3)
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.TimeSliceVector = [1, 2, 3]
    with pytest.raises(BonescanError, match="is a dynamic series of 3 frames"):
        read(tmp_path, dataset)


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [("L\\F", 0), ("R\\F", 0), ("R\\H", 180), ("F\\R", 90), ("H\\L", 270), ("RA\\H", 180), ("", 0), ("L\\P", 0)],
)
def test_a_scan_lying_or_on_its_head_is_turned_by_what_the_file_says(
    tmp_path: Path, orientation: str, turned: int
) -> None:
    """A scan lying (rot90) had 6 abnormal boxes where the upright one has 1, without a word."""
    stored = np.rot90(count_scan(), k=turned // 90)
    dataset = nm_dataset([stored], spacing=(2.4, 2.2))
    dataset.PatientOrientation = orientation.split("\\")
    (scan,) = read(tmp_path, dataset)
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert scan.turned == turned
    assert scan.pixel_spacing_mm == ((2.4, 2.2) if turned in (0, 180) else (2.2, 2.4))
    assert bool(scan.notes) == bool(turned)


def test_the_study_is_known(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()] * 2)
    dataset.StudyInstanceUID = "1.2.3.4"
    assert [scan.study_uid for scan in read(tmp_path, dataset)] == ["1.2.3.4"] * 2
    del dataset.StudyInstanceUID
    assert read(tmp_path, dataset)[0].study_uid is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MR_small.dcm", "is DICOM of modality MR"),
        ("rtplan.dcm", "is not a DICOM image but RT Plan Storage"),
        ("reportsi.dcm", "is not a DICOM image but Basic Text SR Storage"),
        ("SC_rgb_rle_2frame.dcm", "is a colour picture"),
        ("JPEG2000-embedded-sequence-delimiter.dcm", "is damaged DICOM (it declares 256 x 1024 pixels"),
    ],
)
def test_pydicoms_own_files_are_refused_in_a_line(name: str, message: str) -> None:
    path = Path(pydicom.__file__).parent / "data" / "test_files" / name
    with pytest.raises(BonescanError) as refusal:
        read_scans(path)
    assert str(refusal.value).startswith(f"{path}: {message}")
    assert "\n" not in str(refusal.value)
