"""Weights of an ONNX file in 16 bit: half the bytes on disk, still float32 arithmetic when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnx

SMALLEST_STORED = 64
"""Elements. Smaller tensors (scalars, shapes, short biases) take hardly any space and stay as they are; so do the
thresholds, which callers may replace by their name."""

SUFFIX = ".half"


def store_half(model: onnx.ModelProto) -> int:
    """Store the float32 weights of a model as float16, each with a cast back to float32 before the nodes that use it.

    Runtimes fold such a cast when they load the file, so it costs no time when the network runs. Inputs and outputs
    stay float32, and so does every weight that float16 would make infinite.

    Args:
        model: changed in place.

    Returns:
        Number of tensors that were stored as float16.

    Raises:
        onnx.checker.ValidationError: the graph is invalid, for example since it already has names that end in `.half`.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims, dtype=np.int64) < SMALLEST_STORED:
            continue
        with np.errstate(over="ignore"):
            half = numpy_helper.to_array(tensor).astype(np.float16)
        if not np.isfinite(half).all():
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, name + SUFFIX))
        casts.append(helper.make_node("Cast", [name + SUFFIX], [name], name=f"{name}.float", to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]  # casts first: a node's inputs must come before it
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model, full_check=True)
    return len(casts)
