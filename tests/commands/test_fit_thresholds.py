"""The command that chooses operating points, on scans whose boxes the network finds exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo.commands import fit_thresholds
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.points_file import read_points
from tests.conftest import RunCommand
from tests.factories import SPOT_GREYS, make_dataset


@pytest.fixture
def model(tmp_path: Path, model_path: Path) -> Path:
    """Return a copy of the model, which may be changed."""
    copy = tmp_path / "model.onnx"
    copy.write_bytes(model_path.read_bytes())
    return copy


def miss_one(yaml: Path) -> None:
    """Take the second abnormal box off the truth of the scan in val, so that the model's box there is false."""
    labels = yaml.parent / "labels" / "val" / "2_anterior.txt"
    lines = labels.read_text().splitlines(keepends=True)
    labels.write_text("".join([lines[0], *lines[2:]]))


def test_a_table_of_the_points_on_each_data_set(run_command: RunCommand, tmp_path: Path, model: Path) -> None:
    sets = [make_dataset(tmp_path / name) for name in ("one", "two")]
    miss_one(sets[0])
    arguments = ("--data", *sets, "--model", model, "--draws", "10", "--false-per-scan", "9000", "0.5", "0.3")
    before = model.read_bytes()
    outcome = run_command(fit_thresholds.main, *arguments, "--out", tmp_path / "points.json")
    assert outcome.code == 0, outcome.err
    points = read_points(tmp_path / "points.json")
    body, false, hit = 30 / 255, SPOT_GREYS[1] / 255, SPOT_GREYS[0] / 255
    assert body < points.balanced.abnormal < SPOT_GREYS[1] / 255  # one false box in one of two sets is 0.5
    assert false < points.specific.abnormal < hit
    assert points.sensitive.abnormal == 0.01
    assert body < points.balanced.normal < SPOT_GREYS[2] / 255
    lines = outcome.out.splitlines()
    assert lines[0] == f"operating points of {model}"
    own = [f"{each:g}" for each in points.balanced.by_class]
    assert lines[3].split() == ["balanced", "at", "most", "0.5", "per", "scan", *own]
    assert sum(line.endswith("1 scans of 1 patients; in brackets 95 % intervals") for line in lines) == 2
    balanced = [line.split() for line in lines if line.startswith("balanced") and "abnormal" in line]
    assert [line[2:] for line in balanced] == [["1.000", "1.000", "0.667"], ["1.000", "0.000", "1.000"]]
    assert lines[-1].startswith(str(tmp_path / "points.json"))
    assert model.read_bytes() == before


def test_a_point_that_is_not_reached_is_named(run_command: RunCommand, tmp_path: Path, model: Path) -> None:
    arguments = ("--data", make_dataset(tmp_path / "set"), "--model", model, "--draws", "1")
    outcome = run_command(fit_thresholds.main, *arguments, "--false-per-scan", "9000", "5", "0.3")
    assert "sensitive has fewer false abnormal boxes even at the lowest threshold" in outcome.out
    assert outcome.out.splitlines()[2].split() == ["sensitive", "at", "most", "9000", "per", "scan", "0.01", "0.353"]


def test_without_rates_the_points_are_around_the_highest_f1(
    run_command: RunCommand, tmp_path: Path, model: Path
) -> None:
    data = make_dataset(tmp_path / "set")
    miss_one(data)
    arguments = ("--data", data, "--model", model, "--draws", "1", "--out", tmp_path / "points.json")
    outcome = run_command(fit_thresholds.main, *arguments)
    assert outcome.code == 0, outcome.err
    points = read_points(tmp_path / "points.json")
    assert SPOT_GREYS[1] / 255 < points.balanced.abnormal < SPOT_GREYS[0] / 255
    assert points.sensitive == points.specific == points.balanced  # which has no false box
    lines = outcome.out.splitlines()
    own = [f"{each:g}" for each in points.balanced.by_class]
    assert [line.split() for line in lines[2:5]] == [
        ["sensitive", "2", "x", "balanced", *own],
        ["balanced", "at", "the", "highest", "F1", *own],
        ["specific", "0.3", "x", "balanced", *own],
    ]
    wanted = "sensitive and specific are uncertain: balanced has 0 false abnormal boxes on all scans, fewer than 34"
    assert lines[5] == wanted


def test_points_are_stored_in_the_file(run_command: RunCommand, tmp_path: Path, model: Path) -> None:
    arguments = ("--data", make_dataset(tmp_path / "set"), "--model", model, "--draws", "1", "--split", "all")
    outcome = run_command(fit_thresholds.main, *arguments, "--store", "--out", tmp_path / "points.json")
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines()[-1] == f"{model}  now has these operating points"
    assert Detector(model).card.operating_points == read_points(tmp_path / "points.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--false-per-scan", "1", "2", "0.3"), "--false-per-scan 1 2 0.3: are not falling numbers above 0; give such"),
        (("--false-per-scan", "1", "1", "0"), "--false-per-scan 1 1 0: are not falling numbers above 0; give such"),
        (("--false-per-scan", "nan", "1", "0.3"), "--false-per-scan nan 1 0.3: are not falling numbers above 0"),
        (("--draws", "0"), "--draws must be at least 1"),
        (("--model", "best.pt"), "best.pt: does not exist"),
    ],
)
def test_what_is_refused_in_one_line(
    run_command: RunCommand, tmp_path: Path, model: Path, arguments: tuple[str, ...], message: str
) -> None:
    data = make_dataset(tmp_path / "set")
    outcome = run_command(fit_thresholds.main, "--data", data, "--model", model, *arguments)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert message in outcome.err
