"""A model of layout `app` with an answer known beforehand, which takes next to no time."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.factories import CELL

CARD: dict[str, Any] = {
    "schema": 5,
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
    Abnormal is left of column 128, normal from there on. The initializers `confidence`, the threshold of each class,
    and `iou` may be replaced; no two cells overlap, so `iou` does nothing. The confidence of a box says which grey
    levels reached the network.
    """
    card = card or CARD
    nodes = [
        helper.make_node("Cast", ["scan"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["levels"], ["image"], axes=[0, 1]),
        helper.make_node("AveragePool", ["image"], ["means"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Squeeze", ["means"], ["cells"], axes=[0, 1]),
        helper.make_node("Div", ["cells", "white"], ["scores"]),
        helper.make_node("Slice", ["scores", "first", "half", "across"], ["left_half"]),
        helper.make_node("ReduceMax", ["left_half"], ["scan_abnormal_confidence"], keepdims=0),
        helper.make_node("Unsqueeze", ["scores"], ["by_class"], axes=[2]),
        helper.make_node("Greater", ["by_class", "confidence"], ["above_class"]),
        helper.make_node("Cast", ["above_class"], ["counted"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["counted"], ["above"], axes=[2], keepdims=0),
        helper.make_node("NonZero", ["above"], ["places"]),
        helper.make_node("Transpose", ["places"], ["rows_columns"], perm=[1, 0]),
        helper.make_node("GatherND", ["scores", "rows_columns"], ["found"]),
        helper.make_node("Shape", ["found"], ["number"]),
        helper.make_node("TopK", ["found", "number"], ["sorted_scores", "order"]),
        helper.make_node("Less", ["sorted_scores", "iou"], ["is_less"]),  # onnxruntime warns of what no node takes
        helper.make_node("Where", ["is_less", "sorted_scores", "sorted_scores"], ["best"]),
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
        helper.make_node("Concat", ["x1", "y1", "x2", "y2", "column", "classes"], ["candidates"], axis=1),
        helper.make_node("Cast", ["is_right"], ["numbers"], to=TensorProto.INT64),
        helper.make_node("Gather", ["confidence", "numbers"], ["limits"]),
        helper.make_node("Greater", ["column", "limits"], ["is_shown"]),
        helper.make_node("Squeeze", ["is_shown"], ["shown"], axes=[1]),
        helper.make_node("Compress", ["candidates", "shown"], ["boxes"], axis=0),
    ]
    floats: dict[str, float | list[float]] = {
        "white": 255.0,
        "cell": float(CELL),
        "middle": 128.0,
        "confidence": [card["confidence"], card.get("normal_confidence", card["confidence"])],
        "iou": card["iou"],
    }
    constants = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in floats.items()]
    integers = {"x": 1, "y": 0, "first": 0, "half": 128 // CELL, "across": 1}
    constants += [numpy_helper.from_array(np.array([value], np.int64), name) for name, value in integers.items()]
    graph = helper.make_graph(
        nodes,
        "cells",
        [helper.make_tensor_value_info("scan", TensorProto.UINT8, ["height", "width"])],
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
