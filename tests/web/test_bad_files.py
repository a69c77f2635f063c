"""Files that cannot be read get one line each that names the file and the fix, and the page keeps working."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom
from tests.web.page import ReaderPage

pytestmark = pytest.mark.slow


@pytest.fixture
def bad_files(tmp_path: Path) -> dict[Path, str]:
    """Return ten files and what is to be said about each."""
    folder = tmp_path / "bad"
    whole = save(folder / "whole.png", grey_scan()).read_bytes()
    photograph = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    jpeg = save(folder / "whole.jpg", grey_scan(), quality=90).read_bytes()
    tomographic = nm_dataset([count_scan()])
    tomographic.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    short = nm_dataset([count_scan()])
    short.PixelData = short.PixelData[:1000]
    compressed = get_testdata_file("JPGExtended.dcm")
    assert isinstance(compressed, str)
    contents = {
        "cut.png": (whole[: len(whole) // 2], "is damaged ("),
        "cut.jpg": (jpeg[: len(jpeg) // 2], "is damaged ("),
        "empty.png": (b"", "is empty; copy it again from its source"),
        "notes.txt": (b"no picture at all", "is not a picture that can be read; give PNG, JPEG or DICOM"),
        "compressed.dcm": (Path(compressed).read_bytes(), "is compressed DICOM (JPEG), which this page cannot decode"),
        "junk.dcm": (bytes(range(256)) * 4, "DICOM"),
    }
    files = {}
    for name, (content, message) in contents.items():
        (folder / name).write_bytes(content)
        files[folder / name] = message
    files[save(folder / "small.png", np.zeros((20, 20), np.uint8))] = "is 20 x 20 pixels, too small for a scan"
    files[save(folder / "photograph.png", photograph)] = "is a colour picture; give a grey scan"
    files[save_dicom(folder / "tomographic.dcm", tomographic)] = "is tomographic (SPECT)"
    files[save_dicom(folder / "short.dcm", short)] = "is damaged DICOM (its pixel data has 1000 of 524288 bytes)"
    assert len(files) == 10
    return files


def test_ten_bad_files_give_ten_messages_and_the_page_lives_on(
    reader: ReaderPage, bad_files: dict[Path, str], tmp_path: Path
) -> None:
    good = save(tmp_path / "good_ant.png", grey_scan())
    reader.drop([*bad_files, good])
    reader.wait_until_read()
    lines = reader.failures()
    assert len(lines) == len(bad_files)
    for path, message in bad_files.items():
        (line,) = [line for line in lines if line.startswith(f"{path.name}: ")]
        assert message in line
        assert line.count("\n") == 0
        assert "internal error" not in line
    assert reader.page.locator("#table tbody button").count() == 3
    reader.page.click("#forget-failures")
    reader.wait(lambda: reader.is_hidden("#failures"), "clearing the messages")
    reader.open([save(tmp_path / "another_ant.png", grey_scan())])
    assert reader.page.locator("#study-list li").count() == 2
    assert reader.complaints == []


def test_a_page_of_bad_files_alone_is_still_ready(
    reader: ReaderPage, bad_files: dict[Path, str], tmp_path: Path
) -> None:
    reader.open(list(bad_files)[:3])
    assert len(reader.failures()) == 3
    assert not reader.is_hidden("#empty")
    reader.open([save(tmp_path / "good.png", grey_scan())])
    assert reader.is_hidden("#empty")
    assert reader.page.locator("#table tbody button").count() == 3
