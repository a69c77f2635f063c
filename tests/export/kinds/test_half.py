"""Weights in 16 bit: what is stored so, what is left alone, and that the arithmetic is that of the rounded weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from bonescan_yolo.export.kinds.half import SMALLEST_STORED, store_half

SIZE = 64
FRAME = np.random.default_rng(1).normal(size=(1, SIZE)).astype(np.float32)


def save_network(path: Path, weights: np.ndarray, bias: np.ndarray) -> Path:
    """A network `y = x @ weights + bias`, with a shape and a scalar among its initializers."""
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["sum"]),
        helper.make_node("Mul", ["sum", "scale"], ["scaled"]),
        helper.make_node("Reshape", ["scaled", "shape"], ["y"]),
    ]
    initializers = {
        "weights": weights,
        "bias": bias,
        "scale": np.array(1.1, dtype=np.float32),
        "shape": np.array([1, SIZE], dtype=np.int64),
    }
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, SIZE])],
        [numpy_helper.from_array(value, name) for name, value in initializers.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8), path)
    return path


def store_file(path: Path) -> int:
    model = onnx.load(path)
    number = store_half(model)
    onnx.save(model, path)
    return number


def random_weights(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(SIZE, SIZE)).astype(np.float32)


def run(path: Path) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    output: np.ndarray = session.run(None, {"x": FRAME})[0]
    return output


def types_of(path: Path) -> dict[str, int]:
    return {tensor.name: tensor.data_type for tensor in onnx.load(path).graph.initializer}


def test_results_are_those_of_the_rounded_weights(tmp_path: Path) -> None:
    weights, bias = random_weights(), random_weights(2)[0]
    rounded = [value.astype(np.float16).astype(np.float32) for value in (weights, bias)]
    half = save_network(tmp_path / "half.onnx", weights, bias)
    assert store_file(half) == 2
    expected = run(save_network(tmp_path / "rounded.onnx", *rounded))
    np.testing.assert_array_equal(run(half), expected)
    assert run(half).dtype == np.float32


def test_names_and_small_values_stay(tmp_path: Path) -> None:
    path = save_network(tmp_path / "model.onnx", random_weights(), random_weights()[0])
    store_file(path)
    half, full = TensorProto.FLOAT16, TensorProto.FLOAT
    assert types_of(path) == {"weights.half": half, "bias.half": half, "scale": full, "shape": TensorProto.INT64}
    graph = onnx.load(path).graph
    assert [node.op_type for node in graph.node] == ["Cast", "Cast", "MatMul", "Add", "Mul", "Reshape"]
    assert [graph.node[0].output[0], graph.node[1].output[0]] == ["weights", "bias"]
    assert [value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)] == [full, full]


def test_few_elements_are_not_worth_a_cast(tmp_path: Path) -> None:
    path = save_network(tmp_path / "model.onnx", random_weights(), np.ones(1, dtype=np.float32))
    assert 1 < SMALLEST_STORED <= SIZE
    assert store_file(path) == 1
    assert types_of(path)["bias"] == TensorProto.FLOAT


@pytest.mark.parametrize("value", [65504.0, 65535.0, 1e9])
def test_no_weight_becomes_infinite(tmp_path: Path, value: float) -> None:
    weights = random_weights()
    weights[0, 0] = value
    path = save_network(tmp_path / "model.onnx", weights, random_weights()[0])
    assert store_file(path) == (2 if value == 65504.0 else 1)
    assert np.isfinite(run(path)).all()


def test_the_same_file_gives_the_same_bytes_of_half_the_size(tmp_path: Path) -> None:
    full, first, second = (
        save_network(tmp_path / f"{name}.onnx", random_weights(), random_weights()[0])
        for name in ("full", "first", "second")
    )
    store_file(first)
    store_file(second)
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < 0.56 * full.stat().st_size


def test_storing_twice_changes_nothing(tmp_path: Path) -> None:
    path = save_network(tmp_path / "model.onnx", random_weights(), random_weights()[0])
    store_file(path)
    before = path.read_bytes()
    assert store_file(path) == 0
    assert path.read_bytes() == before
