"""A model of layout `app` with an answer known beforehand, which takes next to no time."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.factories import CELL

CARD: dict[str, Any] = {
    "schema": 3,
    "layout": "app",
    "scaling": "display grey level",
    "class_names": ["abnormal", "normal"],
    "confidence": 0.25,
    "iou": 0.3,
    "input_height": 1024,
    "input_width": 256,
    "trained_on": "squares",
    "version": "0.1.0",
    "licence": "AGPL-3.0-or-later",
    "notice": "Research software, not a medical device.",
}


def make_app_model(card: dict[str, Any] | None = None) -> bytes:
    """Return an ONNX file that calls every cell of 16 x 16 pixels a box, its mean grey level over 255 the confidence.

    Input `scan` (height, width) uint8; outputs `boxes` (n, 6), best first, and the highest abnormal confidence.
    Abnormal is left of column 128, normal from there on. `confidence` and `iou` are initializers that may be
    overridden; no two cells overlap, so `iou` does nothing. The confidence of a box tells the grey levels that reached
    the network.

    If the card has a `normal_confidence`, the default of `confidence` is -1, below 0, and each class then has the
    threshold of the card; scans must have 256 columns.
    """
    card = card or CARD
    has_two = "normal_confidence" in card
    nodes = [
        helper.make_node("Cast", ["scan"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["levels"], ["image"], axes=[0, 1]),
        helper.make_node("AveragePool", ["image"], ["means"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Squeeze", ["means"], ["cells"], axes=[0, 1]),
        helper.make_node("Div", ["cells", "white"], ["scores"]),
        helper.make_node("Slice", ["scores", "first", "half", "across"], ["left_half"]),
        helper.make_node("ReduceMax", ["left_half"], ["scan_abnormal_confidence"], keepdims=0),
        helper.make_node("Less", ["confidence", "zero"], ["is_left_out"]),
        helper.make_node("Where", ["is_left_out", "own", "confidence"], ["limits"]),
        helper.make_node("Greater", ["scores", "limits"], ["above"]),
        helper.make_node("NonZero", ["above"], ["places"]),
        helper.make_node("Transpose", ["places"], ["rows_columns"], perm=[1, 0]),
        helper.make_node("GatherND", ["scores", "rows_columns"], ["found"]),
        helper.make_node("Shape", ["found"], ["number"]),
        helper.make_node("TopK", ["found", "number"], ["best", "order"]),
        helper.make_node("Gather", ["rows_columns", "order"], ["sorted"]),
        helper.make_node("Cast", ["sorted"], ["corner"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["corner", "cell"], ["upper_left"]),
        helper.make_node("Gather", ["upper_left", "x"], ["x1"], axis=1),
        helper.make_node("Gather", ["upper_left", "y"], ["y1"], axis=1),
        helper.make_node("Add", ["x1", "cell"], ["x2"]),
        helper.make_node("Add", ["y1", "cell"], ["y2"]),
        helper.make_node("Less", ["x1", "middle"], ["is_left"]),
        helper.make_node("Not", ["is_left"], ["is_right"]),
        helper.make_node("Cast", ["is_right"], ["classes"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["best"], ["column"], axes=[1]),
        helper.make_node("Concat", ["x1", "y1", "x2", "y2", "column", "classes"], ["boxes"], axis=1),
    ]
    floats: dict[str, float | list[float]] = {
        "white": 255.0,
        "zero": 0.0,
        "own": np.repeat([card["confidence"], card["normal_confidence"]], 128 // CELL).tolist()  # of each column
        if has_two
        else card["confidence"],
        "cell": float(CELL),
        "middle": 128.0,
        "confidence": -1.0 if has_two else card["confidence"],
        "iou": card["iou"],
    }
    constants = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in floats.items()]
    integers = {"x": 1, "y": 0, "first": 0, "half": 128 // CELL, "across": 1}
    constants += [numpy_helper.from_array(np.array([value], np.int64), name) for name, value in integers.items()]
    graph = helper.make_graph(
        nodes,
        "cells",
        [
            helper.make_tensor_value_info("scan", TensorProto.UINT8, ["height", "width"]),
            helper.make_tensor_value_info("confidence", TensorProto.FLOAT, []),
            helper.make_tensor_value_info("iou", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["n", 6]),
            helper.make_tensor_value_info("scan_abnormal_confidence", TensorProto.FLOAT, []),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8)
    helper.set_model_props(model, {"bonescan_yolo": json.dumps(card)})
    onnx.checker.check_model(model)
    return model.SerializeToString()
