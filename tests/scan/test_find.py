"""From the command line's words to files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan.find import find_scan_files, natural_order

DICOM_HEAD = b"\0" * 128 + b"DICM"


def touch(folder: Path, *names: str, content: bytes = b"x") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def found(folder: Path, source: str, leave_out: Path | None = None) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_scan_files(source, leave_out)]


def test_a_folder_gives_scans_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "10.png", "2.PNG", "1.jpg", "b/3.tiff", "x.dcm", "notes.txt", ".hidden.png", ".cache/4.png")
    touch(tmp_path, "IM0001", "DICOMDIR", content=DICOM_HEAD)
    touch(tmp_path, "README", content=b"text")
    assert found(tmp_path, str(tmp_path)) == ["1.jpg", "2.PNG", "10.png", "b/3.tiff", "IM0001", "x.dcm"]


def test_results_of_an_earlier_run_are_no_scans(tmp_path: Path) -> None:
    touch(tmp_path, "1.png", "results/1.png", "results/deep/1.png", "results2/1.png")
    assert found(tmp_path, str(tmp_path), tmp_path / "results") == ["1.png", "results2/1.png"]


def test_a_folder_named_itself_is_read_even_if_results_go_there(tmp_path: Path) -> None:
    touch(tmp_path, "1.png")
    assert found(tmp_path, str(tmp_path), tmp_path) == ["1.png"]


def test_a_file_is_itself_whatever_it_is_called(tmp_path: Path) -> None:
    touch(tmp_path, "scan[1].xyz", "scan1.xyz")
    assert found(tmp_path, str(tmp_path / "scan[1].xyz")) == ["scan[1].xyz"]
    assert found(tmp_path, str(tmp_path / "missing.png")) == ["missing.png"]


def test_patterns(tmp_path: Path) -> None:
    touch(tmp_path, "a/10.png", "a/9.png", "b/1.png", "a/1.txt")
    (tmp_path / "a" / "folder.png").mkdir()
    assert found(tmp_path, str(tmp_path / "a" / "*.png")) == ["a/9.png", "a/10.png"]
    assert found(tmp_path, str(tmp_path / "**" / "*.png")) == ["a/9.png", "a/10.png", "b/1.png"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{}/*.png", "matches no file; check the pattern"),
        ("{}", "holds no scans; give a folder with PNG"),
    ],
)
def test_nothing_found(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(BonescanError) as error:
        find_scan_files(source.format(tmp_path))
    assert str(error.value).startswith(source.format(tmp_path))
    assert message in str(error.value)


def test_an_empty_name_is_not_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "1.png")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BonescanError, match="scan: its name is empty"):
        find_scan_files("")


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    touch(tmp_path, "1.png")
    (tmp_path / "again").symlink_to(tmp_path)
    assert "1.png" in found(tmp_path, str(tmp_path))


def make_bad_links(folder: Path) -> None:
    """Make links with the names of a picture that lead nowhere, and one that leads to a pipe."""
    (folder / "itself.png").symlink_to("itself.png")
    (folder / "nowhere.png").symlink_to("missing.png")
    (folder / "nowhere").symlink_to("missing")  # without a suffix nothing says that it was a scan
    os.mkfifo(folder / "pipe.png")


def test_links_that_lead_nowhere_are_found_so_that_reading_says_so(tmp_path: Path) -> None:
    touch(tmp_path, "1.png")
    make_bad_links(tmp_path)
    expected = ["1.png", "itself.png", "nowhere.png"]
    assert found(tmp_path, str(tmp_path)) == expected
    assert found(tmp_path, str(tmp_path), tmp_path / "results") == expected
    assert found(tmp_path, str(tmp_path / "*.png")) == expected
    assert found(tmp_path, str(tmp_path / "itself.png")) == ["itself.png"]


def test_a_link_to_itself_named_like_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "a[1].png").symlink_to("a[1].png")
    assert found(tmp_path, str(tmp_path / "a[1].png")) == ["a[1].png"]


def test_a_file_that_may_not_be_looked_up_counts_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "1.png", "2.txt")
    look_up = Path.stat

    def deny(self: Path, **options: bool) -> os.stat_result:
        if self.suffix:
            raise PermissionError(13, "Permission denied", str(self))
        return look_up(self, **options)

    monkeypatch.setattr(Path, "stat", deny)
    assert found(tmp_path, str(tmp_path)) == ["1.png"]


def test_a_subfolder_that_cannot_be_read_is_handed_over_and_the_rest_found(
    tmp_path: Path, lock_folder: Callable[[Path], None]
) -> None:
    touch(tmp_path, "a/1.png", "b/2.png", "c/3.png", ".d/4.png", "lost+found/5.png")
    for name in ("b", ".d", "lost+found"):
        lock_folder(tmp_path / name)
    errors: list[BonescanError] = []
    files = find_scan_files(str(tmp_path), unreadable=errors.append)
    assert files == [tmp_path / "a" / "1.png", tmp_path / "c" / "3.png"]
    assert [str(error) for error in errors] == [
        f"{tmp_path / 'b'}: cannot be read (permission denied); change its permissions or move it away"
    ]
    with pytest.raises(BonescanError, match="b: cannot be read"):
        find_scan_files(str(tmp_path))


def test_a_folder_that_cannot_be_read_is_not_called_empty(tmp_path: Path, lock_folder: Callable[[Path], None]) -> None:
    lock_folder(tmp_path)
    errors: list[BonescanError] = []
    assert find_scan_files(str(tmp_path), unreadable=errors.append) == []
    assert [str(error) for error in errors] == [
        f"{tmp_path}: cannot be read (permission denied); change its permissions or move it away"
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_subfolder_without_permissions(tmp_path: Path) -> None:
    touch(tmp_path, "1.png", "b/2.png")
    (tmp_path / "b").chmod(0)
    errors: list[BonescanError] = []
    try:
        assert find_scan_files(str(tmp_path), unreadable=errors.append) == [tmp_path / "1.png"]
    finally:
        (tmp_path / "b").chmod(0o700)
    assert [str(error).partition(":")[0] for error in errors] == [str(tmp_path / "b")]


@given(st.lists(st.integers(0, 10**9), unique=True), st.sampled_from(["scan", "a.b/", "9x"]))
def test_numbers_sort_as_numbers(numbers: list[int], prefix: str) -> None:
    ordered = natural_order([Path(f"{prefix}{number}.png") for number in numbers])
    assert ordered == [Path(f"{prefix}{number}.png") for number in sorted(numbers)]


@given(st.lists(st.text("aA1_2²٣.", min_size=1, max_size=6), unique=True), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_disk(names: list[str], random: Random) -> None:
    paths = list({Path(name) for name in names})
    shuffled = paths.copy()
    random.shuffle(shuffled)
    assert natural_order(shuffled) == natural_order(sorted(paths))
