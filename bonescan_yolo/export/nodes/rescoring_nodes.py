"""Rescore abnormal boxes by how many others the scan has, as ONNX nodes.

The numpy twin is `bonescan_yolo.model.rescoring`. Names of nodes begin with `context`, the earlier name of the
rescoring, so that an export of the same weights stays the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.export.nodes.threshold_nodes import limits_of_boxes
from bonescan_yolo.model.rescoring import CERTAIN, FLOOR, Rescoring


@dataclass(frozen=True)
class ScoredBoxes:
    """Names of the tensors of N boxes of a scan.

    Attributes:
        indices: (N,) int64, index of each box among the candidates.
        confidences: (N,) float32 in [0, 1].
        classes: (N,) int64 class ids.
    """

    indices: str
    confidences: str
    classes: str


def add_rescoring(
    graph: Graph, boxes: ScoredBoxes, top: str, confidence: str, rescoring: Rescoring
) -> tuple[ScoredBoxes, str]:
    """Add new confidences, the choice of the boxes above the thresholds, and the new highest abnormal confidence.

    Args:
        graph: gets the nodes.
        boxes: all boxes of the scan above the lowest threshold, or above what may be lifted there, with the network's
            own confidences.
        top: name of the scan's highest abnormal confidence by the network, a float32 scalar.
        confidence: name of (classes,) float32, the threshold of each class.
        rescoring: how much the others count.

    Returns:
        The boxes above the threshold of their class, best first, and the name of the new highest abnormal confidence,
        a scalar.
    """
    if rescoring.is_off:
        return _above(graph, boxes, boxes.confidences, confidence), top
    abnormal = graph.add("Equal", [boxes.classes, graph.integers("context.class", ABNORMAL)], "context.abnormal")
    evidence = _evidence(graph, boxes.confidences, abnormal)
    padded = graph.add("Concat", [evidence, graph.floats("context.none", [0.0])], "context.padded", {"axis": 0})
    total = graph.add("ReduceSum", [padded], "context.total", {"keepdims": 0})
    strongest = graph.add("ReduceMax", [padded], "context.strongest", {"keepdims": 0})
    beside_each = graph.add("Sub", [total, evidence], "context.beside_each")
    shifted = _shift(graph, boxes.confidences, beside_each, rescoring, "context.box")
    scores = graph.add("Where", [abnormal, shifted, boxes.confidences], "context.scores")
    beside_top = graph.add("Sub", [total, strongest], "context.beside_top")
    return _above(graph, boxes, scores, confidence), _shift(graph, top, beside_top, rescoring, "context.top")


def _evidence(graph: Graph, confidences: str, abnormal: str) -> str:
    """Add what each box adds to the expected number of abnormal boxes, (N,)."""
    from onnx import TensorProto

    seen = graph.add("Greater", [confidences, graph.floats("context.least", FLOOR)], "context.seen")
    counts = graph.add("And", [seen, abnormal], "context.counts")
    return graph.add(
        "Mul",
        [confidences, graph.add("Cast", [counts], "context.share", {"to": TensorProto.FLOAT})],
        "context.evidence",
    )


def _shift(graph: Graph, confidences: str, others: str, rescoring: Rescoring, name: str) -> str:
    """Add confidences whose odds are multiplied, given the expected number of others of each."""
    one = graph.floats(f"{name}.one", 1.0)
    low, high = graph.floats(f"{name}.low", CERTAIN), graph.floats(f"{name}.high", 1 - CERTAIN)
    kept = graph.add("Min", [graph.add("Max", [confidences, low], f"{name}.above"), high], f"{name}.sure")
    odds = graph.add("Div", [kept, graph.add("Sub", [one, kept], f"{name}.unsure")], f"{name}.odds")
    number = graph.add("Max", [others, graph.floats(f"{name}.least", 0.0)], f"{name}.number")
    all_of_them = graph.add("Add", [number, one], f"{name}.all")
    power = graph.add("Pow", [all_of_them, graph.floats(f"{name}.weight", rescoring.weight)], f"{name}.power")
    factor = graph.add("Mul", [power, graph.floats(f"{name}.lone", rescoring.lone)], f"{name}.factor")
    shifted = graph.add("Mul", [odds, factor], f"{name}.moved")
    return graph.add("Div", [shifted, graph.add("Add", [shifted, one], f"{name}.rest")], f"{name}.shifted")


def _above(graph: Graph, boxes: ScoredBoxes, scores: str, confidence: str) -> ScoredBoxes:
    """Add the choice of boxes whose scores are above the threshold of their class, best first."""
    least = limits_of_boxes(graph, confidence, boxes.classes)
    above = graph.add("NonZero", [graph.add("Greater", [scores, least], "context.above")], "context.where")
    which = graph.add("Reshape", [above, graph.integers("context.flat", [-1])], "context.which")
    values = graph.add("Gather", [scores, which], "context.values")
    count = graph.add("Shape", [values], "context.count")
    best, order = graph.add_pair("TopK", [values, count], ("context.best", "context.order"))
    chosen = graph.add("Gather", [which, order], "context.chosen")
    return ScoredBoxes(
        graph.add("Gather", [boxes.indices, chosen], "context.indices"),
        best,
        graph.add("Gather", [boxes.classes, chosen], "context.classes"),
    )
