"""Changed ONNX files: boxes, or one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.resources import shipped_model
from tests.factories import grey_scan
from tests.fuzz.onnx_files import mutate

FILES = tuple(
    shipped_model().with_name(name) for name in ("bonescan.onnx", "bonescan-app.onnx", "bonescan-app-int8.onnx")
)
SEEDS = 5


def test_the_same_seed_gives_the_same_file() -> None:
    data = FILES[0].read_bytes()
    assert mutate(data, Random(1)) == mutate(data, Random(1)) != mutate(data, Random(2))


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_changed_file_gives_boxes_or_one_line(tmp_path: Path, file: Path, seed: int) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(mutate(file.read_bytes(), Random(f"{file.name} {seed}")))
    refusal = None
    try:
        (reading,) = Detector(path, threads=1)(grey_scan())
    except ModelError as error:
        refusal = str(error)
    if refusal is not None:
        assert "\n" not in refusal
    else:
        assert np.isfinite(reading.boxes).all()
        assert 0 <= reading.scan_abnormal_confidence <= 1
