"""Self-contained files: thresholds that are set for a session, and files that are not what they say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.resources import shipped_model
from tests.factories import SPOT_BOXES, SPOT_CONFIDENCES, grey_scan
from tests.web.stand_in import make_app_model

SHIPPED = [shipped_model(), shipped_model().with_name("bonescan-app-int8.onnx")]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "x.onnx"
    path.write_bytes(make_app_model())
    return path


@pytest.mark.parametrize(
    ("confidence", "numbers"),
    [
        (None, (2, 1)),
        (0.7, (2, 0)),
        (Thresholds(abnormal=0.9, normal=0.3), (1, 1)),
        (Thresholds(abnormal=0.3, normal=0.9), (2, 0)),
        (1.0, (0, 0)),
    ],
)
def test_a_file_reads_with_the_thresholds_it_is_opened_with(
    app: Path, confidence: float | Thresholds | None, numbers: tuple[int, int]
) -> None:
    reading = Detector(app, confidence)(grey_scan())[0]
    assert (reading.n_abnormal, reading.n_normal) == numbers
    assert reading.scan_abnormal_confidence == pytest.approx(SPOT_CONFIDENCES[0])


def test_detectors_of_one_file_keep_their_own_thresholds(app: Path) -> None:
    low, high = Detector(app, 0.1), Detector(app, 0.9)
    for _ in range(3):
        assert len(low(grey_scan())[0].boxes) > len(high(grey_scan())[0].boxes) == 1


def test_a_file_that_sees_no_bones_says_nothing_of_them(app: Path) -> None:
    reading = Detector(app, regions=True)(grey_scan())[0]
    assert (reading.cover, reading.sites) == (None, None)
    np.testing.assert_allclose(reading.boxes, SPOT_BOXES)


def as_input(model: Any) -> None:
    """As files were before: the thresholds are inputs with a default."""
    for name, shape in (("confidence", [2]), ("iou", [])):
        model.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def replace_constant(model: Any, name: str, value: np.ndarray) -> None:
    tensor = next(each for each in model.graph.initializer if each.name == name)
    tensor.CopyFrom(numpy_helper.from_array(value, name))


def add_constant(model: Any, name: str, value: np.ndarray) -> None:
    model.graph.initializer.append(numpy_helper.from_array(value, name))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (as_input, "its network does not match its description"),
        (lambda model: replace_constant(model, "confidence", np.array([0.3], np.float32)), "has no thresholds"),
        (lambda model: replace_constant(model, "confidence", np.array([0.3, 0.3])), "has no thresholds"),
        (lambda model: replace_constant(model, "iou", np.array([0.3], np.float32)), "has no thresholds"),
        (lambda model: setattr(model.graph.initializer[3], "name", "threshold"), "has no thresholds"),
        (lambda model: add_constant(model, "with_regions", np.array(1)), "has no thresholds"),
        (lambda model: add_constant(model, "with_regions", np.array(False)), "its network does not match"),
    ],
)
def test_files_of_another_contract_are_refused(app: Path, change: Callable[[Any], object], message: str) -> None:
    model = onnx.load(app)
    assert model.graph.initializer[3].name == "confidence"
    change(model)
    onnx.save(model, app)
    with pytest.raises(ModelError, match=rf"{app}: {message}.*; export it again"):
        Detector(app)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_opening_and_running_a_shipped_file_prints_nothing(path: Path) -> None:
    """With onnxruntime alone and its log as it is by default, in a process of its own."""
    code = (
        "import sys, numpy, onnxruntime; session = onnxruntime.InferenceSession(sys.argv[1]); "
        "session.run(None, {'scan': numpy.zeros((1024, 256), numpy.uint8)})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert (done.stdout, done.stderr) == ("", "")
