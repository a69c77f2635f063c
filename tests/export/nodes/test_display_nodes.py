"""The tones of an exported network: those of training, from plain grey levels."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from bonescan_yolo.export.nodes.display_nodes import prepend_tones
from bonescan_yolo.scan.display import MAX_GREY, body_level, to_tones

HEIGHT, WIDTH = 128, 64


def make_network(opset: int = 12, inputs: int = 1) -> onnx.ModelProto:
    """A network that shows the tones it is given: once as they are and once doubled."""
    shape = [1, 1, HEIGHT, WIDTH]
    names = ["images", "others"][:inputs]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["images"], ["same"]), helper.make_node("Add", ["images", "images"], ["twice"])],
        "mirror",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in names],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("same", "twice")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    model = make_network()
    prepend_tones(model)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def tones_of(session: onnxruntime.InferenceSession, grey: np.ndarray) -> np.ndarray:
    images = grey[None, None].astype(np.float32) / np.float32(MAX_GREY)
    same, twice = session.run(None, {"images": images})
    np.testing.assert_array_equal(twice, 2 * same)
    tones: np.ndarray = same[0, 0]
    return tones


@given(
    seed=st.integers(0, 10_000),
    shape=st.floats(0.05, 20),
    mean=st.floats(0.1, 200),
    body=st.floats(0.001, 1),
)
def test_tones_are_those_of_training(
    session: onnxruntime.InferenceSession, seed: int, shape: float, mean: float, body: float
) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.gamma(shape, mean / shape, (HEIGHT, WIDTH)) * (rng.random((HEIGHT, WIDTH)) < body)
    grey = np.clip(counts, 0, MAX_GREY).astype(np.uint8)
    np.testing.assert_allclose(tones_of(session, grey), to_tones(grey, body_level(grey)), atol=1e-4)


@pytest.mark.parametrize("level", [1, 40, 255])
def test_one_pixel_and_a_flat_scan_have_tones_too(session: onnxruntime.InferenceSession, level: int) -> None:
    point = np.zeros((HEIGHT, WIDTH), np.uint8)
    point[5, 7] = level
    for grey in (point, np.full_like(point, level)):
        np.testing.assert_allclose(tones_of(session, grey), to_tones(grey, body_level(grey)), atol=1e-4)


def test_an_empty_scan_stays_empty(session: onnxruntime.InferenceSession) -> None:
    assert not tones_of(session, np.zeros((HEIGHT, WIDTH), np.uint8)).any()


def test_the_network_stays_sound_and_keeps_its_input() -> None:
    model, before = make_network(), make_network()
    prepend_tones(model)
    onnx.checker.check_model(model, full_check=True)
    assert model.graph.input == before.graph.input
    assert model.graph.output == before.graph.output


def test_a_network_of_two_inputs_is_refused_untouched() -> None:
    model = make_network(inputs=2)
    with pytest.raises(ValueError, match="one input"):
        prepend_tones(model)
    assert model == make_network(inputs=2)


@pytest.mark.parametrize("opset", [12, 13])
def test_tones_are_of_the_opsets_of_both_layouts(opset: int) -> None:
    model = make_network(opset)
    prepend_tones(model)
    onnx.checker.check_model(model, full_check=True)
