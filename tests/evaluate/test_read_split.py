"""Which splits a name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo.dataset.dataset_yaml import Dataset
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.evaluate.read_split import ALL, splits_of

ONE, TWO = (Path("1.png"),), (Path("2.png"),)


def test_all_are_the_splits_with_scans_of_their_own() -> None:
    assert splits_of(Dataset(Path("d.yaml"), "test", {"train": ONE, "val": TWO, "test": ()}), ALL) == ("train", "val")


def test_the_same_scans_in_every_split_count_once() -> None:
    same = Dataset(Path("d.yaml"), "test", {"train": ONE + TWO, "val": ONE + TWO, "test": TWO})
    assert splits_of(same, ALL) == ("train",)
    assert splits_of(same, "val") == ("val",)


def test_a_split_without_scans_is_refused() -> None:
    with pytest.raises(DatasetError, match="split `test` has no scans"):
        splits_of(Dataset(Path("d.yaml"), "test", {"train": ONE}), "test")
