"""Changing ONNX files: bytes, and fields of the protobuf message, whose sizes are kept right."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPERATORS = ("Loop", "Scan", "If", "Relu", "Add", "Identity", "Expand", "Tile", "NonZero", "Neg", "Sqrt", "Foo", "")
SIZES = (0, -1, 1, 2, 7, 10**6, 2**31, 2**62)
NUMBERS = (0.0, 1.0, -1.0, 1e30, float("nan"), float("inf"), 7.0)
TEXTS = ("", "x", "{", "[" * 20_000, '{"schema": 3}', "\x00", "9" * 5000)
MOST_CHANGES = 3


def mutate(data: bytes, rng: Random) -> bytes:
    """Return a changed copy of an ONNX file; the same generator gives the same copy."""
    if rng.random() < 1 / 3:
        return flip_bytes(data, rng)
    model = onnx.ModelProto()
    model.ParseFromString(data)
    changes = (change_node, change_node, change_tensor, change_tensor, change_metadata, change_shape, change_whole)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        rng.choice(changes)(model, rng)
    changed: bytes = model.SerializeToString()
    return changed


def flip_bytes(data: bytes, rng: Random) -> bytes:
    """Return the bytes with some replaced, cut off or moved."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        place = rng.choice((rng.randrange(min(len(data), 50_000)), rng.randrange(len(data))))
        changed[place] = rng.randrange(256)
    if rng.random() < 1 / 4:
        del changed[rng.randrange(len(changed)) :]
    return bytes(changed)


def change_node(model: Any, rng: Random) -> None:
    """Change the operator, the inputs or an attribute of a node, or leave a node out."""
    nodes = model.graph.node
    node = rng.choice(nodes)

    def attribute() -> None:
        if node.attribute:
            value = rng.choice(node.attribute)
            value.i = rng.choice(SIZES)
            value.ints[:] = [rng.choice(SIZES) for _ in value.ints]

    changes: tuple[Callable[[], Any], ...] = (
        lambda: setattr(node, "op_type", rng.choice(OPERATORS)),
        lambda: setattr(node, "domain", rng.choice(("com.microsoft", "ai.onnx", "x"))),
        lambda: node.input.__setitem__(slice(None), rng.sample(list(node.input), len(node.input))),
        lambda: node.input.append(rng.choice(list(rng.choice(nodes).output) or ["x"])),
        attribute,
        lambda: nodes.remove(node),
        lambda: node.attribute.append(helper.make_attribute("body", helper.make_graph([], "x", [], []))),
    )
    rng.choice(changes)()


def change_tensor(model: Any, rng: Random) -> None:
    """Change numbers, shape or type of a tensor, or say that it is in another file."""
    tensor = rng.choice(model.graph.initializer)
    change = rng.randrange(5)
    if change <= 1 and tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16) and is_whole(tensor):
        values = numpy_helper.to_array(tensor).copy()
        with np.errstate(over="ignore"):
            values.reshape(-1)[rng.randrange(values.size) if change else slice(None)] = rng.choice(NUMBERS)
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    elif change == 2:
        tensor.dims[:] = [rng.choice(SIZES) for _ in tensor.dims]
    elif change == 3:
        tensor.data_type = rng.randrange(25)
    else:
        tensor.external_data.add(key="location", value="/etc/passwd")
        tensor.data_location = TensorProto.EXTERNAL


def is_whole(tensor: Any) -> bool:
    """Return whether the tensor still has the numbers of its shape: another change may have been there."""
    itemsize = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type)).itemsize
    return bool(tensor.dims) and len(tensor.raw_data) == math.prod(tensor.dims) * itemsize > 0


def change_metadata(model: Any, rng: Random) -> None:
    """Change the description."""
    entry = rng.choice(model.metadata_props)
    if rng.random() < 1 / 2:
        entry.value = rng.choice(TEXTS)
    else:
        place = rng.randrange(len(entry.value) + 1)
        entry.value = entry.value[:place] + rng.choice(("9", "-", "null", "[", '"', ".")) + entry.value[place + 1 :]


def change_shape(model: Any, rng: Random) -> None:
    """Change what the model says of an input or output."""
    value = rng.choice([*model.graph.input, *model.graph.output])
    sides = value.type.tensor_type.shape.dim
    if sides and rng.random() < 1 / 2:
        rng.choice(sides).dim_value = rng.choice(SIZES)
    else:
        rng.choice((lambda: setattr(value, "name", "x"), lambda: setattr(value.type.tensor_type, "elem_type", 7)))()


def change_whole(model: Any, rng: Random) -> None:
    """Change versions, or add functions or a field that no version of ONNX has."""
    change = rng.randrange(4)
    if change == 0:
        model.ir_version = rng.choice(SIZES)
    elif change == 1:
        model.opset_import[0].version = rng.choice((1, 9, 11, 18, 99))
    elif change == 2:
        model.functions.add(name="Relu", domain="")
    else:
        model.MergeFromString(struct.pack("<BB", 0xFA, 0x7F) + bytes([3]) + b"abc")
