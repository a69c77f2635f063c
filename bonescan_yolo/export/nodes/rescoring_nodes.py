"""Scoring boxes in the light of the scan's others, as ONNX nodes: what `bonescan_yolo.model.rescoring` does."""

from __future__ import annotations

from dataclasses import dataclass

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.model.rescoring import CERTAIN, FLOOR, Context


@dataclass(frozen=True)
class Scored:
    """Names of the boxes of a scan: `indices` among the candidates, `confidences` and `classes`, each (n,)."""

    indices: str
    confidences: str
    classes: str


def least_candidate(graph: Graph, confidence: str, context: Context) -> str:
    """Add the confidence above which a cell is a candidate: others may lift it above the threshold."""
    if context.is_none:
        return confidence
    return graph.add("Min", [confidence, graph.floats("context.floor", FLOOR)], "least")


def add_context(graph: Graph, boxes: Scored, top: str, confidence: str, context: Context) -> tuple[Scored, str]:
    """Add the boxes above the threshold, best first, and the scan's highest abnormal score, in the light of the others.

    Args:
        graph: grows by it.
        boxes: of the scan, by themselves.
        top: the scan's highest abnormal score by itself, a scalar.
        confidence: the threshold, a scalar.
        context: how much the others count.
    """
    if context.is_none:
        return boxes, top
    abnormal = graph.add("Equal", [boxes.classes, graph.integers("context.class", ABNORMAL)], "context.abnormal")
    evidence = _evidence(graph, boxes.confidences, abnormal)
    padded = graph.add("Concat", [evidence, graph.floats("context.none", [0.0])], "context.padded", {"axis": 0})
    total = graph.add("ReduceSum", [padded], "context.total", {"keepdims": 0})
    strongest = graph.add("ReduceMax", [padded], "context.strongest", {"keepdims": 0})
    beside_each = graph.add("Sub", [total, evidence], "context.beside_each")
    moved = _shift(graph, boxes.confidences, beside_each, context, "context.box")
    scores = graph.add("Where", [abnormal, moved, boxes.confidences], "context.scores")
    beside_top = graph.add("Sub", [total, strongest], "context.beside_top")
    return _above(graph, boxes, scores, confidence), _shift(graph, top, beside_top, context, "context.top")


def _evidence(graph: Graph, confidences: str, abnormal: str) -> str:
    """Add how many metastases each box is expected to be, (n,)."""
    from onnx import TensorProto

    seen = graph.add("Greater", [confidences, graph.floats("context.least", FLOOR)], "context.seen")
    counts = graph.add("And", [seen, abnormal], "context.counts")
    return graph.add(
        "Mul",
        [confidences, graph.add("Cast", [counts], "context.share", {"to": TensorProto.FLOAT})],
        "context.evidence",
    )


def _shift(graph: Graph, confidences: str, others: str, context: Context, name: str) -> str:
    """Add confidences moved by what is expected beside each."""
    one = graph.floats(f"{name}.one", 1.0)
    low, high = graph.floats(f"{name}.low", CERTAIN), graph.floats(f"{name}.high", 1 - CERTAIN)
    sure = graph.add("Min", [graph.add("Max", [confidences, low], f"{name}.above"), high], f"{name}.sure")
    odds = graph.add("Div", [sure, graph.add("Sub", [one, sure], f"{name}.unsure")], f"{name}.odds")
    number = graph.add("Max", [others, graph.floats(f"{name}.least", 0.0)], f"{name}.number")
    all_of_them = graph.add("Add", [number, one], f"{name}.all")
    power = graph.add("Pow", [all_of_them, graph.floats(f"{name}.weight", context.weight)], f"{name}.power")
    factor = graph.add("Mul", [power, graph.floats(f"{name}.lone", context.lone)], f"{name}.factor")
    moved = graph.add("Mul", [odds, factor], f"{name}.moved")
    return graph.add("Div", [moved, graph.add("Add", [moved, one], f"{name}.rest")], f"{name}.shifted")


def _above(graph: Graph, boxes: Scored, scores: str, confidence: str) -> Scored:
    """Add the choice of boxes whose scores are above the threshold, best first."""
    above = graph.add("NonZero", [graph.add("Greater", [scores, confidence], "context.above")], "context.where")
    which = graph.add("Reshape", [above, graph.integers("context.flat", [-1])], "context.which")
    values = graph.add("Gather", [scores, which], "context.values")
    count = graph.add("Shape", [values], "context.count")
    best, order = graph.add_pair("TopK", [values, count], ("context.best", "context.order"))
    chosen = graph.add("Gather", [which, order], "context.chosen")
    return Scored(
        graph.add("Gather", [boxes.indices, chosen], "context.indices"),
        best,
        graph.add("Gather", [boxes.classes, chosen], "context.classes"),
    )
