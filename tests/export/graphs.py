"""Running pieces of graphs on their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from bonescan_yolo.export.network import OPSET
from bonescan_yolo.export.nodes.graph import IR_VERSION, Graph


def session_of(
    piece: Graph, inputs: Mapping[str, tuple[int, Sequence[int | str]]], outputs: Sequence[str]
) -> onnxruntime.InferenceSession:
    """A session on a piece alone; inputs are given with element type and shape."""
    graph = helper.make_graph(
        piece.nodes,
        "piece",
        [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        piece.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def a_scan(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Blurred noise with a few hot spots: smooth enough that scaling has one right answer."""
    rng = np.random.default_rng(seed)
    scan = rng.poisson(15, (height, width)).astype(np.float64)
    for _ in range(5):
        row, column = rng.integers(height), rng.integers(width)
        scan[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4] += rng.uniform(50, 200)
    return np.clip(scan, 0, 255).astype(np.uint8)
