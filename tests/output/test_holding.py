"""One process per output, and nothing left of a killed one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bonescan_yolo.errors import OutputError
from bonescan_yolo.output.holding import hold_folder, take
from bonescan_yolo.output.staging import staged_directory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")

KILLED = """
import os, signal
from pathlib import Path
from bonescan_yolo.output.staging import staged_directory
from bonescan_yolo.output.holding import hold_folder
{code}
os.kill(os.getpid(), signal.SIGKILL)
"""


def run_killed(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED.format(code=code)], check=False, capture_output=True)
    assert done.returncode == -9, done.stderr


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_that_is_being_written_is_refused_in_one_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with hold_folder(out):
        (out / "x").touch()
        with pytest.raises(OutputError, match=r"out: another process is writing there; wait"), hold_folder(out):
            pass
    with hold_folder(out):
        assert names(out) == ["x"]


def test_a_new_folder_that_stays_empty_is_removed_and_an_old_one_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name in ("old", "new"):
        with hold_folder(tmp_path / name):
            pass
    assert names(tmp_path) == ["old"]


def test_unfinished_files_of_a_killed_process_are_removed_and_no_others(tmp_path: Path) -> None:
    mine = ["a.part", ".hidden", ".x.part", ".x.ABCDEFGH.part", ".x.abcdefgh.part.txt"]
    for name in (*mine, ".x.json.abcd_f12.part", ".a\nb.json.abcd_f12.part"):
        (tmp_path / name).touch()
    (tmp_path / ".folder.abcdefgh.part").mkdir()
    with hold_folder(tmp_path):
        assert names(tmp_path) == sorted([*mine, ".folder.abcdefgh.part"])


def test_a_second_staging_of_the_same_folder_is_refused_and_of_another_is_not(tmp_path: Path) -> None:
    with staged_directory(tmp_path / "data") as staging:
        (staging / "x").touch()
        with pytest.raises(OutputError, match="another process is writing"), staged_directory(tmp_path / "data"):
            pass
        with staged_directory(tmp_path / "data2") as other:
            (other / "y").touch()
    assert names(tmp_path) == ["data", "data2"]
    assert names(tmp_path / "data") == ["x"]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    run_killed(f"hold = staged_directory(Path({str(tmp_path / 'data')!r})); hold.__enter__()")
    (left,) = names(tmp_path)
    assert left.startswith(".data.")
    (tmp_path / ".data.txt").touch()
    (tmp_path / ".data.notes.part").mkdir()
    with staged_directory(tmp_path / "data") as staging:
        (staging / "x").touch()
    assert names(tmp_path) == [".data.notes.part", ".data.txt", "data"]


def test_a_folder_is_put_back_after_a_kill_in_the_middle_of_an_exchange(tmp_path: Path) -> None:
    before = tmp_path / ".data.abcdefgh.old" / "data"
    before.mkdir(parents=True)
    (before / "only-copy").touch()

    def fail() -> None:
        with staged_directory(tmp_path / "data"):
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert names(tmp_path) == ["data"]
    assert names(tmp_path / "data") == ["only-copy"]


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    run_killed(f"hold = hold_folder(Path({str(tmp_path)!r})); hold.__enter__()")
    descriptor = take(tmp_path)
    assert descriptor is not None
