"""Whose a scan is: the table knows more than the name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.dataset.patients import patients_of
from bonescan_yolo.errors import BonescanError
from tests.factories import make_dataset


def test_from_names(tmp_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path / "set"))
    assert patients_of(dataset, "train") == ["1", "1"]
    assert patients_of(dataset, "test") == ["3"]


@pytest.mark.parametrize("in_folds", [False, True])
def test_from_the_table(tmp_path: Path, in_folds: bool) -> None:
    """The YAML of a fold lies a folder below the table and lists its images in a text file."""
    yaml = make_dataset(tmp_path / "set")
    (tmp_path / "set" / "scans.csv").write_text("image,patient\nimages/train/1_posterior.png,another\n")
    if in_folds:
        (tmp_path / "set" / "folds").mkdir()
        (tmp_path / "set" / "folds" / "train.txt").write_text(
            "./../images/train/1_anterior.png\n./../images/train/1_posterior.png\n"
        )
        text = yaml.read_text().replace("images/train", "train.txt").replace("images/val", "../images/val")
        yaml = tmp_path / "set" / "folds" / "fold-0.yaml"
        yaml.write_text(text.replace("images/test", "../images/test"))
    assert patients_of(read_dataset(yaml), "train") == ["1", "another"]


@pytest.mark.parametrize("content", [b"image,split\na,b\n", b"image,patient\n\xff\n"])
def test_a_damaged_table(tmp_path: Path, content: bytes) -> None:
    dataset = read_dataset(make_dataset(tmp_path / "set"))
    (tmp_path / "set" / "scans.csv").write_bytes(content)
    with pytest.raises(BonescanError, match=r"scans\.csv: is not a table of scans; convert the data set again"):
        patients_of(dataset, "test")
