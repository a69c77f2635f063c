"""The scans of the two simulated hospitals, made once and kept as arrays, so that every run loads the same in seconds.

Each set is simulated with a seed of its own, so that no patient is in two sets.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.processes import run
from bonescan_yolo.boxes import Boxes
from bonescan_yolo.dataset.dataset_yaml import SPLITS, read_dataset
from bonescan_yolo.dataset.patients import patients_of
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.files import write_bytes
from bonescan_yolo.scan.read import read_scans

HOSPITAL_B: Final = Path("configs") / "phantom_b.yaml"


@dataclass(frozen=True)
class SetPlan:
    """How a set is made.

    Attributes:
        studies: how many are simulated, two scans each.
        seed: of the simulator; no other set has it.
        config: parameters of the hospital; None: the shipped ones.
    """

    studies: int
    seed: int
    config: Path | None = None


PLANS: Final = {
    "a_test": SetPlan(250, 7001),
    "b_test": SetPlan(250, 7002, HOSPITAL_B),
    "b_pool": SetPlan(1000, 7003, HOSPITAL_B),
    "b_val": SetPlan(40, 7004, HOSPITAL_B),
    "a_replay": SetPlan(300, 7005),
}
"""Tests of both hospitals; scans of B to adapt to and to train the ceiling on, 100 more to watch that training; and
scans of A to mix in while adapting."""


@dataclass(frozen=True, eq=False)
class ScanSet:
    """S scans with their true boxes.

    Attributes:
        pixels: (S, height, width) uint8 display grey levels.
        patients: S names; both scans of a study have one.
        boxes: S arrays (N, 4) float32, x1 y1 x2 y2 in pixels.
        classes: S arrays (N,) int64 class ids.
    """

    pixels: NDArray[np.uint8]
    patients: tuple[str, ...]
    boxes: tuple[Boxes, ...]
    classes: tuple[NDArray[np.int64], ...]

    def __len__(self) -> int:
        """Return the number of scans."""
        return len(self.pixels)

    def take(self, indices: NDArray[np.int64]) -> ScanSet:
        """Return some of the scans, in the order of the indices."""
        return ScanSet(
            pixels=self.pixels[indices],
            patients=tuple(self.patients[index] for index in indices),
            boxes=tuple(self.boxes[index] for index in indices),
            classes=tuple(self.classes[index] for index in indices),
        )


def build(work: Path, name: str) -> Path:
    """Simulate and convert a set below `work` and return the file of its arrays; one that is there is kept.

    Raises:
        RuntimeError: a command fails.
    """
    arrays = arrays_of(work, name)
    if arrays.is_file():
        return arrays
    plan = PLANS[name]
    source, converted = work / "sources" / name, dataset_of(work, name)
    config = ["--config", str(plan.config)] if plan.config else []
    studies = ["--studies", str(plan.studies), "--seed", str(plan.seed)]
    run([sys.executable, "-m", "bonescan_yolo", "simulate", *studies, "--out", str(source), *config])
    halves = ["--split", "50/50/0"]  # a data set has train and val; both parts are read
    run([sys.executable, "-m", "bonescan_yolo", "convert", "bs80k", str(source), "--out", str(converted), *halves])
    save(arrays, read_converted(converted))
    return arrays


def dataset_of(work: Path, name: str) -> Path:
    """Return the folder of a converted set."""
    return work / "converted" / name


def arrays_of(work: Path, name: str) -> Path:
    """Return the file of a set's arrays."""
    return work / "sets" / f"{name}.npz"


def read_converted(folder: Path) -> ScanSet:
    """Return all scans of a converted data set, as the detector sees them, study after study.

    Raises:
        BonescanError: something in it cannot be read.
    """
    dataset = read_dataset(folder / "dataset.yaml")
    found = sorted(
        (patient, image)
        for split in SPLITS
        if dataset.images.get(split)
        for patient, image in zip(patients_of(dataset, split), dataset.images[split], strict=True)
    )
    pixels, boxes, classes = [], [], []
    for _, image in found:
        (scan,) = read_scans(image)
        own_boxes, own_classes = read_labels(dataset.label_path(image), scan.width, scan.height)
        pixels.append(scan.grey())
        boxes.append(own_boxes)
        classes.append(own_classes)
    return ScanSet(np.stack(pixels), tuple(patient for patient, _ in found), tuple(boxes), tuple(classes))


def save(path: Path, scans: ScanSet) -> None:
    """Write a set as one file, whole or not at all."""
    numbers = np.array([len(each) for each in scans.boxes], np.int64)
    content = io.BytesIO()
    np.savez_compressed(
        content,
        pixels=scans.pixels,
        patients=np.array(scans.patients),
        numbers=numbers,
        boxes=np.concatenate(scans.boxes).astype(np.float32),
        classes=np.concatenate(scans.classes).astype(np.int64),
    )
    write_bytes(path, content.getvalue())


def load(path: Path) -> ScanSet:
    """Return a set that `save` wrote."""
    with np.load(path, allow_pickle=False) as content:
        ends = np.cumsum(content["numbers"])[:-1]
        return ScanSet(
            pixels=content["pixels"],
            patients=tuple(str(name) for name in content["patients"]),
            boxes=tuple(np.split(content["boxes"], ends)),
            classes=tuple(np.split(content["classes"], ends)),
        )


def draw_studies(scans: ScanSet, number: int, seed: int) -> NDArray[np.int64]:
    """Return the indices of a number of scans, study after study, in an order drawn by a seed.

    An odd number ends with one scan of a study. The scans of a smaller number are among those of a larger one with the
    same seed: that makes a learning curve.

    Raises:
        ValueError: the set has fewer scans.
    """
    if number > len(scans):
        raise ValueError(f"{number} scans are wanted of {len(scans)}")
    of_study: dict[str, list[int]] = {}
    for index, name in enumerate(scans.patients):
        of_study.setdefault(name, []).append(index)
    names = sorted(of_study)
    order = np.random.default_rng(seed).permutation(len(names))
    return np.array([index for place in order for index in of_study[names[place]]][:number], np.int64)
