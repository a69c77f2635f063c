"""DICOM files as people have them, from the command line: pairs of views, captures of other pictures, black ones."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import FileDataset

from bonescan_yolo.commands.measure import main as measure
from bonescan_yolo.commands.predict import main as predict
from tests.conftest import RunCommand
from tests.factories import HEIGHT, WIDTH, count_scan, nm_dataset, save_dicom
from tests.scan.quality.quality_pictures import blobs


def two_frames(kind: str) -> FileDataset:
    """Return both views in one file, whose detectors are described as `kind` says."""
    names = ["x", "x"] if kind == "unknown views" else ["Anterior", "Posterior"]
    dataset = nm_dataset([count_scan(), count_scan(spot=900)], names[::-1] if kind == "posterior first" else names)
    if kind == "empty vector":
        dataset.DetectorVector = None
    else:
        del dataset.DetectorVector
    if kind == "no view codes":
        for detector, angle in zip(dataset.DetectorInformationSequence, (180, 0), strict=True):
            del detector.ViewCodeSequence
            detector.StartAngle = angle
    return dataset


@pytest.mark.parametrize("kind", ["plain", "posterior first", "empty vector", "no view codes", "unknown views"])
def test_two_frames_of_two_detectors_are_one_patient(
    kind: str, tmp_path: Path, model_path: Path, run_command: RunCommand
) -> None:
    """Two frames, two detectors, no DetectorVector: both views unknown, and `measure` made two patients of one."""
    path = save_dicom(tmp_path / "wb.dcm", two_frames(kind))
    outcome = run_command(measure, path, "--model", model_path, "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    with (tmp_path / "out" / "studies.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 1
    if kind != "unknown views":
        assert "anterior + posterior" in outcome.out


def as_capture(grey: NDArray[np.uint8]) -> FileDataset:
    """Return an 8-bit grey picture as a secondary capture."""
    dataset = nm_dataset([grey.astype(np.uint16)])
    dataset.Modality, dataset.SOPClassUID = "OT", "1.2.840.10008.5.1.4.1.1.7"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelData = grey.tobytes()
    return dataset


def texture(low: int, high: int) -> NDArray[np.uint8]:
    """Return smooth texture all over, as a photograph has."""
    small = np.random.default_rng(low).integers(low, high, (48, 64), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((640, 480), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    "picture",
    [texture(60, 120), texture(0, 255), texture(150, 250), blobs((60, 40, 34, 16), (60, 86, 34, 16))],
    ids=["photograph", "contrasty photograph", "bright photograph", "lungs"],
)
def test_captures_of_other_pictures_are_refused(
    picture: NDArray[np.uint8], tmp_path: Path, model_path: Path, run_command: RunCommand
) -> None:
    """Photographs stored as SC, lungs: read, "0 abnormal"."""
    path = save_dicom(tmp_path / "1.dcm", as_capture(picture))
    outcome = run_command(predict, path, "--model", model_path, "--out", tmp_path / "out")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {path}: ")


@pytest.mark.parametrize("level", [0, 1, 7, 40000])
def test_dicom_of_one_level_is_refused(level: int, tmp_path: Path, model_path: Path, run_command: RunCommand) -> None:
    """All-black input: "0 abnormal", exit 0. Right: refused, shows nothing."""
    path = save_dicom(tmp_path / "1.dcm", nm_dataset([np.full((HEIGHT, WIDTH), level, np.uint16)]))
    outcome = run_command(predict, path, "--model", model_path, "--out", tmp_path / "out")
    assert (outcome.code, outcome.out) == (2, "")
    assert "shows nothing" in outcome.err
