"""Thresholds of the classes, as ONNX nodes. The numpy twin is `bonescan_yolo.model.thresholds`.

The thresholds are an initializer that a caller may replace per session (`add_initializer` of onnxruntime). A node that
had nothing but constants as inputs might be computed before that, so each node that takes it has another input too.
"""

from __future__ import annotations

from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.model.rescoring import FLOOR, Rescoring


def add_candidates(graph: Graph, best: str, confidence: str, rescoring: Rescoring) -> str:
    """Add which of N cells are candidates: those above the lowest threshold, or that others may lift above it.

    Args:
        graph: gets the nodes.
        best: name of (N,) float32, the highest score of each cell.
        confidence: name of (classes,) float32, the threshold of each class.
        rescoring: how much the other boxes count.

    Returns:
        Name of (N,) float32, 1 for a candidate and 0 for another cell.
    """
    column = graph.add("Reshape", [best, graph.integers("limits.column", [-1, 1])], "limits.best")
    by_class = _as_number(graph, graph.add("Greater", [column, confidence], "limits.above"), "limits.by_class")
    above = graph.add("ReduceMax", [by_class], "limits.any", {"axes": [1], "keepdims": 0})
    if rescoring.is_off:
        return above
    lifted = graph.add("Greater", [best, graph.floats("context.floor", FLOOR)], "limits.above_floor")
    return graph.add("Max", [above, _as_number(graph, lifted, "limits.lifted")], "limits.candidates")


def limits_of_boxes(graph: Graph, confidence: str, classes: str) -> str:
    """Add the threshold of each of N boxes, (N,) float32, given the names of the thresholds and of their class ids."""
    return graph.add("Gather", [confidence, classes], "limits.of_boxes")


def _as_number(graph: Graph, truth: str, name: str) -> str:
    from onnx import TensorProto

    return graph.add("Cast", [truth], name, {"to": TensorProto.FLOAT})
