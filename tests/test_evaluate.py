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


def test_hits_at_the_models_own_threshold(run_command: RunCommand, tmp_path: Path, model_path: Path) -> None:
    """Above 0.25 stand the three spots, with grey level 150/255 the lowest; the body lies below, at 30/255."""
    yaml = make_dataset(tmp_path / "set")
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", tmp_path / "out")
    hits = json.loads((tmp_path / "out" / "metrics.json").read_text())["hits"]
    perfect = {"false_positives": 0, "misses": 0, "precision": 1, "recall": 1, "f1": 1, "false_per_scan": 0}
    best = pytest.approx((150 + 30) / 2 / 255, abs=0.001)
    assert hits["rule"].startswith("IoU of at least 0.2 with a true box of the class, or centre inside it")
    assert {key: value for key, value in hits.items() if key != "rule"} == {
        "threshold": 0.25,
        "best_threshold": best,
        "abnormal": {"true_positives": 2} | perfect,
        "normal": {"true_positives": 1} | perfect,
    }
    lines = outcome.out.splitlines()
    start = lines.index("hits above confidence 0.25 (IoU of at least 0.2, or centre inside the true box)")
    assert lines[start + 1].split() == ["class", "hit", "missed", "false", "precision", "recall", "F1", "false/scan"]
    assert lines[start + 2].split() == ["abnormal", "2", "0", "0", "1.000", "1.000", "1.000", "0.00"]
    assert lines[start + 4] == f"best threshold on this split: {hits['best_threshold']}"


def test_hits_at_a_chosen_threshold(run_command: RunCommand, tmp_path: Path, model_path: Path) -> None:
    """Above 0.7 (of 255: 179) stand the spots of 250 and 200, not the normal one of 150."""
    yaml = make_dataset(tmp_path / "set")
    arguments = ("--data", yaml, "--model", model_path, "--out", tmp_path / "out", "--conf", "0.7")
    outcome = run_command(evaluate.main, *arguments)
    hits = json.loads((tmp_path / "out" / "metrics.json").read_text())["hits"]
    assert hits["threshold"] == 0.7
    assert hits["abnormal"]["true_positives"] == 2
    assert (hits["normal"]["misses"], hits["normal"]["precision"], hits["normal"]["recall"]) == (1, None, 0)
    assert ["normal", "0", "1", "0", "-", "0.000", "0.000", "0.00"] in [
        line.split() for line in outcome.out.splitlines()
    ]


def test_no_best_threshold_without_a_hit(run_command: RunCommand, tmp_path: Path, model_path: Path) -> None:
    yaml = make_dataset(tmp_path / "set")
    save(tmp_path / "set" / "images" / "test" / "3_posterior.png", 0 * grey_scan())
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["hits"]["best_threshold"] is None
    assert "best threshold on this split: none, as nothing is hit\n" in outcome.out


@pytest.mark.parametrize("confidence", ["0", "1.5", "nan"])
def test_a_threshold_out_of_range(run_command: RunCommand, tmp_path: Path, model_path: Path, confidence: str) -> None:
    yaml = make_dataset(tmp_path / "set")
    arguments = ("--data", yaml, "--model", model_path, "--out", tmp_path / "out", "--conf", confidence)
    outcome = run_command(evaluate.main, *arguments)
    assert outcome.code == 2
    assert f"confidence {float(confidence)}: lies outside 0.001 to 1" in outcome.err
    assert not (tmp_path / "out").exists()


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
