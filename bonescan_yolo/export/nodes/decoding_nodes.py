"""From the network's feature maps to boxes, as ONNX nodes: decoding, thresholds and non-maximum suppression.

YOLOv8's head: each cell of each level has a score for each class, and for each of the four edges of a box a
distribution over distances from the cell's centre, in whole strides (Li et al., Generalized Focal Loss, NeurIPS
2020). The numpy twin is `bonescan_yolo.model.runtime`, after Ultralytics' own decoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.export.nodes.fitting_nodes import Frame, ScanPlacement
from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.export.nodes.rescoring_nodes import ScoredBoxes, add_rescoring
from bonescan_yolo.export.nodes.threshold_nodes import add_candidates
from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH
from bonescan_yolo.model.rescoring import Rescoring
from bonescan_yolo.model.runtime import MAX_CANDIDATES, MAX_DETECTIONS


@dataclass(frozen=True)
class Level:
    """One level of the network's head.

    Attributes:
        edges: name of (1, 4 bins, h, w) float32, distributions of left, upper, right and lower edge before softmax.
        scores: name of (1, classes, h, w) float32, before the sigmoid.
        stride: pixels of the frame between neighbouring cells.
        bins: distances of an edge that have a probability, from 0 strides up; the same on all levels of a network.
    """

    edges: str
    scores: str
    stride: int
    bins: int


@dataclass(frozen=True)
class Decoded:
    """Names of the results.

    Attributes:
        table: (N, 6) float32: x1 y1 x2 y2 in the scan's pixels, confidence, class; best first, at most MAX_DETECTIONS.
        abnormal: scalar float32 in [0, 1], the highest score of any abnormal cell, above the threshold or not.
    """

    table: str
    abnormal: str


@dataclass(frozen=True)
class Choice:
    """Which boxes are shown.

    Attributes:
        confidence: name of (classes,) float32, the threshold of each class, see `threshold_nodes`.
        iou: name of a float32 scalar, the limit of non-maximum suppression.
        rescoring: how much the other abnormal boxes of the scan count.
    """

    confidence: str
    iou: str
    rescoring: Rescoring


def add_decoding(graph: Graph, levels: Sequence[Level], frame: Frame, choice: Choice) -> Decoded:
    """Add the nodes from the head's levels to boxes in the scan's pixels.

    Only cells that may get above the threshold are decoded.

    Args:
        graph: gets the nodes.
        levels: the head, finest level first.
        frame: where the scan is in the network's frame.
        choice: which boxes are shown.
    """
    bins = levels[0].bins
    edges = _join(graph, [level.edges for level in levels], 4 * bins, "edges")
    logits = _join(graph, [level.scores for level in levels], len(CLASS_NAMES), "logits")
    scores = graph.add("Sigmoid", [logits], "scores")
    cells, confidences, classes = _best_cells(graph, scores, choice)
    boxes = _decode(graph, _distances(graph, edges, cells, bins), _anchors(graph, levels), cells)
    alone = _suppress(graph, boxes, confidences, classes, choice.iou)
    top = _top(graph, scores)
    shown, abnormal = add_rescoring(graph, alone, top, choice.confidence, choice.rescoring)
    return Decoded(_in_scan(graph, boxes, shown, frame.placement), abnormal)


def _top(graph: Graph, scores: str) -> str:
    """Add the highest abnormal score of any cell, a scalar."""
    which = graph.integers("abnormal.class", ABNORMAL)
    cells = graph.add("Gather", [scores, which], "abnormal.cells", {"axis": 1})
    return graph.add("ReduceMax", [cells], "abnormal.top", {"keepdims": 0})


def _join(graph: Graph, maps: Sequence[str], channels: int, name: str) -> str:
    """Add the cells of all levels in one row, (1, channels, cells)."""
    shape = graph.integers(f"{name}.shape", [1, channels, -1])
    rows = [graph.add("Reshape", [value, shape], f"{name}.row{index}") for index, value in enumerate(maps)]
    return graph.add("Concat", rows, name, {"axis": 2})


def _anchors(graph: Graph, levels: Sequence[Level]) -> str:
    """Add centre x, centre y and stride of all cells, (cells, 3); rows that were cropped have no cells."""
    tables = []
    first, axis = graph.integers("anchors.first", [0]), graph.integers("anchors.axis", [0])
    for index, level in enumerate(levels):
        rows, columns = np.mgrid[: INPUT_HEIGHT // level.stride, : INPUT_WIDTH // level.stride]
        table = np.stack([columns + 0.5, rows + 0.5, np.ones(rows.shape)], axis=-1).reshape(-1, 3) * level.stride
        shape = graph.add("Shape", [level.scores], f"anchors.shape{index}")
        height = graph.add("Gather", [shape, graph.integers(f"anchors.height{index}", [2])], f"anchors.rows{index}")
        width = graph.integers(f"anchors.width{index}", [INPUT_WIDTH // level.stride])
        stop = graph.add("Mul", [height, width], f"anchors.stop{index}")
        full = graph.floats(f"anchors.table{index}", table)
        tables.append(graph.add("Slice", [full, first, stop, axis], f"anchors.of{index}"))
    return graph.add("Concat", tables, "anchors", {"axis": 0})


def _best_cells(graph: Graph, scores: str, choice: Choice) -> tuple[str, str, str]:
    """Add the choice of the cells that may be shown, at most MAX_CANDIDATES, best first.

    Returns:
        Names of their indices, confidences and classes, each (n,).
    """
    flat = graph.integers("flat", [-1])
    best = graph.add("ReduceMax", [scores], "best", {"axes": [0, 1], "keepdims": 0})
    classes = graph.add("Reshape", [graph.add("ArgMax", [scores], "argmax", {"axis": 1}), flat], "class_of_cell")
    above = graph.add("NonZero", [add_candidates(graph, best, choice.confidence, choice.rescoring)], "where")
    cells = graph.add("Reshape", [above, flat], "seen")
    number = _at_most(graph, cells, MAX_CANDIDATES, "candidates")
    values = graph.add("Gather", [best, cells], "values")
    confidences, order = graph.add_pair("TopK", [values, number], ("confidences", "order"))
    chosen = graph.add("Gather", [cells, order], "chosen")
    return chosen, confidences, graph.add("Gather", [classes, chosen], "classes")


def _at_most(graph: Graph, values: str, limit: int, name: str) -> str:
    """Add the length of a list, but at most a limit, (1,) int64."""
    length = graph.add("Shape", [values], f"{name}.length")
    return graph.add("Min", [length, graph.integers(f"{name}.limit", [limit])], f"{name}.number")


def _distances(graph: Graph, edges: str, cells: str, bins: int) -> str:
    """Add how far each edge is from the centre of each chosen cell, in strides, (n, 4): the means of their bins."""
    picked = graph.add("Gather", [edges, cells], "picked", {"axis": 2})
    by_edge = graph.add("Reshape", [picked, graph.integers("bins.shape", [4, bins, -1])], "bins")
    last = graph.add("Transpose", [by_edge], "bins.last", {"perm": [2, 0, 1]})
    shares = graph.add("Softmax", [last], "shares", {"axis": 2})
    expected = graph.add("MatMul", [shares, graph.floats("bins.values", np.arange(bins)[:, None])], "expected")
    return graph.add("Reshape", [expected, graph.integers("four", [-1, 4])], "distances")


def _decode(graph: Graph, distances: str, anchors: str, cells: str) -> str:
    """Add the boxes of chosen cells in frame pixels, x1 y1 x2 y2, (n, 4)."""
    place = graph.add("Gather", [anchors, cells], "place", {"axis": 0})
    centre_and_centre = graph.add("Gather", [place, graph.integers("xyxy", [0, 1, 0, 1])], "centres", {"axis": 1})
    stride = graph.add("Gather", [place, graph.integers("z", [2])], "strides", {"axis": 1})
    signs = graph.floats("signs", [-1.0, -1.0, 1.0, 1.0])
    reach = graph.add("Mul", [graph.add("Mul", [distances, stride], "reach"), signs], "signed")
    return graph.add("Add", [centre_and_centre, reach], "boxes")


def _suppress(graph: Graph, boxes: str, confidences: str, classes: str, iou: str) -> ScoredBoxes:
    """Add non-maximum suppression within each class: the boxes kept, best first."""
    from onnx import TensorProto

    ids = graph.integers("ids", np.arange(len(CLASS_NAMES))[:, None])
    own = graph.add("Cast", [graph.add("Equal", [classes, ids], "is_own")], "own", {"to": TensorProto.FLOAT})
    by_class = graph.add("Mul", [own, confidences], "by_class")  # a box counts in its best class only
    per_class = graph.add("Reshape", [by_class, graph.integers("nms.scores", [1, len(CLASS_NAMES), -1])], "per_class")
    batch = graph.add("Reshape", [boxes, graph.integers("nms.boxes", [1, -1, 4])], "batch")
    most, zero = graph.integers("nms.most", MAX_DETECTIONS), graph.floats("nms.zero", 0.0)
    selected = graph.add("NonMaxSuppression", [batch, per_class, most, iou, zero], "selected")
    which = graph.add("Gather", [selected, graph.integers("nms.column", 2)], "which", {"axis": 1})
    number = _at_most(graph, which, MAX_DETECTIONS, "detections")
    # candidates are sorted, so the lowest indices are the best
    kept, _ = graph.add_pair("TopK", [which, number], ("kept", "kept.order"), {"largest": 0})
    score = graph.add("Gather", [confidences, kept], "kept_confidences")
    return ScoredBoxes(kept, score, graph.add("Gather", [classes, kept], "kept_classes"))


def _in_scan(graph: Graph, boxes: str, shown: ScoredBoxes, place: ScanPlacement) -> str:
    """Add the table of the boxes shown, in the scan's pixels and cut to the scan, without boxes outside it."""
    from onnx import TensorProto

    across = graph.integers("xy.order", [1, 0, 1, 0])
    margin, scale, size = (
        graph.add("Gather", [value, across], f"xy.{name}")
        for value, name in ((place.margin, "margin"), (place.scale, "scale"), (place.size, "size"))
    )
    inner = graph.add("Sub", [graph.add("Gather", [boxes, shown.indices], "kept_boxes"), margin], "inner")
    unscaled = graph.add("Div", [inner, scale], "unscaled")
    cut = graph.add("Max", [graph.add("Min", [unscaled, size], "cut"), graph.floats("edge", 0.0)], "in_scan")
    label = graph.add("Cast", [shown.classes], "labels", {"to": TensorProto.FLOAT})
    column = graph.integers("column", [-1, 1])
    columns = [
        graph.add("Reshape", [shown.confidences, column], "score"),
        graph.add("Reshape", [label, column], "label"),
    ]
    table = graph.add("Concat", [cut, *columns], "table", {"axis": 1})
    lower = graph.add("Gather", [cut, graph.integers("lower", [0, 1])], "upper_left", {"axis": 1})
    upper = graph.add("Gather", [cut, graph.integers("upper", [2, 3])], "lower_right", {"axis": 1})
    sides = graph.add("Sub", [upper, lower], "sides")
    shortest = graph.add("ReduceMin", [sides], "shortest", {"axes": [1], "keepdims": 0})
    visible = graph.add("Greater", [shortest, graph.floats("nothing", 0.0)], "visible")
    return graph.add("Compress", [table, visible], "visible_rows", {"axis": 0})
