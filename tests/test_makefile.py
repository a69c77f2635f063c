"""The make targets: what is listed, what is made from what, and what is asked of the user."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What make looks at: the files of the project, and an installation that is newer than what it depends on."""
    for name in ("Makefile", "requirements.txt", "requirements-predict.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("configs", "bonescan_yolo"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".venv/bin/python", ".venv/installed", ".venv/tools-installed"):
        make_file(tmp_path / name)
    return tmp_path


def make_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=checkout, capture_output=True, text=True, env=clean, check=False)


def test_make_alone_lists_every_target_in_one_line(checkout: Path) -> None:
    listed = {line.split()[0]: line for line in make(checkout).stdout.splitlines()}
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert set(listed) == set(phony.split()[1:]) - {"help"}
    assert all(len(line) <= 110 for line in listed.values())


def test_training_takes_simulated_scans_until_bs80k_is_converted(checkout: Path) -> None:
    assert "--data data/phantom/dataset.yaml" in make(checkout, "-n", "train").stdout
    make_file(checkout / "data" / "bs80k" / "dataset.yaml")
    commands = make(checkout, "-n", "train").stdout
    assert "--data data/bs80k/dataset.yaml" in commands
    assert "phantom" not in commands


def test_only_what_changed_is_made_again(checkout: Path) -> None:
    make_file(checkout / "data" / "bs80k" / "dataset.yaml")
    make_file(checkout / "runs" / "train" / "run.json")
    assert "Nothing to be done" in make(checkout, "-n", "train").stdout
    assert make(checkout, "-n", "export").stdout == (
        ".venv/bin/python -m bonescan_yolo.export runs/train/weights/best.pt --out weights/bonescan.onnx\n"
    )
    os.utime(checkout / "configs" / "train.yaml", (2e9, 2e9))
    assert "bonescan_yolo.train" in make(checkout, "-n", "export").stdout


def test_a_run_that_was_killed_is_not_exported_as_if_finished(checkout: Path) -> None:
    make_file(checkout / "data" / "bs80k" / "dataset.yaml")
    make_file(checkout / "runs" / "train" / "weights" / "best.pt")
    assert "bonescan_yolo.train" in make(checkout, "-n", "export").stdout
    assert "--resume" in make(checkout, "-n", "train", "TRAIN_ARGS=--resume").stdout


@pytest.mark.parametrize(("target", "expected"), [("data", "make data BS80K="), ("predict", "make predict SCAN=")])
def test_what_is_missing_is_asked_for(checkout: Path, target: str, expected: str) -> None:
    done = make(checkout, target)
    assert done.returncode == 2
    assert done.stderr.startswith("error: say w")
    assert expected in done.stderr


def test_ci_calls_the_readmes_test_command_then_lint() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-2:] == ["make test", "make lint"]
    assert "make test " in (ROOT / "README.md").read_text()
