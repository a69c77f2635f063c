"""The user's scans in memory: boxes where prediction sees them, patients, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.adapt.annotated_scans import pool_splits, read_annotated
from bonescan_yolo.dataset.dataset_yaml import Dataset, read_dataset
from bonescan_yolo.errors import DatasetError

BOX = "0 0.5 0.5 0.1 0.05\n"


def write(
    folder: Path, count: int, size: tuple[int, int] = (1024, 256), labels: str = "0 0.5 0.5 0.1 0.05\n"
) -> Dataset:
    """A data set of scans that are black outside the only box; both views of a patient."""
    height, width = size
    for kind in ("images", "labels"):
        (folder / kind / "train").mkdir(parents=True)
    grey = np.zeros(size, np.uint8)
    grey[round(0.475 * height) : round(0.525 * height), round(0.45 * width) : round(0.55 * width)] = 200
    for index in range(count):
        name = f"{index // 2}_{('anterior', 'posterior')[index % 2]}"
        Image.fromarray(grey).save(folder / "images" / "train" / f"{name}.png")
        (folder / "labels" / "train" / f"{name}.txt").write_text(labels, encoding="ascii")
    yaml = folder / "dataset.yaml"
    yaml.write_text("train: images/train\nnames: [abnormal, normal]\n", encoding="utf-8")
    return read_dataset(yaml, needed=())


@pytest.mark.parametrize("size", [(1024, 256), (512, 200), (2048, 512)])
def test_boxes_are_on_their_hot_spots_in_the_frame(tmp_path: Path, size: tuple[int, int]) -> None:
    scan = read_annotated(write(tmp_path, 5, size))[0]
    assert scan.training.grey.shape == (1024, 256)
    rows, columns = np.nonzero(scan.training.grey > 100)
    hot = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert scan.training.boxes[0].tolist() == pytest.approx(hot, abs=1.5)
    assert (scan.n_boxes, scan.n_abnormal) == (1, 1)


def test_both_views_are_of_one_patient(tmp_path: Path) -> None:
    assert [scan.patient for scan in read_annotated(write(tmp_path, 6))] == ["0", "0", "1", "1", "2", "2"]


def test_too_few_scans_and_scans_without_a_box_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="has 4 scans; give at least 5"):
        read_annotated(write(tmp_path / "few", 4))
    with pytest.raises(DatasetError, match="no box on any of its 6 scans"):
        read_annotated(write(tmp_path / "empty", 6, labels=""))


def test_scans_of_all_splits_are_used(tmp_path: Path) -> None:
    images: dict[str, tuple[Path, ...]] = {split: (tmp_path / f"{split}.png",) for split in ("train", "val", "test")}
    pooled = pool_splits(Dataset(tmp_path / "dataset.yaml", "test", images))
    assert [image.name for image in pooled.images["train"]] == ["test.png", "train.png", "val.png"]
    assert list(pooled.images) == ["train"]
