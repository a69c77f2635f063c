"""The tones of `bonescan_yolo.scan.display` as ONNX nodes, so that an exported network takes plain grey levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bonescan_yolo.scan.display import BODY_CUTS, MAX_GREY, TONE_LEVELS

if TYPE_CHECKING:
    import onnx

PREFIX = "tones"
LEAST_LEVEL = 1e-6
"""Grey levels; stands for the body level of an empty scan, whose tones are 0 either way."""

NEWEST_OPSET = 12
"""From opset 13 on, ReduceSum takes its axes as an input."""


class ToneNodes:
    """The nodes and constants that turn display grey levels / 255 into tones."""

    def __init__(self, source: str) -> None:
        """Make them; `source` is the name of the network's input."""
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._least = self._constant("least_level", LEAST_LEVEL)
        grey = self._add("Mul", [source, self._constant("white", MAX_GREY)], "grey")
        seen = grey
        for number, cut in enumerate(BODY_CUTS):
            level = self._self_weighted_mean(seen, f"mean{number}")
            limit = self._add("Mul", [level, self._constant(f"cut{number}", cut)], f"limit{number}")
            seen = self._add("Min", [seen, limit], f"seen{number}")
        body = self._add("Max", [self._self_weighted_mean(seen, "body"), self._least], "body")
        scale = self._add("Mul", [body, self._constant("levels", -TONE_LEVELS)], "scale")
        dark = self._add("Exp", [self._add("Div", [grey, scale], "optical")], "dark")
        self.output = self._add("Sub", [self._constant("one", 1.0), dark], "out")

    def _constant(self, name: str, value: float) -> str:
        from onnx import TensorProto, helper

        self.constants.append(helper.make_tensor(f"{PREFIX}.{name}", TensorProto.FLOAT, [], [np.float32(value)]))
        return self.constants[-1].name

    def _add(self, operator: str, inputs: list[str], name: str) -> str:
        """Add a node and return the name of its output."""
        from onnx import helper

        output = f"{PREFIX}.{name}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=f"{output}.{operator}"))
        return output

    def _sum(self, pixels: str, axes: list[int], name: str) -> str:
        from onnx import helper

        output = self._add("ReduceSum", [pixels], name)
        self.nodes[-1].attribute.extend([helper.make_attribute("axes", axes), helper.make_attribute("keepdims", 1)])
        return output

    def _sum_of_scan(self, pixels: str, name: str) -> str:
        """Sum each row, then the rows: all pixels in one go lose fifty times as much to rounding."""
        return self._sum(self._sum(pixels, [3], f"{name}.rows"), [1, 2], name)

    def _self_weighted_mean(self, pixels: str, name: str) -> str:
        total = self._sum_of_scan(pixels, f"{name}.total")
        weighted = self._sum_of_scan(self._add("Mul", [pixels, pixels], f"{name}.squares"), f"{name}.weighted")
        return self._add("Div", [weighted, self._add("Max", [total, self._least], f"{name}.least")], f"{name}.level")


def prepend_tones(model: onnx.ModelProto) -> None:
    """Put the way from grey levels to tones in front of a network that takes tones; the model is changed in place.

    The input keeps its name, type and shape, (1, 1, H, W) float32, and is now the display grey level / 255. The
    operators are those of opset 7 and later.

    Raises:
        ValueError: the model has not one input, or is of an opset whose ReduceSum takes its axes another way.
    """
    if len(model.graph.input) != 1 or model.opset_import[0].version > NEWEST_OPSET:
        raise ValueError(f"a network with one input, of opset {NEWEST_OPSET} or older, is wanted")
    source = model.graph.input[0].name
    tones = ToneNodes(source)
    for node in model.graph.node:
        node.input[:] = [tones.output if name == source else name for name in node.input]
    model.graph.initializer.extend(tones.constants)
    kept = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*tones.nodes, *kept])
