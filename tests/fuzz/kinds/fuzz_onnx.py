"""Models: the shipped ONNX files."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from random import Random

import numpy as np

from bonescan_yolo.model.detector import Detector
from bonescan_yolo.resources import shipped_model
from tests.factories import grey_scan
from tests.fuzz import onnx_files
from tests.fuzz.fuzz_kind import FuzzKind

NAMES = ("bonescan.onnx", "bonescan-app.onnx", "bonescan-app-int8.onnx")


@functools.cache
def whole(name: str) -> bytes:
    return shipped_model().with_name(name).read_bytes()


def mutate(seed: int) -> bytes:
    rng = Random(f"onnx {seed}")
    return onnx_files.mutate(whole(rng.choice(NAMES)), rng)


def run(data: bytes) -> None:
    """Read a scan with the model; what it finds is finite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.onnx")
        path.write_bytes(data)
        (reading,) = Detector(path, threads=1)(grey_scan())
        assert np.isfinite(reading.boxes).all()
        assert 0 <= reading.scan_abnormal_confidence <= 1


KIND = FuzzKind("onnx", mutate, run)
