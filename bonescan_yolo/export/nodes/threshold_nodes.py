"""Thresholds of the classes, as ONNX nodes. The numpy twin is `bonescan_yolo.model.thresholds`."""

from __future__ import annotations

from dataclasses import dataclass

from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.model.thresholds import Thresholds


@dataclass(frozen=True)
class Limits:
    """Names of the thresholds in a graph.

    Attributes:
        lowest: float32 scalar; every box that is shown has a higher confidence.
        by_class: (classes,) float32, the threshold of each class; None if they share `lowest`.
    """

    lowest: str
    by_class: str | None = None


def add_limits(graph: Graph, confidence: str, own: Thresholds) -> Limits:
    """Add the thresholds: the input's for both classes, or below 0 each class's own.

    If the classes share a threshold, it is the input's default and there is nothing to add.

    Args:
        graph: gets the nodes.
        confidence: name of the input, a float32 scalar.
        own: thresholds of the model's card.
    """
    if own.are_equal:
        return Limits(confidence)
    is_left_out = graph.add("Less", [confidence, graph.floats("limits.zero", 0.0)], "limits.left_out")
    by_class = graph.add("Where", [is_left_out, graph.floats("limits.own", own.by_class), confidence], "limits")
    return Limits(graph.add("ReduceMin", [by_class], "limits.lowest", {"keepdims": 0}), by_class)


def limits_of_boxes(graph: Graph, limits: Limits, classes: str) -> str:
    """Add the threshold of each of N boxes, given the name of their class ids: (N,), or a scalar for all of them."""
    if limits.by_class is None:
        return limits.lowest
    return graph.add("Gather", [limits.by_class, classes], "limits.of_boxes")
