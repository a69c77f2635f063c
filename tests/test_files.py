"""Writing: whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo import files
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import (
    real_path,
    require_replaceable,
    sha256_of,
    shorten_name,
    write_bytes,
    write_text,
)
from bonescan_yolo.output.staging import put_in_place, staged_directory

OWN = ("mark.json", "data", "plot_*.png")


class FullDisk:
    """A file whose writes fail half-way, as on a disk that fills up."""

    def __init__(self, handle: int, mode: str) -> None:
        self._file = os.fdopen(handle, mode)

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file that `write_bytes` opens meet a full disk."""

    class Os:
        fdopen = FullDisk

        def __getattr__(self, name: str) -> object:
            return getattr(os, name)

    monkeypatch.setattr(files, "os", Os())


def test_write_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x.txt"
    write_text(path, "one\n")
    write_text(path, "zwö\n")
    assert path.read_bytes() == "zwö\n".encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["x.txt"]


def test_written_files_have_the_mode_of_any_new_file(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    write_bytes(tmp_path / "ours", b"")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_full_disk_keeps_the_old_file_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.json"
    write_bytes(path, b"old")
    fill_disk(monkeypatch)
    with pytest.raises(
        BonescanError, match=r"x\.json: cannot be written \(no space left on device\); .*free disk space"
    ):
        write_bytes(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "x", b"data")
    assert list(tmp_path.iterdir()) == []


def test_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(BonescanError, match="choose another output folder"):
        write_bytes(tmp_path / "out" / "x.json", b"data")
    assert (tmp_path / "out").read_text() == "a file"


def test_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    with pytest.raises(BonescanError, match=r"x\.json: cannot be written \(is a directory\)"):
        write_bytes(tmp_path / "x.json", b"data")
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(BonescanError, match=r"cannot be written \(permission denied\)"):
        write_bytes(tmp_path / "x", b"data")


@pytest.mark.parametrize("name", ["x" * 255, "骨" * 85, "é" * 127 + "x"], ids=["1 byte", "3 bytes", "2 bytes"])
def test_the_longest_name_can_be_written(tmp_path: Path, name: str) -> None:
    write_bytes(tmp_path / name, b"data")
    assert (tmp_path / name).read_bytes() == b"data"
    for _ in range(2):  # the second time the folder is replaced
        with staged_directory(tmp_path / f"f{name[1:]}") as staging:
            (staging / "x").write_bytes(b"data")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([name, f"f{name[1:]}"])


@pytest.mark.parametrize("name", ["", "x" * 100, "骨" * 33 + "x"], ids=["empty", "1 byte", "3 bytes"])
def test_a_name_that_fits_is_kept(name: str) -> None:
    assert shorten_name(name, 100) == name


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), st.integers(20, 60))
def test_a_shortened_name_fits_and_begins_as_it_did(name: str, most: int) -> None:
    short = shorten_name(name, most)
    assert len(short.encode()) <= most
    if len(name.encode()) > most:
        start, _, digits = short.rpartition("-")
        assert name.startswith(start)
        assert len(digits) == 12
        assert len(short.encode()) > most - 4  # no more is cut off than one character needs
        assert shorten_name(name, most) == short
        assert shorten_name(f"{name}x", most) != short


def test_a_name_of_another_encoding_is_measured_as_the_disk_does() -> None:
    name = os.fsdecode(b"\xd6\xd0" * 50)  # GB2312, invalid as UTF-8
    assert shorten_name(name, 100) == name
    assert len(os.fsencode(shorten_name(name, 99))) <= 99


def test_a_real_path_is_without_links_and_a_link_to_itself_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "itself").symlink_to("itself")
    assert real_path(tmp_path / "link" / ".." / "link" / "x") == (tmp_path / "folder" / "x").resolve()
    assert real_path(tmp_path / "itself").name == "itself"


def test_sha256_of_a_file_of_several_blocks(tmp_path: Path) -> None:
    data = b"scan" * (files.HASH_BLOCK_BYTES // 2)
    (tmp_path / "x").write_bytes(data)
    assert sha256_of(tmp_path / "x") == hashlib.sha256(data).hexdigest()


def test_staged_directory_appears_whole_and_replaces(tmp_path: Path) -> None:
    out = tmp_path / "data"
    for content in ("one", "two"):
        with staged_directory(out) as staging:
            (staging / f"{content}.txt").write_text(content)
            assert staging.parent == out.parent
            assert not (out / f"{content}.txt").exists()
        assert [path.name for path in out.iterdir()] == [f"{content}.txt"]
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (ValueError("ours"), ValueError),
        (OSError(errno.ENOSPC, "No space left on device"), BonescanError),
        (FileNotFoundError(errno.ENOENT, "No such file", "/elsewhere/source.jpg"), FileNotFoundError),
    ],
)
def test_failed_staging_keeps_what_stood_there(tmp_path: Path, raised: Exception, expected: type[Exception]) -> None:
    out = tmp_path / "data"
    out.mkdir()
    (out / "old.txt").write_text("old")

    def fail() -> None:
        with staged_directory(out) as staging:
            (staging / "new.txt").write_text("new")
            raise raised

    with pytest.raises(expected):
        fail()
    assert [path.name for path in out.iterdir()] == ["old.txt"]
    assert list(tmp_path.iterdir()) == [out]


def test_staging_that_cannot_take_its_place_restores_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "data"
    out.mkdir()
    (out / "old.txt").write_text("old")
    replace = Path.replace

    def refuse_staging(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise OSError(errno.EACCES, "Permission denied", str(self))
        return replace(self, target)

    def stage() -> None:
        with staged_directory(out):
            monkeypatch.setattr(Path, "replace", refuse_staging)

    with pytest.raises(BonescanError, match="permission denied"):
        stage()
    assert (out / "old.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_what_cannot_be_put_back_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, new = tmp_path / "data", tmp_path / "new"
    for folder in (out, new):
        folder.mkdir()
        (folder / "a.txt").write_text(folder.name)
    replace = Path.replace

    def move_only_away(self: Path, target: Path) -> Path:
        if target == out:
            raise OSError(errno.EIO, "Input/output error", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", move_only_away)
    with pytest.raises(OSError, match="Input/output error"):
        put_in_place(new, out)
    assert sorted(path.read_text() for path in tmp_path.rglob("a.txt")) == ["data", "new"]


def test_staging_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    with pytest.raises(BonescanError, match="data: is a file"), staged_directory(tmp_path / "data"):
        pass
    assert (tmp_path / "data").read_text() == "mine"


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([], None),
        (["mark.json", "data"], None),
        (["mark.json"], None),
        (["mark.json", "plot_1.png", "plot_.png"], None),
        (["mark.json", "plot_1.jpg"], r"holds plot_1\.jpg beside an earlier result"),
        (["data"], "is not empty and is not an earlier result"),
        (["mark.json", "data", "thesis.docx"], r"holds thesis\.docx beside an earlier result"),
    ],
)
def test_only_an_earlier_result_is_replaceable(tmp_path: Path, entries: list[str], complaint: str | None) -> None:
    for name in entries:
        (tmp_path / name).write_text("x")
    if complaint is None:
        require_replaceable(tmp_path, "mark.json", OWN, "result")
    else:
        with pytest.raises(BonescanError, match=complaint):
            require_replaceable(tmp_path, "mark.json", OWN, "result")


def test_a_missing_folder_is_replaceable_and_a_file_is_not(tmp_path: Path) -> None:
    require_replaceable(tmp_path / "none", "mark.json", {"mark.json"}, "result")
    (tmp_path / "file").write_text("x")
    with pytest.raises(BonescanError, match="file: is a file"):
        require_replaceable(tmp_path / "file", "mark.json", {"mark.json"}, "result")
