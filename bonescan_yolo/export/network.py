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

HEAD = re.compile(r"/model\.\d+/cv(?P<branch>[23])\.(?P<level>\d+)/cv\d\.\d+\.2/Conv")
"""Names that Ultralytics gives the last convolution of each branch and level: cv2 for edges, cv3 for scores."""

EDGES, SCORES = "2", "3"


@dataclass(frozen=True, eq=False)
class Network:
    """A network without the steps before and after it.

    Attributes:
        model: its only input is (1, 1, height, INPUT_WIDTH) float32 tones, height any multiple of 32.
        levels: names and strides of its outputs, finest first.
        head: names of its last convolutions.
    """

    model: onnx.ModelProto
    levels: tuple[Level, ...]
    head: tuple[str, ...]


def cut_network(stock: onnx.ModelProto) -> Network:
    """Return the network of a raw model that Ultralytics exported.

    Args:
        stock: of `export_stock`, a detection network with YOLOv8's head and the frame's size; not changed.

    Raises:
        ValueError: its head is not YOLOv8's.
    """
    import onnx
    from onnx import TensorProto, helper, shape_inference

    convolutions = {}
    for node in stock.graph.node:
        found = HEAD.fullmatch(node.name)
        if found:
            convolutions[found["branch"], int(found["level"])] = node
    n_levels = len(convolutions) // 2
    if not n_levels or set(convolutions) != {(b, n) for b in (EDGES, SCORES) for n in range(n_levels)}:
        raise ValueError("its head is not YOLOv8's")
    shapes = {
        value.name: [side.dim_value for side in value.type.tensor_type.shape.dim]
        for value in shape_inference.infer_shapes(stock).graph.value_info
    }
    levels = tuple(
        Level(
            edges=convolutions[EDGES, number].output[0],
            scores=convolutions[SCORES, number].output[0],
            stride=INPUT_WIDTH // shapes[convolutions[SCORES, number].output[0]][3],
        )
        for number in range(n_levels)
    )
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
    return Network(model, levels, tuple(node.name for node in convolutions.values()))
