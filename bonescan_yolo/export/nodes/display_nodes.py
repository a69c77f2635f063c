"""Grey levels to tones, as ONNX nodes, so that an exported network takes plain grey levels.

The numpy twin is `bonescan_yolo.scan.display`.

The operators are those of opset 7 to 17, in the form that opsets 12 and 13 share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.scan.display import BODY_CUTS, MAX_GREY, TONE_LEVELS

if TYPE_CHECKING:
    import onnx

LEAST_LEVEL = 1e-6
"""Grey levels; taken as the body level of an empty scan, whose tones are 0 in any case."""


def add_body_level(graph: Graph, grey: str) -> str:
    """Add `bonescan_yolo.scan.display.body_level`.

    Args:
        graph: gets the nodes.
        grey: name of (1, 1, H, W) float32 grey levels.

    Returns:
        Name of the level, (1, 1, 1, 1) float32, at least LEAST_LEVEL.
    """
    least = graph.floats("least_level", LEAST_LEVEL)
    seen = grey
    for number, cut in enumerate(BODY_CUTS):
        level = _self_weighted_mean(graph, seen, f"mean{number}", least)
        limit = graph.add("Mul", [level, graph.floats(f"cut{number}", cut)], f"limit{number}")
        seen = graph.add("Min", [seen, limit], f"seen{number}")
    return graph.add("Max", [_self_weighted_mean(graph, seen, "body", least), least], "body")


def _self_weighted_mean(graph: Graph, pixels: str, name: str, least: str) -> str:
    total = _mean_of_scan(graph, pixels, f"{name}.total")
    squares = graph.add("Mul", [pixels, pixels], f"{name}.squares")
    weighted = _mean_of_scan(graph, squares, f"{name}.weighted")
    return graph.add("Div", [weighted, graph.add("Max", [total, least], f"{name}.least")], f"{name}.level")


def _mean_of_scan(graph: Graph, pixels: str, name: str) -> str:
    """Add the mean of each row, then that of the rows: one mean over all pixels has fifty times the rounding error."""
    rows = graph.add("ReduceMean", [pixels], f"{name}.rows", {"axes": [3], "keepdims": 1})
    return graph.add("ReduceMean", [rows], name, {"axes": [1, 2], "keepdims": 1})


def add_tones(graph: Graph, grey: str, level: str) -> str:
    """Add `bonescan_yolo.scan.display.to_tones`.

    Args:
        graph: gets the nodes.
        grey: name of (1, 1, H, W) float32 grey levels.
        level: name of their body level.

    Returns:
        Name of the tones, of the same shape, in [0, 1].
    """
    scale = graph.add("Mul", [level, graph.floats("levels", -TONE_LEVELS)], "scale")
    dark = graph.add("Exp", [graph.add("Div", [grey, scale], "optical")], "dark")
    return graph.add("Sub", [graph.floats("one", 1.0), dark], "out")


def prepend_tones(model: onnx.ModelProto) -> None:
    """Put the nodes from grey levels to tones before a network that takes tones; the model is changed in place.

    The input keeps its name, type and shape, (1, 1, H, W) float32, and is now the display grey level / 255.

    Raises:
        ValueError: the model has no input, or several.
    """
    if len(model.graph.input) != 1:
        raise ValueError("the network must have exactly one input")
    source = model.graph.input[0].name
    tones = Graph("tones")
    grey = tones.add("Mul", [source, tones.floats("white", MAX_GREY)], "grey")
    output = add_tones(tones, grey, add_body_level(tones, grey))
    for node in model.graph.node:
        node.input[:] = [output if name == source else name for name in node.input]
    model.graph.initializer.extend(tones.constants)
    kept = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*tones.nodes, *kept])
