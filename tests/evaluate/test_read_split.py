"""Which splits a name means, and where the boxes of a split are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bonescan_yolo.dataset.dataset_yaml import Dataset, read_dataset
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.evaluate.matching.evaluated_scan import NO_BONE
from bonescan_yolo.evaluate.read_split import ALL, open_model, read_split, splits_of
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.regions.region_names import REGIONS
from tests.factories import SPOT_BOXES, make_dataset
from tests.shared.site_cases import put

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


def test_true_and_predicted_boxes_are_where_the_map_of_bones_says(
    tmp_path: Path, model_path: Path, map_of_bones: NDArray[np.uint8]
) -> None:
    dataset = read_dataset(make_dataset(tmp_path))
    put(map_of_bones, "left_ribs_7", SPOT_BOXES[0])
    put(map_of_bones, "skull", SPOT_BOXES[2])
    (scan,) = read_split(dataset, "test", open_model(model_path, regions=True), Thresholds.both(0.5))
    expected = [REGIONS.index("left_ribs"), NO_BONE, REGIONS.index("skull")]
    assert scan.true_places.regions is not None
    assert scan.places.regions is not None
    assert scan.true_places.regions.tolist() == expected
    assert scan.places.regions[:3].tolist() == expected


def test_a_model_without_a_map_gives_no_places_in_the_skeleton(tmp_path: Path, model_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path))
    (scan,) = read_split(dataset, "test", open_model(model_path, regions=True), Thresholds.both(0.5))
    assert (scan.true_places.regions, scan.places.regions) == (None, None)
