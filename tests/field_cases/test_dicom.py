"""DICOM files as people have them, from public bug reports; each test names its case in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import JPEGBaseline8Bit

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom


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
    """ "antero-posterior" was posterior, "Left anterior oblique" anterior: oblique and lateral are neither."""
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


@pytest.mark.parametrize(
    ("slope", "intercept", "note"),
    [
        ("0", "0", "rescale slope of 0 ignored"),
        ("0.0", "5", "rescale slope of 0 ignored"),
        ("1", "-1024", "rescale intercept of -1024 ignored, it makes counts negative"),
        ("1", "-8192", "rescale intercept of -8192 ignored, it makes counts negative"),
        ("1", "-100", "rescale intercept of -100 ignored, it makes counts negative"),
        ("1,0", "0,0", ""),
        ("one", "0", "rescale slope 'one' is no number and ignored"),
        ("1", "none", "rescale intercept 'none' is no number and ignored"),
        ("NaN", "0", "rescale slope 'NaN' is no number and ignored"),
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
    """PixelSpacing `2,4\\2,4`: a comma is a point, an unusable spacing is unknown."""
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
    ("orientation", "turned"), [("L\\F", 0), ("R\\F", 0), ("R\\H", 180), ("F\\R", 90), ("H\\L", 270)]
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


def test_pydicoms_own_files_are_read_or_refused_in_a_line() -> None:
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    names = ("JPEG2000.dcm", "MR_small.dcm", "rtplan.dcm", "reportsi.dcm", "SC_rgb.dcm", "badVR.dcm", "UN_sequence.dcm")
    for path in (folder / name for name in names):
        try:
            scans = read_scans(path)
        except BonescanError as error:
            assert str(error).startswith(f"{path}: ")
            assert "\n" not in str(error)
        else:
            assert max(scan.pixels.max() for scan in scans) > 0
