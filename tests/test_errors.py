"""Kinds of errors: an app can tell a bad scan from a bad model."""

from __future__ import annotations

from pathlib import Path

import pytest

import bonescan_yolo
from bonescan_yolo import BonescanError, DatasetError, Detector, ModelError, OutputError, ScanError, SettingsError
from bonescan_yolo.config import read_yaml
from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.files import write_text
from bonescan_yolo.scan import read_scans


@pytest.mark.parametrize("kind", [ScanError, ModelError, DatasetError, SettingsError, OutputError])
def test_all_kinds_are_users_mistakes(kind: type[BonescanError]) -> None:
    assert issubclass(kind, BonescanError)
    assert str(kind("a\nb")) == r"a\nb"
    assert kind.__name__ in bonescan_yolo.__all__


def test_each_room_raises_its_own(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("something else")
    with pytest.raises(ScanError):
        read_scans(other)
    with pytest.raises(ModelError):
        Detector(other)
    with pytest.raises(SettingsError):
        read_yaml(other)
    (tmp_path / "dataset.yaml").write_text("names: [a, b]\n")
    with pytest.raises(DatasetError):
        read_dataset(tmp_path / "dataset.yaml")
    with pytest.raises(OutputError):
        write_text(other / "result.json", "{}")
