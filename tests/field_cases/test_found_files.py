"""Folders, discs and archives as people have them; each test names its row of the cases from public bug reports."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from bonescan_yolo.commands.predict import main as predict
from bonescan_yolo.convert.source import open_source
from bonescan_yolo.errors import BonescanError, ScanError
from bonescan_yolo.scan import ReadOptions, packed, read, read_scans
from bonescan_yolo.scan.find import find_scan_files
from bonescan_yolo.scan.sniff import HEAD_BYTES, kind_inside, kind_of
from tests.conftest import RunCommand
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom

UID = "1.2.840.113619.2.55.3.2831178355.12.1316243.7"
INDEX = bytes(128) + b"DICM\x02\0\0\0UL\x04\0\x1c\0\0\0\x02\0\x02\0UI\x14\x001.2.840.10008.1.3.10\x02\0\x03\0UI\0\0"


def found(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_scan_files(str(folder))]


def dicom_bytes(folder: Path) -> bytes:
    return save_dicom(folder / "made.dcm", nm_dataset([count_scan()], ["Anterior"])).read_bytes()


def without_preamble(folder: Path, *, implicit: bool) -> bytes:
    """Return a data set alone, without preamble, prefix and file meta information."""
    dataset: Dataset = nm_dataset([count_scan()], ["Anterior"])
    del dataset.file_meta
    dataset.preamble = None
    path = folder / "bare"
    dataset.save_as(path, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
    return path.read_bytes()


@pytest.mark.parametrize("name", [UID, "IM0001", "00000001.img", "scan.0001", "A.B.C", "1.3.12.2", "series 7 (copy)"])
@pytest.mark.parametrize("kind", ["DICOM", "bare explicit", "bare implicit", "PNG", "JPEG", "TIFF", "BMP"])
def test_files_of_a_pacs_or_disc_are_found_by_content(tmp_path: Path, name: str, kind: str) -> None:
    """Folders from a PACS or CD, UID names, `.img`, no suffix: skipped or "holds no scans". Right: sniffed."""
    source, folder = tmp_path / "source", tmp_path / "disc" / "DICOM" / "S1"
    source.mkdir()
    folder.mkdir(parents=True)
    (folder / "README.TXT").write_text("BM is not only a bitmap")
    (folder / "AUTORUN.INF").write_text("[autorun]")
    contents: dict[str, Callable[[], bytes]] = {
        "DICOM": lambda: dicom_bytes(source),
        "bare explicit": lambda: without_preamble(source, implicit=False),
        "bare implicit": lambda: without_preamble(source, implicit=True),
    }
    picture = {"PNG": "1.png", "JPEG": "1.jpg", "TIFF": "1.tif", "BMP": "1.bmp"}
    make = contents.get(kind) or (lambda: save(source / picture[kind], grey_scan()).read_bytes())
    (folder / name).write_bytes(make())
    (tmp_path / "disc" / "DICOMDIR").write_bytes(INDEX)
    assert found(tmp_path / "disc") == [f"DICOM/S1/{name}"]
    (scan,) = read_scans(folder / name)
    assert (scan.width, scan.height) == (256, 1024)


@pytest.mark.parametrize(("name", "written"), [("1.jpg", "png"), ("2.dcm", "png"), ("3.png", "tif"), ("4.bmp", "jpg")])
def test_a_wrong_suffix_of_a_picture_is_read_by_content(tmp_path: Path, name: str, written: str) -> None:
    good = save(tmp_path / f"good.{written}", grey_scan())
    (expected,) = read_scans(good)
    (scan,) = read_scans(good.rename(tmp_path / name))
    assert scan.lossy == (written == "jpg")
    np.testing.assert_array_equal(scan.pixels, expected.pixels)


def test_dicom_named_as_a_picture_is_read_as_dicom(tmp_path: Path) -> None:
    for name in ("scan.png", "scan.jpg", "scan.txt", "scan"):
        (tmp_path / name).write_bytes(dicom_bytes(tmp_path))
        assert read_scans(tmp_path / name)[0].view == "anterior"


@pytest.mark.parametrize("name", ["DICOMDIR", "dicomdir", "index.dcm", "DICOMDIR;1"])
def test_the_index_of_a_medium_says_what_to_do(
    tmp_path: Path, name: str, model_path: Path, run_command: RunCommand
) -> None:
    """DICOMDIR given itself: one line what to do; in a folder it is no scan."""
    (tmp_path / name).write_bytes(INDEX)
    done = run_command(predict, tmp_path / name, "--model", model_path, "--out", tmp_path / "out")
    assert done.code == 2
    assert done.err.strip().endswith(
        f"{name}: is the index of a DICOM medium and has no image; give the folder it is in"
    )


@pytest.mark.parametrize("name", ["7_post.png.gz", "scan_post.dcm.gz", "post.gz", "7_post"])
def test_gzip_is_read_in_place(tmp_path: Path, name: str) -> None:
    """`.dcm.gz`: skipped or "holds no scans". Right: read in place; path and hash are of the file itself."""
    content = dicom_bytes(tmp_path) if "dcm" in name else save(tmp_path / "1.png", grey_scan()).read_bytes()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(gzip.compress(content))
    (folder / "report.txt.gz").write_bytes(gzip.compress(b"no scan"))
    assert found(folder) == [name]
    (scan,) = read_scans(folder / name)
    assert scan.view == ("anterior" if "dcm" in name else "posterior")
    assert scan.path == folder / name
    assert scan.sha256 is not None
    (plain,) = read_scans(tmp_path / ("made.dcm" if "dcm" in name else "1.png"))
    np.testing.assert_array_equal(scan.pixels, plain.pixels)
    assert scan.sha256 != plain.sha256


def test_gzip_is_bounded_and_its_damage_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpacked with a bound; the size that the file states is not believed."""
    monkeypatch.setattr(read, "MAX_UNPACKED_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(8 << 20))
    cases = {
        "bomb.png.gz": (bomb, "unpacks to more than 1 MiB, too large for a scan"),
        "lies.png.gz": (bomb[:-4] + b"\x05\0\0\0", "unpacks to more than 1 MiB, too large for a scan"),
        "cut.png.gz": (bomb[: len(bomb) // 20], "gz: is damaged (its gzip data ends early)"),
        "flipped.png.gz": (bomb[:10] + b"\xff\xff" + bomb[12:], "gz: is damaged (its gzip data cannot be unpacked)"),
        "empty.png.gz": (gzip.compress(b""), "unpacks to an empty file"),
        "text.png.gz": (gzip.compress(b"no picture"), "is not a picture that can be read"),
        "twice.png.gz": (gzip.compress(gzip.compress(b"x")), "is packed by gzip twice; unpack it first"),
    }
    for name, (content, message) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScanError) as error:
            read_scans(tmp_path / name)
        assert str(error.value).startswith(f"{tmp_path / name}: ")
        assert message in str(error.value)


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_zip_is_read_in_place(tmp_path: Path, model_path: Path, run_command: RunCommand) -> None:
    """`.zip`: "holds no scans". Right: its members are read as the files of a folder are, each by its content."""
    png, dicom = save(tmp_path / "1.png", grey_scan()).read_bytes(), dicom_bytes(tmp_path)
    members = {"p/10_ant.png": png, "p/9_post.png": png, UID: dicom, "x.dcm.gz": gzip.compress(dicom), "note.txt": b"x"}
    members |= {"../out.png": png, "/abs.png": png, "__MACOSX/._1.png": png, ".hidden.png": png, "C:\\x.png": png}
    members |= {"DICOMDIR": INDEX}
    archive = make_zip(tmp_path / "export.zip", members)
    names = [path.relative_to(archive).as_posix() for path in find_scan_files(str(archive))]
    assert names == [UID, "p/9_post.png", "p/10_ant.png", "x.dcm.gz"]
    assert [read_scans(archive / name)[0].view for name in names] == ["anterior", "posterior", "anterior", "anterior"]
    done = run_command(predict, archive, "--model", model_path, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert f"{archive / 'p' / '9_post.png'}" in done.out
    assert len(list((tmp_path / "out").glob("*.json"))) == 4


def test_a_folder_with_an_archive_is_searched_with_it(tmp_path: Path) -> None:
    png = save(tmp_path / "1.png", grey_scan()).read_bytes()
    make_zip(tmp_path / "more.zip", {"2.png": png})
    make_zip(tmp_path / "PACS0001", {"3.png": png})
    make_zip(tmp_path / "papers.zip", {"paper.txt": b"x"})
    assert found(tmp_path) == ["1.png", "more.zip/2.png", "PACS0001/3.png"]


def test_archives_that_cannot_be_read_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    png = save(tmp_path / "1.png", grey_scan()).read_bytes()
    archive = make_zip(tmp_path / "a.zip", {"1.png": png, "2.png": bytes(3 << 20)})
    (tmp_path / "cut.zip").write_bytes(archive.read_bytes()[:200])
    with pytest.raises(ScanError, match=r"cut\.zip: is not a whole zip file; copy it again"):
        find_scan_files(str(tmp_path / "cut.zip"))
    with pytest.raises(ScanError, match=r"none\.zip: holds no scans among its 1 file; give a folder"):
        find_scan_files(str(make_zip(tmp_path / "none.zip", {"a.txt": b"x"})))
    with pytest.raises(ScanError, match=r"3\.png: does not exist in the archive"):
        read_scans(archive / "3.png")
    monkeypatch.setattr(read, "MAX_UNPACKED_BYTES", 1 << 20)
    with pytest.raises(ScanError, match=r"2\.png: unpacks to more than 1 MiB"):
        read_scans(archive / "2.png")
    monkeypatch.setattr(packed, "MAX_MEMBERS", 1)
    with pytest.raises(ScanError, match=r"a\.zip: has 2 members; unpack it and give its folder"):
        find_scan_files(str(archive))
    with pytest.raises(ScanError, match=r"not a zip\.png: (does not exist|cannot be read)"):
        read_scans(tmp_path / "1.png" / "not a zip.png")


def test_encrypted_members_are_said(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.png": save(tmp_path / "1.png", grey_scan()).read_bytes()})
    content = bytearray(archive.read_bytes())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + place] |= 1
    archive.write_bytes(content)
    (path,) = find_scan_files(str(archive))
    with pytest.raises(ScanError, match=r"1\.png: is encrypted; unpack the archive with its password"):
        read_scans(path)


def test_a_folder_without_scans_counts_what_it_skipped(tmp_path: Path) -> None:
    """Nothing is skipped silently."""
    for number in range(12):
        (tmp_path / f"{number}.txt").write_text("x")
    with pytest.raises(BonescanError, match="holds no scans among its 12 files; give a folder with PNG, JPEG, TIFF"):
        find_scan_files(str(tmp_path))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"x",
        b"BM",
        b"BMI of all patients\n" * 9,
        b"GIF89a",
        b"%PDF-1.7",
        b"\x08\0text that is none of it",
        bytes(300),
    ],
)
def test_what_is_no_scan_is_not_taken_for_one(head: bytes) -> None:
    assert kind_of(head) is None
    assert kind_inside(gzip.compress(head)[:HEAD_BYTES]) is None
    assert kind_inside(head) is None


def test_options_reach_members_too(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.png": save(tmp_path / "1.png", np.rot90(grey_scan())).read_bytes()})
    (scan,) = read_scans(archive / "1.png", ReadOptions("posterior", turn=90))
    np.testing.assert_array_equal(scan.pixels, grey_scan())
    assert scan.view == "posterior"


def test_members_of_an_archive_without_a_name_are_left_out(tmp_path: Path) -> None:
    """Found by damage: before Python 3.12 `ZipInfo.is_dir` fails on an empty name."""
    archive = tmp_path / "scans.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(save(tmp_path / "1.png", grey_scan()), "1.png")
        file.write(tmp_path / "1.png", "QQ")
    archive.write_bytes(archive.read_bytes().replace(b"QQ", b"\0Q"))
    assert find_scan_files(str(archive)) == [archive / "1.png"]
    with open_source(archive) as source:
        assert source.files == ("1.png",)
        assert [problem.reason for problem in source.problems] == ["has no name; not touched"]
