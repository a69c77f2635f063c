"""The options that the commands `export` and `release` share."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from bonescan_yolo.commands.card_options import add_card_options, read_rescoring, read_shown
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.points_file import write_points
from bonescan_yolo.model.rescoring import NO_RESCORING, Rescoring
from bonescan_yolo.model.thresholds import Thresholds


@pytest.mark.parametrize(
    ("arguments", "rescoring"),
    [
        ([], NO_RESCORING),
        (["--rescoring", "0.5", "0.2"], Rescoring(0.5, 0.2)),
        (["--context", "0.5", "0.2"], Rescoring(0.5, 0.2)),
    ],
)
def test_the_rescoring_has_its_earlier_name_too(arguments: list[str], rescoring: Rescoring) -> None:
    parser = argparse.ArgumentParser()
    add_card_options(parser)
    assert read_rescoring(parser.parse_args(arguments)) == rescoring
    assert "--context" not in parser.format_help()


@pytest.mark.parametrize(
    ("arguments", "thresholds"),
    [
        ([], Thresholds.both(0.25)),
        (["--conf", "0.4"], Thresholds.both(0.4)),
        (["--conf", "abnormal=0.4,normal=0.3"], Thresholds(abnormal=0.4, normal=0.3)),
    ],
)
def test_one_threshold_or_one_for_each_class(arguments: list[str], thresholds: Thresholds) -> None:
    parser = argparse.ArgumentParser()
    add_card_options(parser)
    assert read_shown(parser.parse_args(arguments)) == thresholds
    assert "abnormal=0.4,normal=0.3 (0.25)" in " ".join(parser.format_help().split())


def test_operating_points_come_from_a_file_in_place_of_thresholds(tmp_path: Path) -> None:
    points = OperatingPoints(Thresholds(0.2, 0.3), Thresholds(0.4, 0.3), Thresholds(0.7, 0.3))
    write_points(tmp_path / "points.json", points)
    parser = argparse.ArgumentParser()
    add_card_options(parser)
    arguments = ["--operating-points", str(tmp_path / "points.json")]
    assert read_shown(parser.parse_args(arguments)) == points
    with pytest.raises(SystemExit):
        parser.parse_args([*arguments, "--conf", "0.4"])
