"""What many tests share: the network with a known answer, and a scan it reads."""

from __future__ import annotations

import dataclasses
import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from tests import factories

settings.register_profile("bonescan", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("bonescan")


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


RunCommand = Callable[..., Outcome]


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the network of `factories.make_model` as a file."""
    path = tmp_path_factory.mktemp("model") / "cells.onnx"
    path.write_bytes(factories.make_model(factories.card_metadata()))
    return path


@pytest.fixture
def scan_path(tmp_path: Path) -> Path:
    """Return a PNG with three hot spots."""
    return factories.save(tmp_path / "scans" / "patient_ant.png", factories.grey_scan())


@pytest.fixture
def map_of_bones(monkeypatch: pytest.MonkeyPatch) -> NDArray[np.uint8]:
    """Return a map, all 0, that the network of `model_path` then gives of every scan; a test fills in its bones."""
    from bonescan_yolo.model.runtime import RawLayout
    from tests.shared.site_cases import cover_of

    cover, find = cover_of([]), RawLayout.find

    def find_with_map(*arguments: Any, **options: Any) -> Any:
        return dataclasses.replace(find(*arguments, **options), cover=cover)

    monkeypatch.setattr(RawLayout, "find", find_with_map)
    return cover


@pytest.fixture
def lock_folder(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return a function that makes a folder unreadable, also for root, whom the file system lets read everything."""
    locked: set[str] = set()
    scandir = os.scandir

    def refuse_locked(path: Any = ".") -> Any:
        if os.fspath(path) in locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse_locked)
    return lambda folder: locked.add(str(folder))


@pytest.fixture
def run_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    """Return a function that runs `main` as `python -m` does, in this process."""
    from bonescan_yolo import cli

    def run(main: Callable[..., int], *arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.run(main)
        out, err = capsys.readouterr()
        return Outcome(int(stop.value.code or 0), out, err)

    return run
