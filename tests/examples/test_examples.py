"""The examples, run as a stranger runs them: the boxes of the package's own detector, and strange models refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo import Detector
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.model.card import APP, METADATA_KEY, SCHEMA, STOCK, ModelCard
from bonescan_yolo.phantom.body.anatomy import load_skeleton
from bonescan_yolo.phantom.parameters import parameters_with
from bonescan_yolo.phantom.study import simulate
from tests import factories
from tests.web.stand_in import CARD as STAND_IN
from tests.web.stand_in import make_app_model

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
WEIGHTS = ROOT / "weights"

SEED, STUDIES = 5, (1, 2, 3)
SICK = parameters_with({"disease": {"healthy_share": 0.0, "few_share": 0.0, "several_share": 0.0, "many_share": 1.0}})
"""Three simulated patients with 13 to 120 lesions each, so that there are boxes to compare whatever the weights."""

PIXELS = 0.5
CONFIDENCE = 0.01
"""How far an example's box may lie from the detector's."""

NEAR_THRESHOLD = 0.02
"""A box no further above the threshold may be missing on either side."""

PREPARED = (
    "import runpy, sys; from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics; "
    "prepare_ultralytics(); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)
"""Runs an example with Ultralytics kept from the network and with a torchvision that does not fit torch fixed."""


@dataclass(frozen=True)
class Example:
    """A command that takes a model and a scan, the model it reads, and how many of the scans to give it."""

    command: tuple[str, ...]
    model: str
    scans: int = 6

    def run(self, model: Path, scan: Path) -> subprocess.CompletedProcess[str]:
        if self.command[0] == "node":
            require_node()
        command = [*self.command, str(model), str(scan)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def require_node() -> None:
    """Skip where Node or what the example installs is missing; `.ci/run` installs it."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (EXAMPLES / "node" / "node_modules").is_dir():
        pytest.skip("the packages of the Node example are not installed: npm ci --prefix examples/node")


PYTHON = (sys.executable, str(EXAMPLES / "python" / "read.py"))
NODE = ("node", str(EXAMPLES / "node" / "read.js"))
OPENCV = (sys.executable, str(EXAMPLES / "opencv" / "read.py"))
ULTRALYTICS = (sys.executable, "-c", PREPARED, str(EXAMPLES / "ultralytics" / "read.py"))

ALL = {
    "python": Example(PYTHON, "bonescan-app.onnx"),
    "python-int8": Example(PYTHON, "bonescan-app-int8.onnx", scans=2),
    "node": Example(NODE, "bonescan-app.onnx"),
    "node-int8": Example(NODE, "bonescan-app-int8.onnx"),
    "opencv": Example(OPENCV, "bonescan.onnx"),
    "ultralytics": Example(ULTRALYTICS, "bonescan.onnx", scans=2),  # seconds each
}
READ_METADATA = ("python", "node")
ANY_SIZE = ("python", "node", "node-int8")


@dataclass(frozen=True)
class Found:
    """Boxes (N, 4) of a scan, their confidences and classes."""

    boxes: NDArray[np.float64]
    confidences: NDArray[np.float64]
    classes: list[str]


def parse(text: str) -> Found:
    """Return what an example printed: a line a box, `class confidence x1 y1 x2 y2`."""
    rows = [line.split() for line in text.splitlines()]
    numbers = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 5)
    return Found(numbers[:, 1:], numbers[:, 0], [row[0] for row in rows])


def detect(detector: Detector, scan: Path) -> Found:
    (reading,) = detector(scan)
    names = [CLASS_NAMES[number] for number in reading.classes]
    return Found(reading.boxes.astype(float), reading.confidences.astype(float), names)


def assert_agree(found: Found, expected: Found, threshold: float) -> int:
    """Make sure that each box has its own on the other side, but near the threshold; return the number of pairs."""
    free = set(range(len(expected.classes)))
    pairs = 0
    for box, confidence, name in zip(found.boxes, found.confidences, found.classes, strict=True):
        same = [
            i
            for i in free
            if expected.classes[i] == name
            and np.abs(expected.boxes[i] - box).max() <= PIXELS
            and abs(expected.confidences[i] - confidence) <= CONFIDENCE
        ]
        assert same or confidence <= threshold + NEAR_THRESHOLD, f"{name} {confidence} {box}: only the example has it"
        free -= set(same[:1])
        pairs += len(same[:1])
    missed = [i for i in free if expected.confidences[i] > threshold + NEAR_THRESHOLD]
    assert not missed, f"the example lacks {expected.boxes[missed]}"
    return pairs


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Six simulated scans of three sick patients, as PNG."""
    folder = tmp_path_factory.mktemp("scans")
    study_of = partial(simulate, load_skeleton(), SICK, SEED)
    return [
        factories.save(folder / f"{number}_{view}.png", image.pixels)
        for number in STUDIES
        for view, image in study_of(number).views.items()
    ]


@pytest.fixture(scope="module")
def strange_scan(scans: list[Path]) -> Path:
    """A scan of another size and shape than the network's input."""
    path = scans[0].with_name("strange.png")
    with Image.open(scans[0]) as image:
        image.resize((333, 1270), Image.Resampling.BICUBIC).crop((20, 0, 300, 1111)).save(path)
    return path


@pytest.mark.parametrize("name", ALL)
def test_an_example_finds_the_boxes_of_the_detector(name: str, scans: list[Path]) -> None:
    example = ALL[name]
    detector = Detector(WEIGHTS / example.model)
    pairs = 0
    for scan in scans[: example.scans]:
        done = example.run(detector.path, scan)
        assert (done.returncode, done.stderr) == (0, "")
        pairs += assert_agree(parse(done.stdout), detect(detector, scan), detector.confidence)
    assert pairs >= 2 * example.scans  # that there was something to compare


@pytest.mark.parametrize("name", ANY_SIZE)
def test_a_self_contained_file_takes_any_size(name: str, strange_scan: Path) -> None:
    detector = Detector(WEIGHTS / ALL[name].model)
    done = ALL[name].run(detector.path, strange_scan)
    assert (done.returncode, done.stderr) == (0, "")
    assert assert_agree(parse(done.stdout), detect(detector, strange_scan), detector.confidence) >= 2


@pytest.mark.parametrize("name", READ_METADATA)
def test_a_self_contained_file_shows_each_class_above_its_own_threshold(
    name: str, tmp_path: Path, scan_path: Path
) -> None:
    """The spots have 0.98 and 0.78, both abnormal, and 0.59, normal."""
    model = tmp_path / "two-app.onnx"
    model.write_bytes(make_app_model({**STAND_IN, "schema": SCHEMA, "confidence": 0.9, "normal_confidence": 0.5}))
    done = ALL[name].run(model, scan_path)
    assert (done.returncode, done.stderr) == (0, "")
    expected = detect(Detector(model), scan_path)
    assert expected.classes == ["abnormal", "normal"]
    assert assert_agree(parse(done.stdout), expected, threshold=0.0) == 2


def newer_schema() -> dict[str, str]:
    card = json.loads(ModelCard(trained_on="squares", layout=APP).to_json())
    return {METADATA_KEY: json.dumps({**card, "schema": SCHEMA + 1})}


@pytest.mark.parametrize("name", READ_METADATA)
@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, "is not a model of bonescan_yolo"),
        ({"names": "{0: 'cat'}"}, "is not a model of bonescan_yolo"),
        (factories.card_metadata(ModelCard(trained_on="squares", layout=STOCK)), "is not of the layout `app`"),
        (newer_schema(), f"has description schema {SCHEMA + 1}, newer than {SCHEMA}"),
    ],
    ids=["no metadata", "another project", "another layout", "newer schema"],
)
def test_a_strange_model_is_refused(
    name: str, metadata: dict[str, str], reason: str, tmp_path: Path, scan_path: Path
) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(factories.make_model(metadata))
    done = ALL[name].run(model, scan_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{model}: {reason}")
    assert done.stderr.count("\n") == 1


def test_node_refuses_a_picture_that_is_no_grey_scan(tmp_path: Path) -> None:
    colour = factories.save(tmp_path / "colour.png", np.zeros((20, 10, 3), dtype=np.uint8))
    done = ALL["node"].run(WEIGHTS / "bonescan-app.onnx", colour)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{colour}: is not a PNG of 8-bit grey levels; convert it\n"


def test_no_example_needs_the_package() -> None:
    for path in EXAMPLES.glob("*/read.*"):
        assert "import bonescan_yolo" not in path.read_text()
        assert "from bonescan_yolo" not in path.read_text()
