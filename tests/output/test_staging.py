"""What goes wrong beside a folder that is being written, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo.errors import OutputError
from bonescan_yolo.output.staging import hidden_folder_beside, staged_directory


def test_the_hidden_folder_is_beside_and_goes_with_the_block(tmp_path: Path) -> None:
    with hidden_folder_beside(tmp_path / "new" / "x.onnx") as folder:
        assert folder.parent == tmp_path / "new"
        assert folder.name.startswith(".x.onnx.")
    assert list((tmp_path / "new").iterdir()) == []


def test_one_at_a_time(tmp_path: Path) -> None:
    with (
        hidden_folder_beside(tmp_path / "x.onnx"),
        pytest.raises(OutputError, match="another process is writing there"),
        hidden_folder_beside(tmp_path / "x.onnx"),
    ):
        pytest.fail("both had it")


def test_a_file_that_cannot_be_written_below_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(OutputError, match=r"out: cannot be written \(no such file or directory\)"),
        staged_directory(Path("out")) as folder,
    ):
        (folder.absolute() / "missing" / "1.png").write_bytes(b"")


def test_an_error_of_a_file_elsewhere_is_not_one_of_the_output(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), staged_directory(tmp_path / "out" / "here"):
        (tmp_path / "source.png").read_bytes()
