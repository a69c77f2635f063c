"""YAML: settings of training and of the simulator, and the description of a data set."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.phantom.parameters import read_parameters
from bonescan_yolo.resources import shipped_config
from bonescan_yolo.train.settings import read_train_config
from tests.fuzz import yaml_files
from tests.fuzz.fuzz_kind import FuzzKind

PHANTOM = b"camera: {pixel_mm: [2.2, 2.4]}\ndisease:\n  healthy_share: 0.5\n  gain: [1, 2]\n"
DATASET = b"path: .\ntrain: images/train\nval: images/val\nnames:\n  0: abnormal\n  1: normal\nchannels: 1\n"

Named = tuple[str, bytes]


def mutate(seed: int) -> Named:
    """Return the name and the bytes of a changed file."""
    rng = Random(f"yaml {seed}")
    name = rng.choice(("train.yaml", "phantom.yaml", "dataset.yaml"))
    data = {"phantom.yaml": PHANTOM, "dataset.yaml": DATASET}.get(name) or shipped_config(name).read_bytes()
    return name, yaml_files.mutate(data, rng)


def run(file: Named) -> None:
    """Read the file as its command does."""
    name, data = file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        if name == "train.yaml":
            read_train_config(path, "demo", {})
        elif name == "phantom.yaml":
            read_parameters(path)
        else:
            for split in ("train", "val"):
                Path(folder, "images", split).mkdir(parents=True)
                Path(folder, "images", split, "1.png").touch()
            read_dataset(path)


KIND = FuzzKind("yaml", mutate, run)
