"""The network cut out of a stock ONNX file: input is tones, output the feature maps of its head."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bonescan_yolo.export.nodes.decoding_nodes import Level
from bonescan_yolo.model.card import INPUT_WIDTH

if TYPE_CHECKING:
    import onnx

OPSET = 13
"""The lowest version whose QuantizeLinear has a scale for each channel; onnxruntime 1.6 (2020) and later read it."""

HEAD = re.compile(r"(?P<block>/model\.\d+/)cv(?P<branch>[23])\.(?P<level>\d+)/cv\d\.\d+\.2/Conv")
"""Names that Ultralytics gives the last convolution of each branch and level: cv2 for edges, cv3 for scores; `block` is
the head's own."""

EDGES, SCORES = "2", "3"

EDGES_OF_A_BOX = 4


@dataclass(frozen=True, eq=False)
class Network:
    """A network without the steps before and after it.

    Attributes:
        model: its only input is (1, 1, height, INPUT_WIDTH) float32 tones, height any multiple of `cell`.
        levels: its outputs, finest first.
        head: names of its last convolutions.
        features: name of the features of the finest level, which its head reads.
        cell: pixels of the frame in a cell of its coarsest features.
    """

    model: onnx.ModelProto
    levels: tuple[Level, ...]
    head: tuple[str, ...]
    features: str
    cell: int


def cut_network(stock: onnx.ModelProto) -> Network:
    """Return the network of a raw model that Ultralytics exported.

    Args:
        stock: of `export_stock`, a detection network with YOLOv8's head and the frame's size; not changed.

    Raises:
        ValueError: its head is not YOLOv8's.
    """
    import onnx
    from onnx import TensorProto, helper, shape_inference

    convolutions, block = _head_of(stock)
    shapes = {
        value.name: [side.dim_value for side in value.type.tensor_type.shape.dim]
        for value in shape_inference.infer_shapes(stock).graph.value_info
    }
    levels = tuple(
        Level(
            edges=convolutions[EDGES, number].output[0],
            scores=convolutions[SCORES, number].output[0],
            stride=INPUT_WIDTH // shapes[convolutions[SCORES, number].output[0]][3],
            bins=shapes[convolutions[EDGES, number].output[0]][1] // EDGES_OF_A_BOX,
        )
        for number in range(len(convolutions) // 2)
    )
    narrowest = min(shapes[node.output[0]][3] for node in stock.graph.node if node.op_type == "Conv")
    outputs = [name for level in levels for name in (level.edges, level.scores)]
    source = stock.graph.input[0].name
    extractor = onnx.utils.Extractor(onnx.version_converter.convert_version(stock, OPSET))
    model = extractor.extract_model([source], outputs)
    del model.graph.value_info[:]
    del model.graph.input[:]
    model.graph.input.append(helper.make_tensor_value_info(source, TensorProto.FLOAT, [1, 1, "height", INPUT_WIDTH]))
    for value in model.graph.output:
        sides = value.type.tensor_type.shape.dim
        sides[2].dim_param = f"rows{sides[2].dim_value}"
    finest = next(node for node in stock.graph.node if node.name.startswith(f"{block}cv{EDGES}.0/"))
    head = tuple(node.name for node in convolutions.values())
    return Network(model, levels, head, features=finest.input[0], cell=INPUT_WIDTH // narrowest)


def _head_of(stock: onnx.ModelProto) -> tuple[dict[tuple[str, int], onnx.NodeProto], str]:
    """Return the last convolutions of a head by branch and level, and how the names of the head's nodes begin."""
    convolutions, block = {}, ""
    for node in stock.graph.node:
        found = HEAD.fullmatch(node.name)
        if found:
            convolutions[found["branch"], int(found["level"])] = node
            block = found["block"]
    n_levels = len(convolutions) // 2
    if not n_levels or set(convolutions) != {(b, n) for b in (EDGES, SCORES) for n in range(n_levels)}:
        raise ValueError("its head is not YOLOv8's")
    return convolutions, block
