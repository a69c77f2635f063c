"""Write the shared cases of DICOM: python -m tests.shared.make_dicom_cases."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless, SecondaryCaptureImageStorage

from bonescan_yolo.scan.display import to_grey
from tests.factories import nm_dataset
from tests.shared.make_picture_cases import Case
from tests.shared.scan_cases import expected_scan, small_body, small_counts, write_case

SPACING = [2.4, 2.2]
HEADER_BYTES = 132


def counts() -> NDArray[np.uint16]:
    """Return (96, 32) counts."""
    return small_counts()[::2, ::2]


def grey() -> NDArray[np.uint8]:
    """Return (96, 32) grey levels."""
    return small_body()[::2, ::2]


def planar(frames: int = 1, views: Sequence[str] = (), stored: NDArray[Any] | None = None) -> FileDataset:
    """Return a file of equal frames of counts."""
    values = counts() if stored is None else stored
    return nm_dataset([values] * frames, views, spacing=(2.4, 2.2))


def expected(values: NDArray[Any] | None = None, **facts: Any) -> dict[str, Any]:
    """Return what must come out of counts."""
    shown = to_grey((counts() if values is None else values).astype(np.float32))
    return expected_scan(shown, **{"pixel_spacing_mm": SPACING, "notes": [], **facts})


def one(**facts: Any) -> dict[str, Any]:
    return {"scans": [expected(**facts)]}


def written(dataset: Dataset) -> bytes:
    """Return a data set as the bytes of a file."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def coded(scheme: str, value: str, meaning: str) -> bytes:
    """Return a file of one frame whose detector has this view code."""
    dataset = planar(1, [meaning])
    dataset.SpecificCharacterSet = "ISO_IR 192"
    code = dataset.DetectorInformationSequence[0].ViewCodeSequence[0]
    code.CodingSchemeDesignator, code.CodeValue = scheme, value
    return written(dataset)


def views() -> Iterator[Case]:
    """Yield the ways in which a file names the view."""
    yield "view_code_sct.dcm", coded("SCT", "399321004", "Posterior"), one(view="anterior")
    yield "view_code_snm3.dcm", coded("SNM3", "G-5216", "x"), one(view="posterior")
    yield "view_code_oblique.dcm", coded("SCT", "399074003", "Left anterior oblique"), one(view=None)
    yield "view_words_oblique.dcm", coded("99X", "x", "Left anterior oblique"), one(view=None)
    note = "view code of a radiographic projection read as anterior"
    yield "view_code_projection.dcm", coded("SNM3", "R-10206", "AP"), one(view="anterior", notes=[note])
    yield "view_words_projection.dcm", coded("99X", "x", "antero-posterior"), one(view="anterior", notes=[note])
    yield "view_words_chinese.dcm", coded("99X", "x", "全身后位"), one(view="posterior")
    yield "view_words_french.dcm", coded("99X", "x", "Face antérieure"), one(view="anterior")
    angled = planar(2, ["x", "x"])
    for detector, angle in zip(angled.DetectorInformationSequence, (180, 360), strict=True):
        detector.ViewCodeSequence, detector.StartAngle = DicomSequence(), angle
    notes = [[f"view taken from the detector's start angle of {angle} degrees"] for angle in (180, 0)]
    scans = [expected(view="anterior", notes=notes[0]), expected(view="posterior", notes=notes[1])]
    yield "view_start_angles.dcm", written(angled), {"scans": scans}
    genie = planar()
    genie.private_block(0x0011, "GEMS_GENIE_1", create=True).add_new(0x12, "LO", "WHOLE BODY_F")
    note = "view taken from the ending _F of GE's data set name"
    yield "view_genie.dcm", written(genie), one(view="posterior", notes=[note])
    four = planar(4, ["Posterior", "Anterior"])
    del four.DetectorVector
    yield "four_frames_two_detectors.dcm", written(four), {"scans": [expected(view=None)] * 4}


def with_rescale(slope: str, intercept: str) -> bytes:
    """Return a file whose rescale has these texts, of at most 14 letters, which pydicom would refuse to write."""
    dataset = planar()
    dataset.RescaleSlope, dataset.RescaleIntercept = "1" * 14, "2" * 14
    content = written(dataset)
    return content.replace(b"1" * 14, slope.encode().ljust(14)).replace(b"2" * 14, intercept.encode().ljust(14))


def values() -> Iterator[Case]:
    """Yield what happens to stored values."""
    yield "rescale_zero.dcm", with_rescale("0", "0"), one(notes=["rescale slope of 0 ignored"])
    yield (
        "rescale_ct.dcm",
        with_rescale("1", "-1024"),
        one(notes=["rescale intercept of -1024 ignored, it makes counts negative"]),
    )
    yield "rescale_comma.dcm", with_rescale("2,5", "0,0"), one()
    yield (
        "rescale_words.dcm",
        with_rescale("one", "0"),
        one(notes=["rescale slope 'one' is not a number and is ignored"]),
    )
    padded = counts()
    padded[:8] = 4000
    dataset = planar(stored=padded)
    dataset.PixelPaddingValue = 4000
    clean = counts()
    clean[:8] = 0
    yield (
        "padding.dcm",
        written(dataset),
        {"scans": [expected(clean, notes=["padding set to the darkest value"])]},
    )
    comma = written(planar()).replace(b"2.4\\2.2 ", b"2,4\\2,2 ")
    yield "spacing_comma.dcm", comma, one()
    yield "spacing_words.dcm", written(planar()).replace(b"2.4\\2.2 ", b"two\\2.2 "), one(pixel_spacing_mm=None)
    yield "blank.dcm", written(planar(stored=np.zeros((96, 32), np.uint16))), {"error": "shows nothing"}
    dataset = planar(stored=counts() * 800)  # up to 64800
    dataset.PixelRepresentation = 1
    note = "negative counts read as unsigned numbers"
    yield "negative.dcm", written(dataset), {"scans": [expected(counts() * 800, notes=[note])]}
    few = planar()
    few.BitsStored, few.HighBit = 6, 5
    note = "values kept that need more than the 6 bits declared"
    yield "bits_too_few.dcm", written(few), one(notes=[note])
    overlay = planar(stored=counts() | np.uint16(0x8000))
    overlay.BitsStored, overlay.HighBit = 12, 11
    overlay.add_new((0x6000, 0x0102), "US", 15)
    yield "bits_of_overlay.dcm", written(overlay), one()
    note = "rescale intercept of 5000 ignored, it is above all counts"
    yield "rescale_above.dcm", with_rescale("1", "5000"), one(notes=[note])
    low = planar(stored=counts() << 4)
    low.BitsStored, low.HighBit = 12, 15
    yield "high_bit.dcm", written(low), one()


def orientations() -> Iterator[Case]:
    """Yield files that say where the head is."""
    for name, letters, turn in (("down", "R\\H", 180), ("left", "F\\R", 90), ("right", "H\\L", 270)):
        dataset = planar(stored=np.rot90(counts(), turn // 90))
        dataset.PatientOrientation = letters.split("\\")
        spacing = SPACING if turn == 180 else SPACING[::-1]
        note = f"turned by {turn} degrees clockwise, as the file's orientation says"
        yield f"head_{name}.dcm", written(dataset), one(turned=turn, pixel_spacing_mm=spacing, notes=[note])
    dataset = planar(stored=np.rot90(counts(), 2))
    dataset.ImageOrientationPatient = [-1, 0, 0, 0, 0, 1]
    note = "turned by 180 degrees clockwise, as the file's orientation says"
    yield "head_down_by_cosines.dcm", written(dataset), one(turned=180, notes=[note])


def files() -> Iterator[Case]:
    """Yield the ways in which a file is written, and what is refused."""
    plain = planar()
    plain.StudyInstanceUID = "1.2.3"
    content = written(plain)
    yield "plain.dcm", content, one(study_uid="1.2.3")
    yield "without_preamble.dcm", content[HEADER_BYTES:], one(study_uid="1.2.3")
    yield "prefix_only.dcm", content[HEADER_BYTES - 4 :], one(study_uid="1.2.3")
    for name, syntax in (("implicit", ImplicitVRLittleEndian), ("big_endian", ExplicitVRBigEndian)):
        dataset = planar()
        if name == "big_endian":
            dataset.PixelData = counts().astype(">u2").tobytes()
        bare = Dataset()
        bare.update(dataset)
        buffer = io.BytesIO()
        bare.save_as(buffer, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
        yield f"{name}_without_header.dcm", buffer.getvalue(), one()
    dataset = planar()
    del dataset.Modality
    yield "without_modality.dcm", written(dataset), one()
    dataset = planar()
    for keyword in ("SamplesPerPixel", "PhotometricInterpretation", "PixelRepresentation", "BitsStored", "HighBit"):
        delattr(dataset, keyword)
    yield "without_pixel_facts.dcm", written(dataset), one()
    private = content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.113619.5.2\0\0", 1)
    yield "private_syntax.dcm", private, {"error": "its pixels cannot be decoded (transfer syntax 1.2.840.113619.5.2)"}
    dataset = planar()
    dataset.PhotometricInterpretation = "MONOCHROME"
    yield "unknown_grey.dcm", written(dataset), one()
    dataset = planar()
    dataset.Modality = "CT"
    yield "modality_ct.dcm", written(dataset), {"error": "is DICOM of modality CT; give a planar bone scan (NM)"}
    for kind, error in (
        ("DYNAMIC", "is a dynamic series of 3 frames; give the whole-body scan"),
        ("GATED", "is a gated series of 3 frames"),
        ("RECON TOMO", "is tomographic (SPECT)"),
    ):
        dataset = planar(3)
        dataset.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
        yield f"series_{kind.lower().replace(' ', '_')}.dcm", written(dataset), {"error": error}
    dataset = planar()
    dataset.PixelData = dataset.PixelData[:-200]
    yield "cut_off.dcm", written(dataset), {"error": "is damaged DICOM (its pixel data has 5944 of 6144 bytes)"}
    dataset = planar(3)
    dataset.NumberOfFrames = 2
    yield "surplus_frame.dcm", written(dataset), {"error": "is damaged DICOM (its pixel data has 3 frames, 2 declared)"}
    dataset = planar()
    dataset.LossyImageCompression, dataset.LossyImageCompressionRatio = "01", [4, 12.5]
    yield "lossy.dcm", written(dataset), one(lossy=True, compression_ratio=12.5)
    content = written(planar()).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
    yield "named_rle.dcm", content, one(notes=["pixels are not compressed, whatever the header says"])
    dataset = planar()
    dataset.compress(RLELossless, generate_instance_uid=False)
    yield "rle.dcm", written(dataset), one() | {"page_error": "is compressed DICOM (RLE)"}


def capture(kind: str, pixels: NDArray[np.uint8], samples: int = 3) -> FileDataset:
    """Return a secondary capture of 8 bit."""
    dataset = planar(stored=grey().astype(np.uint16))
    dataset.Modality, dataset.SOPClassUID = "OT", SecondaryCaptureImageStorage
    dataset.PhotometricInterpretation, dataset.SamplesPerPixel, dataset.PlanarConfiguration = kind, samples, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelData = pixels.tobytes()
    return dataset


def captures() -> Iterator[Case]:
    """Yield captures of one grey screen, and a coloured one."""
    screen = grey()
    neutral = np.full_like(screen, 128)
    scans = {"scans": [expected_scan(screen, pixel_spacing_mm=SPACING, notes=[])]}
    coloured = np.stack([screen, 255 - screen, screen], axis=2)
    by_plane = capture("RGB", np.stack([screen] * 3))
    by_plane.PlanarConfiguration = 1
    palette = capture("PALETTE COLOR", 255 - screen, samples=1)
    for colour in ("Red", "Green", "Blue"):
        setattr(palette, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        table = ((255 - np.arange(256)) * 257).astype("<u2").tobytes()
        setattr(palette, f"{colour}PaletteColorLookupTableData", table)
    pairs = screen.reshape(-1, 2)
    yield "capture_grey.dcm", written(capture("MONOCHROME2", screen, samples=1)), scans
    yield "capture_rgb.dcm", written(capture("RGB", np.stack([screen] * 3, axis=2))), scans
    yield "capture_by_plane.dcm", written(by_plane), scans
    yield "capture_ybr.dcm", written(capture("YBR_FULL", np.stack([screen, neutral, neutral], axis=2))), scans
    shared_colour = np.hstack([pairs, np.full_like(pairs, 128)])
    yield "capture_ybr_422.dcm", written(capture("YBR_FULL_422", shared_colour)), scans
    yield "capture_palette.dcm", written(palette), scans
    yield "capture_coloured.dcm", written(capture("RGB", coloured)), {"error": "is a colour picture"}


MAKERS: tuple[Callable[[], Iterator[Case]], ...] = (views, values, orientations, files, captures)


def main() -> None:
    """Write all cases."""
    for maker in MAKERS:
        for name, content, reading in maker():
            write_case(name, content, reading)


if __name__ == "__main__":
    main()
