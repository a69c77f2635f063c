"""The make targets: what is listed, what is made from what, and what is asked of the user."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
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


def test_the_site_is_built_by_tools_of_its_own_without_the_packages_of_training(checkout: Path) -> None:
    (checkout / ".venv" / "installed").unlink()
    make_file(checkout / "requirements-docs.txt")
    commands = make(checkout, "-n", "docs").stdout
    assert "-r requirements-docs.txt" in commands
    assert "-r requirements.txt" not in commands
    make_file(checkout / ".venv" / "docs" / "installed")
    assert make(checkout, "-n", "docs").stdout == "NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build\n"


def test_the_wheel_holds_nothing_of_an_earlier_build(checkout: Path) -> None:
    first, second = make(checkout, "-n", "wheel").stdout.splitlines()
    assert first == "rm -rf build/lib"
    assert second.endswith("--wheel-dir dist .")


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
        ".venv/bin/python -m bonescan_yolo.export runs/train/weights/best.pt --out weights/finetuned.onnx\n"
    )
    os.utime(checkout / "configs" / "train.yaml", (2e9, 2e9))
    assert "bonescan_yolo.train" in make(checkout, "-n", "export").stdout


def test_a_run_that_was_killed_is_not_exported_as_if_finished(checkout: Path) -> None:
    make_file(checkout / "data" / "bs80k" / "dataset.yaml")
    make_file(checkout / "runs" / "train" / "weights" / "best.pt")
    assert "bonescan_yolo.train" in make(checkout, "-n", "export").stdout
    assert "--resume" in make(checkout, "-n", "train", "TRAIN_ARGS=--resume").stdout


def test_training_starts_from_the_shipped_weights_when_they_are_there(checkout: Path) -> None:
    for target in ("train", "demo"):
        assert "--weights" not in make(checkout, "-n", target).stdout
    make_file(checkout / "weights" / "bonescan.pt")
    for target in ("train", "demo"):
        assert "--weights weights/bonescan.pt" in make(checkout, "-n", target).stdout
        assert "--weights scratch" in make(checkout, "-n", target, "WEIGHTS=scratch").stdout


def test_the_exported_model_is_used_before_the_shipped_one(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "the-name-of-this-computer")
    make_file(checkout / "data" / "bs80k" / "dataset.yaml")
    make_file(checkout / "weights" / "bonescan-app.onnx")
    commands = [("evaluate",), ("predict", "SCAN=scan.png")]
    for command in commands:
        assert "--model weights/bonescan-app.onnx" in make(checkout, "-n", *command).stdout
    make_file(checkout / "weights" / "finetuned-app.onnx")
    make_file(checkout / "weights" / "mine-app.onnx")
    for command in commands:
        assert "--model weights/finetuned-app.onnx" in make(checkout, "-n", *command).stdout
        assert "--model weights/mine-app.onnx" in make(checkout, "-n", *command, "NAME=mine").stdout
        assert "bonescan_yolo.train" not in make(checkout, "-n", *command).stdout


def test_a_model_exported_by_the_same_make_is_the_one_evaluated(checkout: Path) -> None:
    make_file(checkout / "data" / "bs80k" / "dataset.yaml")
    make_file(checkout / "runs" / "train" / "run.json")
    make_file(checkout / "weights" / "bonescan-app.onnx")
    python = checkout / ".venv" / "bin" / "python"
    python.write_text(
        '#!/bin/sh\nfor last; do :; done\n[ "$2" != bonescan_yolo.export ] || : > "$last" > "${last%.onnx}-app.onnx"\n'
    )
    python.chmod(0o755)
    assert "--model weights/finetuned-app.onnx" in make(checkout, "export", "evaluate").stdout


def test_evaluating_an_older_model_than_the_run_is_told(checkout: Path) -> None:
    make_file(checkout / "data" / "bs80k" / "dataset.yaml")
    model, run = checkout / "weights" / "finetuned-app.onnx", checkout / "runs" / "train" / "run.json"
    make_file(model)
    make_file(run)
    python = checkout / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    os.utime(run, (1e9, 1e9))
    assert make(checkout, "evaluate").stderr == ""
    os.utime(model, (9e8, 9e8))
    assert make(checkout, "evaluate").stderr.startswith("note: runs/train is newer than weights/finetuned-app.onnx")


def test_the_shipped_model_is_made_from_nothing_and_goes_on_where_it_was_stopped(checkout: Path) -> None:
    commands = make(checkout, "-n", "weights").stdout.replace("\\\n\t", "")
    steps = re.findall(r"-m bonescan_yolo[. ](\w+(?:-\w+)?)", commands)
    simulated = ["phantom", "convert"]
    assert steps == [*simulated, "train", *simulated, *simulated, "fit-thresholds", "release"]
    assert "--profile weights --weights scratch" in commands
    assert "--resume" not in commands
    assert "--data data/points_a/dataset.yaml data/points_b/dataset.yaml --split all" in commands
    assert "release runs/weights --out weights --operating-points runs/weights/points.json" in commands
    make_file(checkout / "data" / "weights" / "dataset.yaml")
    os.utime(checkout / "data" / "weights" / "dataset.yaml", (time.time() + 10,) * 2)
    last = checkout / "runs" / "weights" / "weights" / "last.pt"
    make_file(last)
    assert "--resume" not in make(checkout, "-n", "weights").stdout  # of other scans
    os.utime(last, (time.time() + 20,) * 2)
    assert "--resume" in make(checkout, "-n", "weights").stdout
    make_file(checkout / "runs" / "weights" / "run.json")
    os.utime(checkout / "runs" / "weights" / "run.json", (time.time() + 30,) * 2)
    assert "bonescan_yolo.train" not in make(checkout, "-n", "weights").stdout


def test_only_the_shipped_files_of_weights_are_kept_by_git() -> None:
    shipped = ["README.md", "bonescan.pt", "bonescan.onnx", "bonescan-app.onnx", "bonescan-app-int8.onnx"]
    names = [*shipped, "finetuned.onnx", "finetuned-app.onnx", "yolov8n.pt"]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *(f"weights/{name}" for name in names)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 128:
        pytest.skip("this is no git checkout")
    assert done.stdout.split() == ["weights/finetuned.onnx", "weights/finetuned-app.onnx", "weights/yolov8n.pt"]


@pytest.mark.parametrize(
    ("target", "missing", "expected"),
    [("data", "BS80K", "make data BS80K="), ("predict", "SCAN", "make predict SCAN=")],
)
def test_what_is_missing_is_asked_for(checkout: Path, target: str, missing: str, expected: str) -> None:
    done = make(checkout, target)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {missing}: is missing; run ")
    assert expected in done.stderr


def test_ci_calls_the_readmes_test_command_then_lint_then_builds_site_and_wheel() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-5:-1] == ["make test", "make lint", "make docs", "make wheel"]
    assert lines[-1].startswith(".ci/wheel dist/")
    assert "make test " in (ROOT / "README.md").read_text()
