"""`--operating-point` of the commands that read scans: which boxes are shown, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bonescan_yolo.commands import evaluate, measure, predict, suggest
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds
from tests.conftest import RunCommand
from tests.factories import SPOT_CONFIDENCES, card_metadata, grey_scan, make_dataset, make_model, save

POINTS = OperatingPoints(Thresholds(0.2, 0.3), Thresholds(0.85, 0.3), Thresholds(0.99, 0.3))
N_ABNORMAL = {"sensitive": 2, "balanced": 1, "specific": 0}
COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "predict": predict.main,
    "measure": measure.main,
    "suggest": suggest.main,
    "evaluate": evaluate.main,
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a model with operating points, between the confidences of the two abnormal boxes."""
    assert SPOT_CONFIDENCES[1] < POINTS.balanced.abnormal < SPOT_CONFIDENCES[0]
    path = tmp_path / "points.onnx"
    path.write_bytes(make_model(card_metadata(ModelCard("squares").with_operating_points(POINTS))))
    return path


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Return a scan with two abnormal spots."""
    return save(tmp_path / "scans" / "1_anterior.png", grey_scan())


@pytest.mark.parametrize("command", ["predict", "measure"])
@pytest.mark.parametrize("point", N_ABNORMAL)
def test_boxes_are_shown_at_the_point(
    run_command: RunCommand, model: Path, scan: Path, command: str, point: str
) -> None:
    out = scan.parent / "out"
    arguments = (scan, "--model", model, "--out", out, "--operating-point", point)
    assert run_command(COMMANDS[command], *arguments).code == 0
    reading = json.loads((out / "1_anterior.json").read_text())
    assert reading["summary"]["n_abnormal"] == N_ABNORMAL[point]
    assert reading["model"]["operating_point"] == point
    assert reading["model"]["confidence_threshold"] == POINTS.at(point).lowest


def test_suggestions_have_the_boxes_of_the_point(
    run_command: RunCommand, tmp_path: Path, model: Path, scan: Path
) -> None:
    out = tmp_path / "out"
    outcome = run_command(suggest.main, scan, "--model", model, "--out", out, "--operating-point", "specific")
    assert outcome.code == 0, outcome.err
    (shapes,) = [json.loads(path.read_text())["shapes"] for path in out.rglob("*anterior*.json")]
    assert [shape["label"] for shape in shapes] == ["normal"]


def test_an_evaluation_says_at_which_point_it_was(run_command: RunCommand, tmp_path: Path, model: Path) -> None:
    arguments = ("--data", make_dataset(tmp_path / "set"), "--model", model, "--out", tmp_path / "out", "--draws", "1")
    assert run_command(evaluate.main, *arguments, "--operating-point", "sensitive").code == 0
    (described,) = json.loads((tmp_path / "out" / "metrics.json").read_text())["models"]
    assert described["operating_point"] == "sensitive"
    assert described["thresholds"] == POINTS.sensitive.as_record()
    assert described["figures"]["hits/recall/abnormal"]["value"] == 1
    assert "(operating point sensitive)" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_model_without_points_is_refused_in_one_line(
    run_command: RunCommand, tmp_path: Path, model_path: Path, scan: Path, command: str
) -> None:
    of = ("--data", make_dataset(tmp_path / "set")) if command == "evaluate" else (scan,)
    arguments = (*of, "--model", model_path, "--out", tmp_path / "out", "--operating-point", "sensitive")
    outcome = run_command(COMMANDS[command], *arguments)
    assert (outcome.code, outcome.err) == (2, f"error: {model_path}: has no operating points; give --conf\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_point_and_a_confidence_exclude_each_other(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    of = ["--data", str(tmp_path)] if command == "evaluate" else [str(tmp_path)]
    with pytest.raises(SystemExit) as stopped:
        COMMANDS[command]([*of, "--conf", "0.4", "--operating-point", "sensitive"])
    assert stopped.value.code == 2
    assert "argument --operating-point: not allowed with argument --conf" in capsys.readouterr().err
