"""Ultralytics prepared as every command prepares it, and a small data set to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.dataset.dataset_yaml import bones_path
from bonescan_yolo.regions.bone_files import encode_map
from bonescan_yolo.regions.region_map import bone_map
from bonescan_yolo.regions.region_names import BONES
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

prepare_ultralytics()  # before any test module imports ultralytics

SCANS = {"train": 9, "val": 4, "test": 2}
FEW_SCANS = {"train": 4, "val": 1, "test": 1}


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A converted data set of noisy scans with bright squares; one training scan has another shape."""
    return _write_dataset(tmp_path_factory.mktemp("data") / "small", SCANS)


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with fewer scans, for whole runs."""
    return _write_dataset(tmp_path_factory.mktemp("data") / "tiny", FEW_SCANS)


@pytest.fixture(scope="session")
def dataset_with_bones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with bones on all training scans but the first, which has another shape, and the second."""
    yaml = _write_dataset(tmp_path_factory.mktemp("data") / "bones", FEW_SCANS)
    for image in sorted((yaml.parent / "images" / "train").iterdir())[2:]:
        path = bones_path(image)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_map(bone_map(_bones())))
    return yaml


def _bones() -> NDArray[np.bool_]:
    """Every bone as a square, each at a place of its own."""
    masks = np.zeros((len(BONES), 1024, 256), bool)
    for index, mask in enumerate(masks):
        row, column = divmod(index, 8)
        mask[40 + 80 * row :, 8 + 30 * column :][:40, :20] = True
    return masks


def _write_dataset(folder: Path, scans: dict[str, int]) -> Path:
    generator = np.random.default_rng(0)
    for split, count in scans.items():
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
        for index in range(count):
            size = (512, 200) if (split, index) == ("train", 0) else (1024, 256)
            image, labels = _scan(generator, *size)
            Image.fromarray(image).save(folder / "images" / split / f"{index}_anterior.png")
            (folder / "labels" / split / f"{index}_anterior.txt").write_text(labels)
    yaml = folder / "dataset.yaml"
    yaml.write_text(
        "train: images/train\nval: images/val\ntest: images/test\nchannels: 1\nnames: {0: abnormal, 1: normal}\n"
    )
    return yaml


def _scan(generator: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, str]:
    """Noise with two bright squares, one of each class."""
    image = generator.poisson(5, (height, width)).clip(0, 255).astype(np.uint8)
    lines = []
    for class_id in (0, 1):
        x, y = int(generator.integers(10, width - 40)), int(generator.integers(10, height - 40))
        image[y : y + 20, x : x + 20] = 120 + 100 * class_id
        lines.append(f"{class_id} {(x + 10) / width:.6f} {(y + 10) / height:.6f} {20 / width:.6f} {20 / height:.6f}\n")
    return image, "".join(lines)
