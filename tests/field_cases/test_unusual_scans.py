"""Scans of unusual patients, cameras and screens, which must not be taken for something else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan import read_scans
from bonescan_yolo.scan.find import find_scan_files
from bonescan_yolo.scan.quality.quality import assess
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom
from tests.scan.quality.quality_pictures import body

Grey = NDArray[np.uint8]


def drawn() -> Grey:
    return body(4)


def first_row(grey: Grey) -> int:
    return int(np.flatnonzero((grey > 4).sum(axis=1) > 3)[0])


def row_at(grey: Grey, part: float) -> int:
    """Return the row at a part of the body's height."""
    rows = np.flatnonzero((grey > 4).sum(axis=1) > 3)
    return int(rows[0] + part * (rows[-1] - rows[0]))


def without_lower_legs() -> Grey:
    grey = drawn()
    grey[row_at(grey, 0.75) :] = 0
    return grey


def without_legs() -> Grey:
    grey = drawn()
    grey[row_at(grey, 0.6) :] = 0
    return grey


def with_hot_knees() -> Grey:
    grey = drawn().astype(np.int64)
    knees = slice(row_at(drawn(), 0.68), row_at(drawn(), 0.78)), slice(90, 166)
    grey[knees] = np.where(grey[knees] > 4, grey[knees] * 4, grey[knees])
    return np.minimum(grey, 255).astype(np.uint8)


def with_lost_rows(part: float) -> Grey:
    """Return a scan whose camera lost a few rows."""
    grey = drawn()
    first = row_at(grey, part)
    grey[first : first + 10] = 0
    return grey


def twice_as_wide() -> Grey:
    return np.asarray(Image.fromarray(drawn()).resize((460, 1024), Image.Resampling.BILINEAR))


@pytest.mark.parametrize(
    "scan",
    [
        without_lower_legs(),
        without_legs(),
        with_hot_knees(),
        with_lost_rows(0.3),
        with_lost_rows(0.36),
        twice_as_wide(),
    ],
    ids=["below the knee", "no legs", "hot knees", "lost rows", "lost rows below", "stretched"],
)
def test_a_scan_of_an_unusual_patient_is_not_refused(scan: Grey) -> None:
    """Amputees, arthritic knees, lost rows and stretched displays are read, at most with a word."""
    assert assess(scan).refusal is None


def test_a_dark_frame_around_a_white_picture_becomes_air(tmp_path: Path) -> None:
    """Inverted, a frame of a screen capture was the hottest part, and the scan was refused for having no air."""
    framed = np.pad(255 - grey_scan(), 8)
    (scan,) = read_scans(save(tmp_path / "1.png", framed))
    assert scan.inverted
    np.testing.assert_array_equal(scan.pixels, np.pad(grey_scan(), 8))
    counts = count_scan()
    (scan,) = read_scans(save(tmp_path / "2.png", np.pad(counts.max() - counts, 8)))
    np.testing.assert_array_equal(scan.pixels, np.pad(counts, 8))


@pytest.mark.parametrize("kind", ["monochrome2", "Monochrome2", "MONOCHROME2 "])
def test_the_kind_of_pixels_counts_in_small_letters_too(tmp_path: Path, kind: str) -> None:
    dataset = nm_dataset([count_scan()], photometric=kind)
    (scan,) = read_scans(save_dicom(tmp_path / "1.dcm", dataset))
    np.testing.assert_array_equal(scan.pixels, count_scan())


@pytest.mark.parametrize("spacing", [(2400.0, 2400.0), (0.0024, 0.0024), (2.4, 2400.0)])
def test_a_spacing_in_another_unit_is_unknown(tmp_path: Path, spacing: tuple[float, float]) -> None:
    dataset = nm_dataset([count_scan()], spacing=spacing)
    assert read_scans(save_dicom(tmp_path / "1.dcm", dataset))[0].pixel_spacing_mm is None


def test_a_name_that_states_another_view_than_the_file_is_noted(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()], ["Posterior"])
    (scan,) = read_scans(save_dicom(tmp_path / "7_ant.dcm", dataset))
    assert scan.view == "posterior"
    assert scan.notes == ("view is posterior as the file says, though its name says anterior",)
    assert read_scans(save_dicom(tmp_path / "7_post.dcm", dataset))[0].notes == ()


@pytest.mark.parametrize("channels", [(3.0, 1.0, 0.0), (1.0, 1.0, 0.0), (0.0, 1.0, 0.2)])
def test_a_dark_scan_in_colours_is_refused(tmp_path: Path, channels: tuple[float, float, float]) -> None:
    """Mostly dark, its channels differ little in the mean; the mean of a palette's channels is no count."""
    dark = grey_scan() // 8
    coloured = np.stack([np.minimum(dark * factor, 255) for factor in channels], axis=2).astype(np.uint8)
    with pytest.raises(ScanError, match="is a colour picture"):
        read_scans(save(tmp_path / "1.png", coloured))


def test_red_marks_on_a_dark_scan_are_read(tmp_path: Path) -> None:
    marked = np.repeat(grey_scan()[:, :, None], 3, axis=2)
    for row in (100, 300, 500):
        marked[row : row + 2, 90:130] = (255, 0, 0)
    assert len(read_scans(save(tmp_path / "1.png", marked))) == 1


def test_an_archive_in_an_archive_is_not_passed_over(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("1.png", save(tmp_path / "1.png", grey_scan()).read_bytes())
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    (found,) = find_scan_files(str(outer))
    with pytest.raises(ScanError, match=r"is a zip archive; .* unpack it"):
        read_scans(found)


def test_a_picture_of_an_unusual_kind_is_not_called_no_picture(tmp_path: Path) -> None:
    content = save(tmp_path / "1.tif", grey_scan()).read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[:60])
    with pytest.raises(ScanError, match="is damaged"):
        read_scans(tmp_path / "cut.tif")
