"""Reading the few fields of an ONNX file that decide whether it may be run, without the package `onnx`.

An ONNX file is a protobuf message (onnx.proto of the ONNX specification): fields with a number, a type, and a value.
Only the fields named here are looked into; the numbers of a tensor are never copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Types of fields on the wire."""

MOST_VARINT_BYTES: Final = 10
MOST_FIELD_NUMBER: Final = (1 << 29) - 1

MODEL_GRAPH, MODEL_METADATA, MODEL_TRAINING, MODEL_FUNCTIONS = 7, 14, 20, 25
ENTRY_KEY, ENTRY_VALUE = 1, 2
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_SPARSE = 1, 5, 15
NODE_OPERATOR, NODE_ATTRIBUTE, NODE_DOMAIN = 4, 5, 7
ATTRIBUTE_TENSOR, ATTRIBUTE_GRAPH, ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPHS, ATTRIBUTE_SPARSE = 5, 6, 10, 11, (22, 23)
TENSOR_SIDE, TENSOR_TYPE, TENSOR_FLOATS, TENSOR_INTEGERS, TENSOR_NAME, TENSOR_RAW, TENSOR_DOUBLES = 1, 2, 4, 5, 8, 9, 10
TENSOR_EXTERNAL, TENSOR_LOCATION = 13, 14
"""Numbers of fields in the messages ModelProto, StringStringEntryProto, GraphProto, NodeProto, AttributeProto and
TensorProto."""

FLOAT, BOOL, FLOAT16, DOUBLE = 1, 9, 10, 11
"""Types of numbers in a tensor."""

EXPONENT_BITS: Final = {FLOAT: ("<u4", 0x7F80_0000), FLOAT16: ("<u2", 0x7C00), DOUBLE: ("<u8", 0x7FF0_0000_0000_0000)}
"""How a number is stored, and the bits that are all set if it is not finite (IEEE 754)."""

STANDARD_DOMAINS: Final = frozenset({b"", b"ai.onnx"})


WITH_PARTS: Final = frozenset({b"If", b"Constant"})
"""The allowed operators with attributes that are graphs or tensors."""


class WireError(Exception):
    """The file is damaged, or has parts that no exporter of this project writes; the message says what."""


@dataclass(frozen=True)
class TensorForm:
    """Type and shape of a tensor: one of the types above, or another number; and its sides."""

    element: int
    sides: tuple[int, ...]


@dataclass
class ModelParts:
    """What a model consists of.

    Attributes:
        operators: names of the operators of all nodes, those of subgraphs too.
        metadata: its entries, of which a later one replaces an earlier one with its key.
        constants: the initializers by name, not those of subgraphs.
    """

    operators: set[bytes] = field(default_factory=set)
    metadata: dict[bytes, bytes] = field(default_factory=dict)
    constants: dict[bytes, TensorForm] = field(default_factory=dict)


def read_parts(data: bytes) -> ModelParts:
    """Return the operators, metadata and initializers of a model.

    Args:
        data: the bytes of an ONNX file.

    Raises:
        WireError: it is not a protobuf message; has its numbers in other files, operators or functions of its own, or
            subgraphs in subgraphs; or a number of it is not finite.
    """
    view = memoryview(data)
    parts = ModelParts()
    graphs = 0
    for number, value in _fields(view):
        if number == MODEL_GRAPH:
            graphs += 1
            _read_graph(_message(value), parts, is_inner=False)
        elif number == MODEL_METADATA:
            entry = {part: bytes(_message(text)) for part, text in _fields(_message(value))}
            parts.metadata[entry.get(ENTRY_KEY, b"")] = entry.get(ENTRY_VALUE, b"")
        elif number in (MODEL_TRAINING, MODEL_FUNCTIONS):
            raise WireError("it has functions of its own")
    if graphs != 1:
        raise WireError("it has no network, or several")
    return parts


def _fields(view: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Yield number and value of each field of a message: an integer, or the bytes of all other types."""
    position, end = 0, len(view)
    while position < end:
        key = view[position]
        position += 1
        if key >= 0x80:  # rare: numbers above 15
            key, position = _varint(view, position - 1)
        number, kind = key >> 3, key & 7
        if not 0 < number <= MOST_FIELD_NUMBER:  # a longer one may be cut to another number by other readers
            raise WireError("it is damaged")
        if kind == BYTES:
            if position < end and view[position] < 0x80:
                size = view[position]
                position += 1
            else:
                size, position = _varint(view, position)
        elif kind == VARINT:
            value, position = _varint(view, position)
            yield number, value
            continue
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise WireError("it is damaged")
        if size > end - position:
            raise WireError("it is damaged or cut short")
        yield number, view[position : position + size]
        position += size


def _varint(view: memoryview, position: int) -> tuple[int, int]:
    """Return the whole number of seven bits per byte at a position, and the position after it."""
    value = 0
    for index, byte in enumerate(view[position : position + MOST_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, position + index + 1
    raise WireError("it is damaged or cut short")


def _message(value: memoryview | int) -> memoryview:
    """Return the bytes of a field that is a message."""
    if isinstance(value, int):
        raise WireError("it is damaged")
    return value


def _read_graph(graph: memoryview, parts: ModelParts, *, is_inner: bool) -> None:
    for number, value in _fields(graph):
        if number == GRAPH_NODE:
            _read_node(_message(value), parts, is_inner=is_inner)
        elif number == GRAPH_INITIALIZER:
            name, form = _read_tensor(_message(value))
            if not is_inner:
                parts.constants[name] = form
        elif number == GRAPH_SPARSE:
            raise WireError("it has sparse numbers")


def _read_node(node: memoryview, parts: ModelParts, *, is_inner: bool) -> None:
    operator, attributes = b"", []
    for number, value in _fields(node):
        if number == NODE_OPERATOR:
            operator = bytes(_message(value))
            parts.operators.add(operator)
        elif number == NODE_DOMAIN and bytes(_message(value)) not in STANDARD_DOMAINS:
            raise WireError("it has operators that are not those of ONNX")
        elif number == NODE_ATTRIBUTE:
            attributes.append(_message(value))
    if operator in WITH_PARTS:  # onnxruntime refuses a tensor or graph as an attribute of any other allowed operator
        for attribute in attributes:
            _read_attribute(attribute, parts, is_inner=is_inner)


def _read_attribute(attribute: memoryview, parts: ModelParts, *, is_inner: bool) -> None:
    for number, value in _fields(attribute):
        if number in (ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS):
            if is_inner:
                raise WireError("it has subgraphs in subgraphs")
            _read_graph(_message(value), parts, is_inner=True)
        elif number in (ATTRIBUTE_TENSOR, ATTRIBUTE_TENSORS):
            _read_tensor(_message(value))
        elif number in ATTRIBUTE_SPARSE:
            raise WireError("it has sparse numbers")


def _read_tensor(tensor: memoryview) -> tuple[bytes, TensorForm]:
    """Return name and form of a tensor that has its numbers in the file itself, all of them finite."""
    kind, name, stored = 0, b"", []
    sides: list[int] = []
    for number, value in _fields(tensor):
        if number == TENSOR_TYPE and isinstance(value, int):
            kind = value
        elif number == TENSOR_NAME:
            name = bytes(_message(value))
        elif number == TENSOR_SIDE:
            sides += [value] if isinstance(value, int) else _varints(value)
        elif number == TENSOR_EXTERNAL or (number == TENSOR_LOCATION and value != 0):
            raise WireError("it has its numbers in other files")
        elif number == TENSOR_INTEGERS and kind == FLOAT16:
            raise WireError("it has 16-bit numbers stored as integers")
        elif number in (TENSOR_RAW, TENSOR_FLOATS, TENSOR_DOUBLES) and not isinstance(value, int):
            stored.append((number, value))
    for number, numbers in stored:
        form = EXPONENT_BITS.get({TENSOR_FLOATS: FLOAT, TENSOR_DOUBLES: DOUBLE}.get(number, kind))
        if form is not None and not _all_finite(numbers, *form):
            raise WireError("its numbers are not all finite")
    return name, TensorForm(kind, tuple(sides))


def _varints(packed: memoryview) -> Iterator[int]:
    """Yield whole numbers that follow each other."""
    position = 0
    while position < len(packed):
        value, position = _varint(packed, position)
        yield value


def _all_finite(numbers: memoryview, form: str, exponent: int) -> bool:
    kind = np.dtype(form)
    if len(numbers) % kind.itemsize:
        raise WireError("it is damaged")
    bits: NDArray[np.unsignedinteger] = np.frombuffer(numbers, kind)
    return not len(bits) or int((bits & kind.type(exponent)).max()) != exponent
