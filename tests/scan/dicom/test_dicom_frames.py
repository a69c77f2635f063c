"""Which frames are of the photopeak, and which detector took each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import FileDataset

from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, nm_dataset, save_dicom

PHOTOPEAK = (126.0, 154.0)
SCATTER = (92.0, 125.0)

DETECTOR_TABLE = Path(__file__).parents[2] / "shared" / "detectors.json"
"""Which frame is of which detector; the page is tested against it too."""


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def test_the_detector_vector_says_which_frame_is_which(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()] * 2, ["Posterior", "Anterior"])
    dataset.DetectorVector = [2, 1]
    assert [scan.view for scan in read(tmp_path, dataset)] == ["anterior", "posterior"]
    dataset.DetectorVector = [7, 8]
    assert [scan.view for scan in read(tmp_path, dataset)] == [None, None]


@pytest.mark.parametrize("case", json.loads(DETECTOR_TABLE.read_text(encoding="utf-8"))["cases"])
def test_which_frame_is_of_which_detector(tmp_path: Path, case: dict[str, Any]) -> None:
    dataset = nm_dataset([count_scan()] * case["frames"], case["detectors"], windows=[PHOTOPEAK, SCATTER])
    for keyword, vector in (("DetectorVector", "detector_vector"), ("EnergyWindowVector", "window_vector")):
        if case[vector] is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, case[vector])
    assert [scan.view for scan in read(tmp_path, dataset)] == case["views"]


def test_frames_of_a_scatter_window_are_left_out(tmp_path: Path) -> None:
    frames = [count_scan(spot=spot) for spot in (1000, 500, 2000, 600)]
    dataset = nm_dataset(frames, windows=[PHOTOPEAK, SCATTER], window_vector=[1, 2, 1, 2])
    scans = read(tmp_path, dataset)
    assert [int(scan.pixels.max()) for scan in scans] == [1000, 2000]
    assert [(scan.frame, scan.frame_count) for scan in scans] == [(0, 2), (1, 2)]


@pytest.mark.parametrize("vector", [[1], [1, 1, 1, 1], []])
def test_a_window_vector_of_another_length_is_no_crash(tmp_path: Path, vector: list[int]) -> None:
    dataset = nm_dataset([count_scan()] * 2, windows=[PHOTOPEAK], window_vector=vector)
    assert 1 <= len(read(tmp_path, dataset)) <= 2


def test_another_isotope_keeps_all_frames(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()] * 2, windows=[(490.0, 530.0)], window_vector=[1, 1])
    assert len(read(tmp_path, dataset)) == 2
