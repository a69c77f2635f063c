"""Building ONNX graphs node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    import onnx

IR_VERSION = 7
"""Version of the file format that onnxruntime 1.3 (2020) and later read."""


class Graph:
    """A part of a graph: nodes and constants whose names begin with one word, so that parts can be joined.

    Methods that add a node return the name of its output; other nodes take it as an input.

    Attributes:
        nodes: in an order in which they can run.
        constants: the values they use.
    """

    def __init__(self, prefix: str) -> None:
        """Start an empty part; all names begin with `prefix`."""
        self._prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def floats(self, name: str, value: ArrayLike) -> str:
        """Add a float32 constant of any shape; returns its full name."""
        return self._constant(name, np.asarray(value, np.float32))

    def integers(self, name: str, value: ArrayLike) -> str:
        """Add an int64 constant of any shape; returns its full name."""
        return self._constant(name, np.asarray(value, np.int64))

    def cells(self, name: str, value: ArrayLike) -> str:
        """Add a uint8 constant of any shape; returns its full name."""
        return self._constant(name, np.asarray(value, np.uint8))

    def _constant(self, name: str, value: np.ndarray[Any, Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(value, f"{self._prefix}.{name}"))
        return self.constants[-1].name

    def add(self, operator: str, inputs: Sequence[str], name: str, attributes: Mapping[str, Any] | None = None) -> str:
        """Add a node of one output; returns the output's full name."""
        from onnx import helper

        output = f"{self._prefix}.{name}"
        node = helper.make_node(operator, inputs, [output], name=f"{output}.{operator}")
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted((attributes or {}).items()))
        self.nodes.append(node)
        return output

    def add_pair(
        self, operator: str, inputs: Sequence[str], names: tuple[str, str], attributes: Mapping[str, Any] | None = None
    ) -> tuple[str, str]:
        """Add a node of two outputs, such as TopK; returns their full names."""
        first = self.add(operator, inputs, names[0], attributes)
        second = f"{self._prefix}.{names[1]}"
        self.nodes[-1].output.append(second)
        return first, second

    def as_branch(self, output: str, element: int) -> onnx.GraphProto:
        """Return the part as a branch of an If node; `element` is the output's type, of TensorProto."""
        from onnx import helper

        value = helper.make_tensor_value_info(output, element, None)
        return helper.make_graph(self.nodes, f"{self._prefix}.branch", [], [value], initializer=self.constants)
