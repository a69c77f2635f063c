"""ONNX files from strangers: what may not be run is refused before, and what a network gives is looked at."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.card import METADATA_KEY
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.onnx_file import OPERATORS
from bonescan_yolo.model.onnx_wire import TensorForm, WireError, read_parts
from bonescan_yolo.resources import shipped_model
from tests.factories import grey_scan

APP = shipped_model()
STOCK, INT8 = APP.with_name("bonescan.onnx"), APP.with_name("bonescan-app-int8.onnx")


def message_of(tmp_path: Path, source: Path | bytes, change: Callable[[Any], object]) -> str:
    """Return the one line that refuses a changed model, when it is opened or when it reads a scan."""
    model = onnx.ModelProto()
    model.ParseFromString(source if isinstance(source, bytes) else source.read_bytes())
    change(model)
    path = tmp_path / "x.onnx"
    path.write_bytes(model.SerializeToString())
    return refusal(path)


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Detector(path, threads=1)(grey_scan())
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


def initializer(model: Any, least: int = 64) -> Any:
    """Return the first large tensor of weights."""
    return next(
        each for each in model.graph.initializer if each.data_type in (1, 10) and np.prod(each.dims, dtype=int) >= least
    )


def fill(tensor: Any, value: float) -> None:
    numbers = numpy_helper.to_array(tensor).copy()
    numbers[...] = value
    tensor.CopyFrom(numpy_helper.from_array(numbers, tensor.name))


def give(model: Any, number: int, value: float, output: str = "boxes") -> None:
    """Make a file of the layout app give one box with a wrong number, or a wrong number in place of a confidence."""
    table = np.array([[10, 10, 20, 20, 0.5, 0]], np.float32)
    table[0, number] = value
    for node in list(model.graph.node):
        if node.output[0] == output:
            model.graph.node.remove(node)
    constant = table if output == "boxes" else np.array(value, np.float32)
    model.graph.node.append(
        helper.make_node("Constant", [], [output], value=numpy_helper.from_array(constant, "wrong"))
    )


@pytest.mark.parametrize("path", [APP, STOCK, INT8], ids=lambda path: path.name)
def test_the_shipped_files_have_known_operators_alone(path: Path) -> None:
    assert read_parts(path.read_bytes()).operators <= OPERATORS


@pytest.mark.parametrize(
    ("number", "value"),
    [(0, np.nan), (3, np.inf), (4, np.nan), (4, 1.5), (4, -0.1), (5, 7), (5, 0.5), (5, -1), (5, np.nan), (0, 30)],
)
def test_boxes_that_are_none(tmp_path: Path, number: int, value: float) -> None:
    message = message_of(tmp_path, APP, lambda model: give(model, number, value))
    assert "gives numbers that are not boxes and confidences" in message or "not all finite" in message


@pytest.mark.parametrize("value", [2.0, -1.0])
def test_a_confidence_of_the_scan_out_of_range(tmp_path: Path, value: float) -> None:
    message = message_of(tmp_path, APP, lambda model: give(model, 0, value, "scan_abnormal_confidence"))
    assert "gives numbers that are not boxes and confidences" in message


@pytest.mark.parametrize("path", [APP, STOCK, INT8], ids=lambda path: path.name)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_do_not_find_nothing(tmp_path: Path, path: Path, value: float) -> None:
    message = message_of(tmp_path, path, lambda model: fill(initializer(model, 1 if path == INT8 else 64), value))
    assert "its numbers are not all finite" in message


def loop(model: Any) -> None:
    """A loop that never ends, before everything else."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"])],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, [])],
    )
    truth = numpy_helper.from_array(np.array(True), "truth")
    model.graph.initializer.append(truth)
    model.graph.node.insert(0, helper.make_node("Loop", ["", "truth"], [], body=body))


def nested_if(model: Any) -> None:
    inner = next(node for node in model.graph.node if node.op_type == "If")
    inner.attribute[0].g.node.append(inner)


def external(model: Any) -> None:
    tensor = initializer(model)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (loop, "has the operator `Loop`"),
        (lambda model: setattr(model.graph.node[0], "op_type", "Scan"), "has the operator `Scan`"),
        (lambda model: setattr(model.graph.node[0], "op_type", "Expand"), "has the operator `Expand`"),
        (lambda model: setattr(model.graph.node[0], "op_type", ""), "has the operator ``"),
        (lambda model: setattr(model.graph.node[0], "op_type", "x" * 5000), "has the operator `xxxx"),
        (lambda model: setattr(model.graph.node[0], "domain", "com.microsoft"), "operators that are not those of ONNX"),
        (lambda model: model.functions.add(name="Relu"), "functions of its own"),
        (lambda model: model.training_info.add(), "functions of its own"),
        (lambda model: model.graph.sparse_initializer.add(), "sparse numbers"),
        (nested_if, "subgraphs in subgraphs"),
        (external, "its numbers in other files"),
        (lambda model: model.ClearField("graph"), "no network"),
        (lambda model: model.graph.ClearField("node"), "that can be loaded"),
    ],
)
def test_networks_that_no_exporter_writes(tmp_path: Path, change: Callable[[Any], object], message: str) -> None:
    assert message in message_of(tmp_path, APP, change)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        '{"a":' * 20_000,
        " " * 200_000,
        '{"schema": 1e999}',
        '{"schema": ' + "9" * 5000 + "}",
        '{"schema": 3, "scaling": [], "class_names": 3}',
        "null",
        '"x"',
    ],
)
@pytest.mark.parametrize("path", [APP, STOCK], ids=lambda path: path.name)
def test_descriptions_of_any_kind(tmp_path: Path, path: Path, text: str) -> None:
    def describe(model: Any) -> None:
        next(entry for entry in model.metadata_props if entry.key == METADATA_KEY).value = text

    assert "its description is damaged" in message_of(tmp_path, path, describe)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("input_height", True),
        ("input_width", 10**12),
        ("notice", {"a": 1}),
        ("version", None),
        ("licence", 3),
        ("layout", ["app"]),
        ("confidence", "0.5"),
        ("temperature", [1]),
        ("class_names", [["abnormal"], "normal"]),
    ],
)
def test_wrong_fields_of_a_description(tmp_path: Path, key: str, value: object) -> None:
    def describe(model: Any) -> None:
        entry = next(entry for entry in model.metadata_props if entry.key == METADATA_KEY)
        entry.value = json.dumps({**json.loads(entry.value), key: value})

    assert "its description is damaged" in message_of(tmp_path, APP, describe)


def test_a_description_that_is_not_text(tmp_path: Path) -> None:
    data = APP.read_bytes().replace(b"Research software", b"Research\xff\xfeoftware")
    (tmp_path / "x.onnx").write_bytes(data)
    assert "damaged" in refusal(tmp_path / "x.onnx") or "can be loaded" in refusal(tmp_path / "x.onnx")


def test_a_network_that_fails_on_a_scan(tmp_path: Path) -> None:
    def break_reshape(model: Any) -> None:
        node = next(node for node in model.graph.node if node.op_type == "Reshape")
        shape = next(each for each in model.graph.initializer if each.name == node.input[1])
        shape.CopyFrom(numpy_helper.from_array(np.array([7, 11], np.int64), shape.name))

    message = message_of(tmp_path, STOCK, break_reshape)
    assert "its network fails on this scan" in message or "that can be loaded" in message


def test_places_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    (tmp_path / "zero.onnx").symlink_to("/dev/zero")
    with (tmp_path / "huge.onnx").open("wb") as file:
        file.truncate(1 << 40)
    for name, message in (
        ("pipe", "is not a regular file"),
        ("zero", "is not a regular file"),
        ("huge", "more than 1 GB"),
    ):
        assert message in refusal(tmp_path / f"{name}.onnx")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x3a",
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x3b\x00",
        b"\x00\x00",
        b"\x38\x07",
        b"\xff" * 20,
    ],
)
def test_bytes_that_are_no_message(data: bytes) -> None:
    with pytest.raises(WireError):
        read_parts(data)


def test_initializers_and_metadata_are_read_as_onnx_reads_them() -> None:
    for path in (APP, STOCK, INT8):
        parts, model = read_parts(path.read_bytes()), onnx.load(path)
        assert parts.constants == {
            each.name.encode(): TensorForm(each.data_type, tuple(each.dims)) for each in model.graph.initializer
        }
        assert parts.metadata == {each.key.encode(): each.value.encode() for each in model.metadata_props}


def test_sides_of_a_tensor_may_be_packed() -> None:
    """Field 7 of a model is its graph, field 5 of that an initializer: sides 2 and 300, type 1, name `x`."""
    tensor = b"\x0a\x03\x02\xac\x02" + b"\x10\x01" + b"\x42\x01x"
    graph = b"\x2a" + bytes([len(tensor)]) + tensor
    parts = read_parts(b"\x3a" + bytes([len(graph)]) + graph)
    assert parts.constants == {b"x": TensorForm(1, (2, 300))}


def test_a_file_in_onnxruntime_s_own_format_is_not_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(b"\x12\x06ORTM\x00\x00" + APP.read_bytes())  # as ONNX: the name of the producer
    assert Detector(path, threads=1).card.layout == "app"
