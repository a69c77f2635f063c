"""Images as people annotate them: 16 bit, DICOM, several scans in a file, packed, inverted, lying on their side."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.scan import read_scans
from tests.convert.builders import GOOD, encode, pixels, voc
from tests.factories import nm_dataset, save_dicom
from tests.field_cases.annotated_sets import Content, convert

BOX = [(0, 10, 20, 30, 60)]
"""Class and corners of `GOOD`."""

COUNTS = (pixels(3).astype(np.uint32) * 136 // pixels(3).max()).astype(np.uint16)


def deep(kind: str, counts: np.ndarray) -> bytes:
    return encode(counts, kind)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("1.png", deep("PNG", COUNTS)),
        ("1.tif", deep("TIFF", COUNTS)),
        ("1.png", deep("PNG", (COUNTS * 200).astype(np.uint16))),
        ("1.tiff", deep("TIFF", COUNTS.astype(np.float32))),
        ("1.png", encode(255 - pixels(3), "PNG")),
    ],
    ids=["counts png", "counts tiff", "more counts", "float tiff", "inverted"],
)
def test_what_is_not_8_bit_grey_is_written_as_prediction_sees_it(name: str, content: bytes, tmp_path: Path) -> None:
    """16-bit grey PNG of counts (maximum 136) with VOC: training read black scans."""
    found = convert(tmp_path, "voc", {name: content, "1.xml": voc([GOOD])})
    (written,) = (tmp_path / "out" / "images").rglob("*.*")
    (seen,) = read_scans(tmp_path / "in" / name)
    np.testing.assert_array_equal(np.asarray(Image.open(written)), seen.grey())
    assert np.asarray(Image.open(written)).max() > 30
    assert found.boxes == {"1": BOX}
    assert "Written as 8-bit grey PNG, as prediction sees them: 1 scans" in found.text


def test_each_frame_of_a_dicom_file_is_a_scan_with_its_own_annotation(tmp_path: Path) -> None:
    """DICOM as training input, a frame a scan."""
    save_dicom(tmp_path / "scan.dcm", nm_dataset([COUNTS, COUNTS[:, ::-1].copy()], ["Anterior", "Posterior"]))
    files: dict[str, Content] = {"scan.dcm": (tmp_path / "scan.dcm").read_bytes(), "scan-2.xml": voc([GOOD])}
    found = convert(tmp_path, "voc", files, "--split", "100/0/0")
    assert found.boxes == {"scan-1": [], "scan-2": BOX}
    rows = [line.split(",") for line in (tmp_path / "out" / "scans.csv").read_text().splitlines()[1:]]
    assert [(row[2], row[4]) for row in rows] == [("scan", "anterior"), ("scan", "posterior")]


def test_an_annotation_of_a_whole_file_of_two_scans_is_no_guess(tmp_path: Path) -> None:
    """Ambiguous: which of the two scans was annotated is unknown, so neither is background."""
    frames = [Image.fromarray(pixels(number)) for number in (1, 2)]
    frames[0].save(tmp_path / "two.tif", save_all=True, append_images=frames[1:])
    files: dict[str, Content] = {"two.tif": (tmp_path / "two.tif").read_bytes(), "two.xml": voc([GOOD])}
    found = convert(tmp_path, "voc", {**files, "3.png": encode(pixels(3), "PNG"), "3.xml": voc([GOOD])})
    assert found.boxes == {"3": BOX}
    assert found.kinds == {"orphan_annotation": 1, "maybe_annotated": 1}


def test_packed_dicom_is_found_by_the_name_before_it_was_packed(tmp_path: Path) -> None:
    """`.dcm.gz`, and DICOM without a suffix, as a PACS exports them."""
    content = save_dicom(tmp_path / "scan.dcm", nm_dataset([COUNTS])).read_bytes()
    for name, annotation in {"7.dcm.gz": "7.xml", "7": "7.xml", "7.img": "7.xml", "IM7": "im7.xml"}.items():
        packed = gzip.compress(content) if name.endswith(".gz") else content
        found = convert(tmp_path / name, "voc", {name: packed, annotation: voc([GOOD])})
        assert found.boxes == {Path(name).stem.partition(".")[0]: BOX}


def test_inverted_images_are_read_as_the_user_says(tmp_path: Path) -> None:
    """`--inverted` goes to the one reader; what training would read otherwise is left out."""
    files: dict[str, Content] = {"1.png": encode(255 - pixels(1), "PNG"), "1.xml": voc([GOOD])}
    assert convert(tmp_path / "yes", "voc", files, "--inverted", "yes").boxes == {"1": BOX}
    assert "would be read otherwise" in convert(tmp_path / "no", "voc", files, "--inverted", "no").error


def lying(orientation: int) -> bytes:
    """A JPEG that is stored lying on its side, with the orientation of Exif that shows it upright."""
    file = io.BytesIO()
    block = Image.Exif()
    block[0x0112] = orientation
    stored = np.rot90(pixels(1), 1 if orientation == 6 else -1)
    Image.fromarray(np.ascontiguousarray(stored)).save(file, "JPEG", exif=block)
    return file.getvalue()


@pytest.mark.parametrize(
    ("orientation", "corners", "size"),
    [
        (6, (10, 20, 30, 60), (256, 1024)),
        (6, (10, 20, 30, 60), None),
        (6, (20, 226, 60, 246), (1024, 256)),
        (8, (964, 10, 1004, 30), (1024, 256)),
    ],
)
def test_boxes_are_on_the_scan_as_it_is_shown(
    orientation: int, corners: tuple[int, int, int, int], size: tuple[int, int] | None, tmp_path: Path
) -> None:
    """EXIF orientation: tools show the upright image; one that states the stored size drew on the stored image."""
    text = voc([("Abnormal", corners)], size=size)
    found = convert(tmp_path, "voc", {"1.jpg": lying(orientation), "1.xml": text})
    assert found.boxes == {"1": BOX}
    assert found.report["rewritten"] == {"turned": 1}
