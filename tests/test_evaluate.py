"""The evaluation command, on scans whose boxes the network finds exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bonescan_yolo import evaluate
from bonescan_yolo.dataset_yaml import read_dataset
from bonescan_yolo.files import sha256_of
from tests.conftest import RunCommand
from tests.factories import grey_scan, make_dataset, save


def test_a_perfect_model(run_command: RunCommand, tmp_path: Path, model_path: Path) -> None:
    yaml = make_dataset(tmp_path / "set")
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    content = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert content["model"] == {"file": str(model_path), "sha256": sha256_of(model_path), "trained_on": "squares"}
    assert content["data"] == {
        "path": str(yaml),
        "sha256": read_dataset(yaml).sha256(),
        "split": "test",
        "scans": 1,
    }
    precision = content["average_precision"]
    assert precision["all"] == precision["posterior"]
    assert precision["all"]["abnormal"]["true_boxes"] == 2
    assert precision["all"]["abnormal"]["ap50"] == pytest.approx(1)
    assert precision["all"]["normal"]["ap50_95"] == pytest.approx(1)
    assert precision["anterior"]["abnormal"] == {"true_boxes": 0, "ap50": None, "ap50_95": None}
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["view", "class", "boxes", "AP50", "AP50-95"]
    assert lines[1].split() == ["all", "abnormal", "2", "1.000", "1.000"]
    assert "no box" in lines[3]
    assert lines[-1].startswith(f"1 scans of {yaml}, split test")


def test_a_missed_scan_lowers_the_result(run_command: RunCommand, tmp_path: Path, model_path: Path) -> None:
    """Of two scans of equal boxes one is empty: half of the boxes can be found, at full precision."""
    yaml = make_dataset(tmp_path / "set")
    save(tmp_path / "set" / "images" / "train" / "1_posterior.png", 0 * grey_scan())
    arguments = ("--data", yaml, "--model", model_path, "--out", tmp_path / "out", "--split", "train")
    assert run_command(evaluate.main, *arguments).code == 0
    precision = json.loads((tmp_path / "out" / "metrics.json").read_text())["average_precision"]
    assert precision["anterior"]["abnormal"]["ap50"] == pytest.approx(1)
    assert precision["posterior"]["abnormal"]["ap50"] == 0
    assert precision["all"]["normal"]["ap50"] == pytest.approx(51 / 101)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "dataset.yaml").unlink(), "dataset.yaml: cannot be read"),
        (lambda folder: (folder / "labels/test/3_posterior.txt").unlink(), "3_posterior.txt: cannot be read"),
        (lambda folder: (folder / "images/test/3_posterior.png").unlink(), "split `test` has no scans"),
        (lambda folder: (folder / "images/test/3_posterior.png").write_bytes(b""), "3_posterior.png: is empty"),
    ],
)
def test_mistakes(run_command: RunCommand, tmp_path: Path, model_path: Path, break_it, message: str) -> None:  # type: ignore[no-untyped-def]
    yaml = make_dataset(tmp_path / "set")
    break_it(tmp_path / "set")
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
