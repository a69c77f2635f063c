"""Networks of a description, with no level of stride 32, fewer bins and other layers; and which of them are in INT8."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from bonescan_yolo.export.exporting import Export, export
from bonescan_yolo.export.kinds.int8 import float_nodes
from bonescan_yolo.export.kinds.stock import export_stock
from bonescan_yolo.export.network import Network, cut_network
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.scan import Scan
from tests.export.factories import CALM_SPREAD, noise_dataset, save_weights, save_weights_with_bones
from tests.export.graphs import a_scan

pytestmark = pytest.mark.slow

DESCRIPTIONS = Path(__file__).parents[2] / "benchmarks" / "networks" / "descriptions"
SMALL = DESCRIPTIONS / "no32.yaml"
OF_YOLOV8N = re.compile(r"/model\.([01234]|15)/|/model\.\d+/cv3\.\d/cv3\.\d\.1/")
"""Nodes of a yolov8n whose loss in INT8 was measured, see `kinds.int8`."""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Export:
    folder = tmp_path_factory.mktemp("small")
    weights = save_weights_with_bones(folder / "best.pt", description=str(SMALL))
    dataset = noise_dataset(folder / "data")
    return export(weights, folder / "model.onnx", dataset, ModelCard(trained_on="noise"), half=True)


def network_of(folder: Path, description: str) -> Network:
    weights = save_weights(folder / "w.pt", spread=CALM_SPREAD, description=description)
    return cut_network(export_stock(weights))


def kept_of(network: Network) -> list[str]:
    return float_nodes(onnx.shape_inference.infer_shapes(network.model).graph, network.features)


def test_a_small_network_becomes_all_files(exported: Export) -> None:
    assert exported.refusal is None
    assert [file.path.name for file in exported.files] == ["model.onnx", "model-app.onnx", "model-app-int8.onnx"]
    assert exported.files[1].check == "same boxes as model.onnx on 3 of 3 scans; same bones in 100.0% of the cells"
    assert exported.files[2].size < exported.files[1].size < 2_000_000


@pytest.mark.parametrize(("height", "width"), [(1024, 256), (700, 300)])
def test_its_files_find_the_same_boxes_and_its_bones(exported: Export, height: int, width: int) -> None:
    scan = Scan(a_scan(height, width))
    stock, app, int8 = (Detector(file.path, 0.001, regions=True).read(scan) for file in exported.files)
    assert len(stock.boxes) > 0
    if height == 1024:
        np.testing.assert_allclose(app.boxes, stock.boxes, atol=0.1)
    for reading in (app, int8):
        assert reading.cover is not None
        assert reading.sites is not None


def test_bins_and_cells_are_those_of_the_network(tmp_path: Path) -> None:
    small = network_of(tmp_path, str(SMALL))
    assert [(level.stride, level.bins) for level in small.levels] == [(8, 8), (16, 8)]
    assert small.cell == 16
    large = network_of(tmp_path, "yolov8n.yaml")
    assert [(level.stride, level.bins) for level in large.levels] == [(8, 16), (16, 16), (32, 16)]
    assert large.cell == 32


def test_the_layers_of_a_yolov8n_that_stay_in_float32_are_those_that_were_measured(tmp_path: Path) -> None:
    network = network_of(tmp_path, "yolov8n.yaml")
    assert kept_of(network) == [node.name for node in network.model.graph.node if OF_YOLOV8N.match(node.name)]


@pytest.mark.parametrize("path", sorted(DESCRIPTIONS.glob("*.yaml")), ids=lambda path: path.stem)
def test_layers_in_the_same_places_of_other_networks_stay_in_float32(tmp_path: Path, path: Path) -> None:
    network = network_of(tmp_path, str(path))
    kept = kept_of(network)
    layers = {int(name.split("/")[1].removeprefix("model.")) for name in kept}
    first = {0, 1, 3, 4} if path.stem == "no_c2f" else {0, 1, 2, 3, 4}  # one layer of it does nothing
    assert layers == {*first, 10, 14}
    assert all("/cv3." in name and ".1/" in name for name in kept if name.startswith("/model.14/"))
    assert network.features.startswith("/model.10/")
