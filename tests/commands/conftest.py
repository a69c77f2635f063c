"""The prediction command with the known network."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo.commands import predict
from tests.conftest import RunCommand


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def read(run_command: RunCommand, model_path: Path, out: Path) -> RunCommand:
    """Return a function that runs the command with the known network, writing to `out`."""
    return lambda *arguments: run_command(predict.main, "--model", model_path, "--out", out, *arguments)
