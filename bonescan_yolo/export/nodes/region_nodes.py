"""The map of bones as ONNX nodes, behind a switch: a caller who wants boxes alone does not wait for it.

onnxruntime computes all nodes, whichever outputs are asked for, so the head for bones is in a branch of an If.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.export.region_graph import FEATURES, LOGITS, TONES
from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH
from bonescan_yolo.regions.region_map import STRIDE, WHOLE
from bonescan_yolo.regions.region_names import BONES

if TYPE_CHECKING:
    import onnx

SHAPE = (len(BONES), INPUT_HEIGHT // STRIDE, INPUT_WIDTH // STRIDE)
"""Of a map of the frame."""

PREFIX = "regions."
"""Of the head's names, which must differ from those of the network."""


@dataclass(frozen=True)
class RegionSources:
    """Names of what the map is made from.

    Attributes:
        tones: (1, 1, height, INPUT_WIDTH) float32, rows cut off at the bottom.
        features: of the network's finest level.
        switch: bool scalar, whether the map is wanted.
        confidence: float32 scalar in [0, 1], any of the scan. onnxruntime takes the branch for good when it loads a
            file if the condition is constant, before it has a caller's switch; with a number of the scan it is not.
    """

    tones: str
    features: str
    switch: str
    confidence: str


def add_regions(graph: Graph, head: onnx.GraphProto, sources: RegionSources) -> str:
    """Add the map: how much of each cell of STRIDE x STRIDE pixels of the frame each of BONES covers.

    Args:
        graph: gets the nodes.
        head: of `trace_region_head`; not changed.
        sources: what it is made from.

    Returns:
        Name of the map: SHAPE uint8, 0 to WHOLE, rows that were cut off 0; (bones, 0, 0) with the switch off.
    """
    always = graph.add("Greater", [sources.confidence, graph.floats("below_all", -1.0)], "always")
    wanted = graph.add("And", [sources.switch, always], "wanted")
    return graph.add("If", [wanted], "map", {"then_branch": _covered(head, sources), "else_branch": _nothing()})


def _weights(head: onnx.GraphProto) -> list[onnx.TensorProto]:
    """Return the head's weights under their new names."""
    from onnx import TensorProto

    weights = []
    for tensor in head.initializer:
        weights.append(TensorProto())
        weights[-1].CopyFrom(tensor)
        weights[-1].name = PREFIX + tensor.name
    return weights


def _covered(head: onnx.GraphProto, sources: RegionSources) -> onnx.GraphProto:
    """Return the branch with the head.

    Its weights are in the branch and stay in float32: onnxruntime's faster convolutions take no weights from outside.
    """
    from onnx import TensorProto

    branch = Graph("covered")
    branch.constants.extend(_weights(head))
    branch.nodes.extend(_grafted(head, sources))
    parts = branch.add("Sigmoid", [PREFIX + LOGITS], "parts")
    scale, zero = branch.floats("scale", 1 / WHOLE), branch.cells("zero", 0)
    levels = branch.add("QuantizeLinear", [parts, scale, zero], "levels")
    rows = branch.add("Gather", [branch.add("Shape", [levels], "shape"), branch.integers("axis", [2])], "rows")
    missing = branch.add("Sub", [branch.integers("all", [SHAPE[1]]), rows], "missing")
    before, after = branch.integers("before", [0] * 6), branch.integers("after", [0])
    pads = branch.add("Concat", [before, missing, after], "pads", {"axis": 0})
    padded = branch.add("Pad", [levels, pads], "padded")
    return branch.as_branch(branch.add("Reshape", [padded, branch.integers("sides", SHAPE)], "map"), TensorProto.UINT8)


def _grafted(head: onnx.GraphProto, sources: RegionSources) -> list[onnx.NodeProto]:
    """Return copies of the head's nodes with their new names."""
    from onnx import NodeProto

    names = {TONES: sources.tones, FEATURES: sources.features, "": ""}
    nodes = []
    for node in head.node:
        nodes.append(NodeProto())
        nodes[-1].CopyFrom(node)
        nodes[-1].name = PREFIX + node.name
        nodes[-1].input[:] = [names.get(name, PREFIX + name) for name in node.input]
        nodes[-1].output[:] = [PREFIX + name for name in node.output]
    return nodes


def _nothing() -> onnx.GraphProto:
    """Return the branch of a caller who wants no map."""
    from onnx import TensorProto

    branch = Graph("uncovered")
    empty = branch.cells("empty", np.zeros((SHAPE[0], 0, 0)))
    return branch.as_branch(branch.add("Identity", [empty], "map"), TensorProto.UINT8)
