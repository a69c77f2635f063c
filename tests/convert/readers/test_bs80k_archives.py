"""BS-80K as a zip or folder that is damaged, hostile or another one: one line, or the rest is kept."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bonescan_yolo.commands.convert import main
from bonescan_yolo.convert import source
from bonescan_yolo.errors import BonescanError
from tests.convert.builders import Bs80k, scan
from tests.convert.readers.conversion import convert, images

ANT = "wholeBodyANT"


def test_members_that_point_outside_are_reported_and_never_touched(tmp_path: Path) -> None:
    archive = Bs80k().pack(tmp_path / "temp.zip")
    link = zipfile.ZipInfo("temp/wholeBodyANT/8.jpg")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("../evil.jpg", b"x")
        file.writestr("/etc/evil.jpg", b"x")
        file.writestr("C:\\evil.jpg", b"x")
        file.writestr(link, b"/etc/passwd")
    report = convert(archive, tmp_path / "out")
    assert report["problem_counts"] == {"unsafe_member": 4}
    assert not list(tmp_path.rglob("evil.jpg"))


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_MEMBER_BYTES", 100_000)
    archive = Bs80k().pack(tmp_path / "temp.zip")
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("temp/wholeBodyANT/8.jpg", b"\0" * 5_000_000)
        file.writestr("temp/wholeBodyANT/ant/2.XML", b" " * 5_000_000)
    report = convert(archive, tmp_path / "out")
    assert report["problem_counts"]["undecodable_image"] == 1
    assert report["problem_counts"]["unreadable_file"] == 1
    assert "would unpack to 4 MiB; refused" in json.dumps(report["problems"])
    assert report["counts"]["scans"] == 5


def test_a_damaged_member_costs_its_scan_only(tmp_path: Path) -> None:
    archive = Bs80k().pack(tmp_path / "temp.zip")
    data = bytearray(archive.read_bytes())
    data[data.index(b"\xff\xd8") + 200] ^= 0xFF  # the first image, stored uncompressed
    archive.write_bytes(data)
    report = convert(archive, tmp_path / "out")
    assert report["problem_counts"] == {"undecodable_image": 1}
    assert report["counts"]["scans"] == 5


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_packed_member_costs_its_scan_only(tmp_path: Path, packing: int) -> None:
    damaged = f"{ANT}/1.jpg"
    with zipfile.ZipFile(tmp_path / "temp.zip", "w") as archive:
        for name, content in Bs80k().files.items():
            archive.writestr(zipfile.ZipInfo(f"temp/{name}"), content, packing if name == damaged else None)
        member = archive.getinfo(f"temp/{damaged}")
    data = bytearray((tmp_path / "temp.zip").read_bytes())
    start = member.header_offset + 30 + len(member.filename)  # a local header has 30 bytes before the name
    data[start + 20 : start + member.compress_size] = b"\xff" * (member.compress_size - 20)
    (tmp_path / "temp.zip").write_bytes(data)
    report = convert(tmp_path / "temp.zip", tmp_path / "out")
    assert [problem["file"] for problem in report["problems"]] == [f"temp/{damaged}"]
    assert report["problems"][0]["reason"].startswith("is damaged in the archive")
    assert report["counts"]["scans"] == 5


def test_member_names_longer_than_any_disk_allows_end_no_conversion(tmp_path: Path) -> None:
    data = Bs80k()
    data.files["notes/" + "٣" * 5000] = b""  # more digits than Python takes for a number
    data.files[f"{ANT}/{'4' * 5000}.jpg"] = scan(50)
    report = convert(data.pack(tmp_path / "temp.zip"), tmp_path / "out")
    assert report["problem_counts"] == {"label_missing": 1}
    assert len(images(tmp_path / "out")) == 7
    assert all(len(name.encode()) < 250 for name in images(tmp_path / "out"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p / "missing.zip", "does not exist"),
        (lambda p: (p / "empty").mkdir() or p / "empty", "holds no files"),
        (lambda p: (p / "a.txt").write_text("hello") and p / "a.txt", "neither a folder nor a zip"),
        (lambda p: (p / "a.zip").write_bytes(b"") or p / "a.zip", "neither a folder nor a zip"),
        (lambda p: _cut(Bs80k().pack(p / "cut.zip")), "cut-off zip"),
        (lambda p: _only(p / "other", "holiday/1.jpg"), r"found holiday\); give BS-80K's temp.zip"),
        (lambda p: _only(p / "inner", "temp.zip"), "give that zip file itself"),
        (lambda p: _twice(p / "twice"), "several anterior folders"),
    ],
)
def test_a_wrong_source_gets_one_line(make: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=message) as caught:
        main(["bs80k", str(make(tmp_path)), "--out", str(tmp_path / "out")])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def _cut(archive: Path) -> Path:
    archive.write_bytes(archive.read_bytes()[:5000])
    return archive


def _only(root: Path, file: str) -> Path:
    (root / file).parent.mkdir(parents=True)
    (root / file).write_bytes(b"x")
    return root


def _twice(root: Path) -> Path:
    Bs80k(prefix="a/").write(root)
    return Bs80k(prefix="b/").write(root)
