"""Networks that see bones: the map is that of the weights, and costs and changes nothing where it is not wanted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.export import region_check
from bonescan_yolo.export.exporting import Export, export
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.fitting import fit, fit_of
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.regions.box_sites import sites_of_boxes
from bonescan_yolo.regions.region_head import ATTRIBUTE
from bonescan_yolo.regions.region_names import BONES
from bonescan_yolo.regions.seen_bones import cover_of
from bonescan_yolo.scan import Scan
from tests.export.factories import noise_dataset, save_network, save_weights_with_bones
from tests.export.graphs import a_scan

pytestmark = pytest.mark.slow

SHAPE = (len(BONES), 256, 64)
LOW = 0.001
"""Below the scores of the untrained network, so that there are boxes."""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights_with_bones(tmp_path_factory.mktemp("weights") / "best.pt")


@pytest.fixture(scope="module")
def exported(weights: Path, dataset: Path) -> Export:
    """Stock, self-contained and INT8, with weights in 16 bit as files are released."""
    return export(weights, weights.with_name("model.onnx"), dataset, ModelCard(trained_on="noise"), half=True)


@pytest.fixture(scope="module")
def app(exported: Export) -> Path:
    return exported.files[1].path


@pytest.fixture(scope="module")
def scan() -> NDArray[np.uint8]:
    """A scan of the frame's size whose lower rows, from 700 on, show nothing."""
    pixels = a_scan(1024, 256)
    pixels[700:] = 0
    return pixels


def without_head(weights: Path) -> torch.nn.Module:
    """The same network before it learned bones."""
    network: torch.nn.Module = torch.load(weights, weights_only=False)["model"]
    delattr(network, ATTRIBUTE)
    return network


def is_near(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.abs(ours.astype(int) - theirs) <= 3


def test_the_files_are_checked_and_the_stock_file_is_that_of_the_network_alone(
    exported: Export, weights: Path, dataset: Path, tmp_path: Path
) -> None:
    assert exported.refusal is None
    assert exported.files[1].check.startswith("same boxes as model.onnx on 3 of 3 scans; same bones in 100.0% of")
    plain = save_network(tmp_path / "plain.pt", without_head(weights))
    done = export(
        plain, tmp_path / "model.onnx", dataset, ModelCard(trained_on="noise"), kinds=("stock", "app"), half=True
    )
    assert done.files[0].path.read_bytes() == exported.files[0].path.read_bytes()
    more = exported.files[1].size - done.files[1].size
    assert 0 < more < 70_000
    np.testing.assert_array_equal(
        Detector(done.files[1].path, LOW).read(Scan(a_scan(1024, 256))).boxes,
        Detector(exported.files[1].path, LOW).read(Scan(a_scan(1024, 256))).boxes,
    )


@pytest.mark.parametrize(("number", "share"), [(1, 0.999), (2, 0.6)], ids=["float32", "int8"])
def test_the_map_is_that_of_the_weights(exported: Export, weights: Path, number: int, share: float) -> None:
    pixels = a_scan(1024, 256)  # noise down to the last row, so that none is cut off
    cover = Detector(exported.files[number].path, regions=True).read(Scan(pixels)).cover
    assert cover is not None
    assert cover.shape == SHAPE
    assert cover.dtype == np.uint8
    expected = cover_of(load_network(weights), pixels)
    assert expected.std() > 10
    assert is_near(cover, expected).mean() >= share


def test_rows_that_are_cut_off_have_no_bones(app: Path, weights: Path, scan: NDArray[np.uint8]) -> None:
    """The cut is a margin below the body, at a multiple of 32."""
    cover = Detector(app, regions=True).read(Scan(scan)).cover
    assert cover is not None
    assert cover[:, : 768 // 4].any(axis=(0, 2)).all()
    assert not cover[:, 768 // 4 :].any()
    assert cover_of(load_network(weights), scan)[:, 768 // 4 :].any()


@pytest.mark.parametrize("number", [1, 2], ids=["float32", "int8"])
def test_boxes_are_the_same_with_and_without_the_map(exported: Export, scan: NDArray[np.uint8], number: int) -> None:
    path = exported.files[number].path
    off, on = (Detector(path, LOW, regions=wanted).read(Scan(scan)) for wanted in (False, True))
    assert len(off.boxes) > 0
    np.testing.assert_array_equal(on.boxes, off.boxes)
    np.testing.assert_array_equal(on.confidences, off.confidences)
    assert (off.cover, off.sites) == (None, None)
    assert on.sites is not None
    assert len(on.sites) == len(on.boxes)


def test_a_stock_file_says_nothing_of_bones(exported: Export, scan: NDArray[np.uint8]) -> None:
    reading = Detector(exported.files[0].path, LOW, regions=True).read(Scan(scan))
    assert (reading.cover, reading.sites) == (None, None)


def test_sites_are_those_of_the_boxes_in_the_frame(app: Path) -> None:
    """A scan of another size is fitted into the frame, where the cells of the map are."""
    pixels = a_scan(700, 300)
    reading = Detector(app, LOW, regions=True).read(Scan(pixels, view="posterior"))
    frame = fit(pixels, 1024, 256)[0]
    in_frame = Detector(app, LOW, regions=True).read(Scan(frame))
    assert reading.cover is not None
    assert in_frame.cover is not None
    assert is_near(reading.cover, in_frame.cover).mean() > 0.9  # Pillow rounds twice, the file once
    boxes = fit_of(700, 300, 1024, 256).to_input(reading.boxes)
    assert len(boxes) > 0
    assert reading.sites == tuple(sites_of_boxes(reading.cover, boxes, "posterior"))


@pytest.mark.parametrize("height", [None, 1024], ids=["any size", "a fixed size"])
@pytest.mark.parametrize(
    "level",
    [onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL, onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL],
)
def test_another_app_switches_the_map_on(
    app: Path, scan: NDArray[np.uint8], level: onnxruntime.GraphOptimizationLevel, height: int | None
) -> None:
    """No optimisation takes the branch for good before it has the switch, not even for scans of a known size."""
    shapes = []
    for wanted in (None, False, True):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        if height is not None:
            options.add_free_dimension_override_by_name("height", height)
            options.add_free_dimension_override_by_name("width", 256)
        value = onnxruntime.OrtValue.ortvalue_from_numpy(np.array(bool(wanted)))
        if wanted is not None:
            options.add_initializer("with_regions", value)
        session = onnxruntime.InferenceSession(str(app), options, providers=["CPUExecutionProvider"])
        (regions,) = session.run(["regions"], {"scan": scan})
        assert regions.dtype == np.uint8
        shapes.append(regions.shape)
    assert shapes == [(len(BONES), 0, 0), (len(BONES), 0, 0), SHAPE]


def test_the_head_is_in_float32_and_in_one_branch_alone(exported: Export) -> None:
    for file in exported.files[1:]:
        graph = onnx.load(file.path).graph
        (node,) = (node for node in graph.node if node.output[0].startswith("regions.map.map"))
        branches = {attribute.name: attribute.g for attribute in node.attribute}
        operators = [inner.op_type for inner in branches["then_branch"].node]
        assert operators.count("Conv") == 6
        assert "DequantizeLinear" not in operators
        assert [inner.op_type for inner in branches["else_branch"].node] == ["Identity"]


def test_opening_a_file_that_sees_bones_prints_nothing(app: Path) -> None:
    code = "import sys, onnxruntime; onnxruntime.InferenceSession(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, str(app)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_file_with_other_bones_is_not_kept(
    weights: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(region_check, "cover_of", lambda network, frame: 255 - cover_of(network, frame))
    with pytest.raises(
        BonescanError, match=r"model-app\.onnx: not written, since its map of bones differs .* \d+\.\d%"
    ):
        export(weights, tmp_path / "model.onnx", dataset, ModelCard(trained_on="noise"), kinds=("app",))
    assert not list(tmp_path.iterdir())
