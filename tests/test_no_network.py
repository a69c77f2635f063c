"""No command opens a connection: it works where there is no network at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import card_metadata, grey_scan, make_model, save
from tests.faults.fault_case import make_annotated, make_training

ROOT = Path(__file__).parents[1]

CONNECTS = """
import socket, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        sys.stderr.write(f"network: {event} {arguments}\\n")
sys.addaudithook(refuse)
sys.argv = ["bonescan", *sys.argv[1:]]
from bonescan_yolo.__main__ import run
run()
"""
"""Runs a command, and says whatever Python would connect to."""


@pytest.fixture
def without_network() -> list[str]:
    """Return what runs a command in a network namespace without routes."""
    unshare = shutil.which("unshare")
    if unshare is None or os.geteuid() != 0:
        pytest.skip("only root can make a network namespace")
    if subprocess.run([unshare, "-n", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system allows no network namespaces")
    return [unshare, "-n", sys.executable, "-c", CONNECTS]


@pytest.mark.parametrize(
    "arguments",
    [
        ("info",),
        ("predict", "1.png", "--model", "model.onnx", "--out", "out"),
        ("measure", "1.png", "--model", "model.onnx", "--out", "out"),
        ("suggest", "1.png", "--model", "model.onnx", "--out", "out"),
        ("convert", "csv", "in", "--out", "out"),
        ("simulate", "--studies", "1", "--out", "out"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_no_connection(tmp_path: Path, without_network: list[str], arguments: tuple[str, ...]) -> None:
    save(tmp_path / "1.png", grey_scan())
    (tmp_path / "model.onnx").write_bytes(make_model(card_metadata()))
    make_annotated(tmp_path)
    run_without_network(without_network, tmp_path, arguments)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--data", "in/dataset.yaml", "--weights", "model.pt", "--profile", "demo", "--epochs", "1", "--batch",
         "2", "--device", "cpu", "--out", "out"),
        ("export", "model.pt", "--data", "in/dataset.yaml", "--out", "out/x.onnx", "--files", "stock", "app"),
        ("evaluate", "--data", "in/dataset.yaml", "--model", "model.pt", "--out", "out", "--draws", "10"),
        ("adapt", "annotated/in", "--config", "recipe.yaml", "--quick", "--out", "out"),
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_no_connection_with_torch(tmp_path: Path, without_network: list[str], arguments: tuple[str, ...]) -> None:
    """Ultralytics would look for a network, send statistics and download a font."""
    make_training(tmp_path)
    make_annotated(tmp_path / "annotated")
    (tmp_path / "recipe.yaml").write_text("{steps: 1, batch: 1, replay_studies: 0}", encoding="utf-8")
    run_without_network(without_network, tmp_path, arguments)


def run_without_network(without_network: list[str], folder: Path, arguments: tuple[str, ...]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    command = [*without_network, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "network:" not in done.stderr
