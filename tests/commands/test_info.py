"""What `bonescan info` says of an installation and of a model."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest

from bonescan_yolo import __version__
from bonescan_yolo.commands import info
from bonescan_yolo.files import sha256_of
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.resources import core_count
from tests.conftest import RunCommand
from tests.factories import card_metadata, make_model

REQUIRED = [
    "numpy>=1.24",
    'torch==2.13.0; extra == "train"',
    'bonescan_yolo[settings]; extra == "train"',
    'nowhere-to-be-found>=1; python_version < "4" and extra == "simulate"',
]


def test_json_names_model_threads_and_extras(run_command: RunCommand, model_path: Path) -> None:
    outcome = run_command(info.main, "--json", "--model", model_path)
    facts = json.loads(outcome.out)
    assert outcome.code == 0
    assert (facts["version"], facts["threads"]) == (__version__, core_count())
    assert facts["model"]["file"] == str(model_path)
    assert facts["model"]["sha256"] == sha256_of(model_path)
    assert facts["model"]["class_names"] == ["abnormal", "normal"]
    assert "CPUExecutionProvider" in facts["providers"]
    assert set(facts["extras"]) == set(info.EXTRAS)
    assert facts["notice"] == "Research software, not a medical device."


def test_people_get_lines(run_command: RunCommand, model_path: Path) -> None:
    outcome = run_command(info.main, "--model", model_path)
    assert outcome.out.startswith(f"bonescan_yolo {__version__}, Python ")
    assert sha256_of(model_path) in outcome.out
    assert "            shows boxes above confidence 0.25\n" in outcome.out


def test_a_model_with_a_threshold_for_each_class(run_command: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "two.onnx"
    path.write_bytes(make_model(card_metadata(ModelCard("squares", confidence=0.4, normal_confidence=0.3))))
    outcome = run_command(info.main, "--model", path)
    assert "            shows boxes above confidence 0.4 (abnormal), 0.3 (normal)\n" in outcome.out
    facts = json.loads(run_command(info.main, "--json", "--model", path).out)
    assert facts["model"]["thresholds"] == {"abnormal": 0.4, "normal": 0.3}


def test_operating_points_have_a_line_each(run_command: RunCommand, tmp_path: Path) -> None:
    points = OperatingPoints(Thresholds(0.2, 0.3), Thresholds(0.4, 0.3), Thresholds(0.7, 0.3))
    path = tmp_path / "points.onnx"
    path.write_bytes(make_model(card_metadata(ModelCard("squares").with_operating_points(points))))
    lines = run_command(info.main, "--model", path).out.splitlines()
    assert "            at operating point sensitive above 0.2 (abnormal), 0.3 (normal)" in lines
    facts = json.loads(run_command(info.main, "--json", "--model", path).out)["model"]
    assert facts["operating_points"] == points.as_record()
    assert {"sensitive", "specific"}.isdisjoint(facts)


def test_missing_packages_are_those_an_extra_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: REQUIRED)
    assert info.missing_packages("simulate") == ["nowhere-to-be-found"]
    assert "nowhere-to-be-found" not in info.missing_packages("train")
    assert info.missing_packages("evaluate") == []


def test_a_model_that_is_missing_is_one_line(run_command: RunCommand, tmp_path: Path) -> None:
    outcome = run_command(info.main, "--model", tmp_path / "none.onnx")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
