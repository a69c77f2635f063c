"""Every command that loads a .pt file: code in it does not run, and each says so in one line."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
import torch

from bonescan_yolo.files import sha256_of
from bonescan_yolo.train.settings import CONFIG_FILE, shipped_config_with
from tests.conftest import RunCommand
from tests.factories import make_dataset


class Command:
    """Pickled as a command of the shell."""

    def __init__(self, line: str) -> None:
        self.line = line

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self.line,)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return the folder of a finished run whose weights are code, but for the last epoch's."""
    (tmp_path / "run" / "weights").mkdir(parents=True)
    best = tmp_path / "run" / "weights" / "best.pt"
    torch.save({"model": Command(f"touch {tmp_path / 'ran'}")}, best)
    yaml = make_dataset(tmp_path / "set")
    config = shipped_config_with({"data": str(yaml), "out": str(tmp_path / "run"), "device": "cpu"})
    (tmp_path / "run" / CONFIG_FILE).write_text(config.model_dump_json())
    (tmp_path / "run" / "run.json").write_text(f'{{"weights": {{"best": "{sha256_of(best)}"}}}}')
    shipped = Path(__file__).parents[2] / "weights" / "bonescan.pt"
    (best.with_name("last.pt")).write_bytes(shipped.read_bytes())
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("train", ["--data", "{data}", "--out", "{out}", "--weights", "{best}"]),
        ("train", ["--resume", "--out", "{run}"]),
        ("export", ["{best}", "--data", "{data}", "--out", "{out}.onnx"]),
        ("release", ["{run}", "--data", "{data}", "--out", "{out}"]),
        ("fit_rescoring", ["--data", "{data}", "--weights", "{best}"]),
        ("evaluate", ["--data", "{data}", "--model", "{best}", "--out", "{out}"]),
    ],
)
def test_code_does_not_run(
    run_command: RunCommand, tmp_path: Path, run: Path, command: str, arguments: list[str]
) -> None:
    names = {
        "data": tmp_path / "set" / "dataset.yaml",
        "out": tmp_path / "out",
        "run": run,
        "best": run / "weights" / "best.pt",
    }
    main = import_module(f"bonescan_yolo.commands.{command}").main
    outcome = run_command(main, *(argument.format(**names) for argument in arguments))
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "best.pt: is not a YOLO .pt file that can be loaded, since it uses `posix.system`" in outcome.err
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "out").exists()
