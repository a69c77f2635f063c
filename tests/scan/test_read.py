"""`read_scans`: what it records, and files that cannot be read at all."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import ReadOptions, View, read, read_scans
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom


def test_path_and_hash_are_recorded(tmp_path: Path) -> None:
    path = save(tmp_path / "1.png", grey_scan())
    (scan,) = read_scans(path)
    assert scan.path == path
    assert scan.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_path_may_be_text(tmp_path: Path) -> None:
    path = save(tmp_path / "1.png", grey_scan())
    assert read_scans(str(path))[0].path == path


@pytest.mark.parametrize(
    ("name", "asked", "view"),
    [
        ("12_ant.png", None, "anterior"),
        ("wholeBodyPOST/12.png", None, "posterior"),
        ("wholeBodyPOST/12_ant.png", None, "anterior"),
        ("12_ant.png", "posterior", "anterior"),
        ("12.png", "posterior", "posterior"),
        ("12.png", None, None),
    ],
)
def test_the_view_is_told_by_the_name_else_by_the_user(
    tmp_path: Path, name: str, asked: View | None, view: View | None
) -> None:
    assert read_scans(save(tmp_path / name, grey_scan()), ReadOptions(asked))[0].view == view


def test_dicom_knows_better_than_its_name(tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "scan_ant.dcm", nm_dataset([count_scan()], ["Posterior"]))
    assert read_scans(path, ReadOptions("anterior"))[0].view == "posterior"


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=r"none\.png: does not exist; check the path"):
        read_scans(tmp_path / "none.png")
    with pytest.raises(BonescanError, match="is a folder; give a file"):
        read_scans(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BonescanError, match="cannot be read"):
        read_scans(tmp_path / "file" / "scan.png")


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(BonescanError, match="is not a regular file"):
        read_scans(tmp_path / "pipe.png")


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "itself.png").symlink_to("itself.png")
    (tmp_path / "nowhere.png").symlink_to("missing.png")
    with pytest.raises(BonescanError, match=r"itself\.png: is a link that leads back to itself; give the file itself"):
        read_scans(tmp_path / "itself.png")
    with pytest.raises(BonescanError, match=r"nowhere\.png: is a link to a file that does not exist; give the file"):
        read_scans(tmp_path / "nowhere.png")


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "1.png", grey_scan())
    monkeypatch.setattr(read, "MAX_FILE_BYTES", 100)
    with pytest.raises(BonescanError, match="too large for a scan"):
        read_scans(path)


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "1.png", grey_scan())

    def deny(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(BonescanError, match=r"cannot be read \(Permission denied\); check its permissions"):
        read_scans(path)
