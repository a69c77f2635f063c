"""The self-contained file: input is a scan, output is boxes, and all steps between are inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonescan_yolo.export.network import OPSET, Network
from bonescan_yolo.export.nodes.decoding_nodes import Choice, add_decoding
from bonescan_yolo.export.nodes.display_nodes import add_body_level, add_tones
from bonescan_yolo.export.nodes.fitting_nodes import add_crop, add_frame
from bonescan_yolo.export.nodes.graph import IR_VERSION, Graph
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.card_file import write_card
from bonescan_yolo.model.runtime import (
    ABNORMAL_OUTPUT,
    BOXES_OUTPUT,
    CONFIDENCE_INPUT,
    IOU_INPUT,
    OWN_THRESHOLDS,
    SCAN_INPUT,
    TABLE_COLUMNS,
)

if TYPE_CHECKING:
    import onnx


def assemble(network: Network, card: ModelCard) -> onnx.ModelProto:
    """Return the self-contained model of a network.

    Its input `scan` is (height, width) uint8 grey levels of any size. `confidence` and `iou` are optional inputs,
    float32 scalars; without them the card's values are used. `confidence` is for both classes; below 0, the default if
    the card has two thresholds, it leaves each class its own. Its outputs are `boxes`, (N, 6) float32: x1 y1 x2 y2 in
    the scan's pixels, confidence, class; best first; and `scan_abnormal_confidence`, a float32 scalar, the highest
    score of any abnormal box, shown or not.

    Args:
        network: of `cut_network`; not changed.
        card: with the layout APP; thresholds and rescoring are built in.
    """
    import onnx
    from onnx import TensorProto, helper

    framing, levelling, cropping, toning, after = map(Graph, ("scan", "level", "rows", "tones", "boxes"))
    frame = add_frame(framing, SCAN_INPUT)
    level = add_body_level(levelling, frame.grey)
    tones = add_tones(toning, add_crop(cropping, frame.grey, level), level)
    before = (framing, levelling, cropping, toning)
    choice = Choice(CONFIDENCE_INPUT, IOU_INPUT, card.thresholds, card.rescoring)
    decoded = add_decoding(after, network.levels, frame, choice)
    outputs = [
        helper.make_node("Identity", [decoded.table], [BOXES_OUTPUT]),
        helper.make_node("Identity", [decoded.abnormal], [ABNORMAL_OUTPUT]),
    ]
    inner = _rewire(network, tones)
    confidence = card.confidence if card.thresholds.are_equal else OWN_THRESHOLDS
    optional = {CONFIDENCE_INPUT: confidence, IOU_INPUT: card.iou}
    graph = helper.make_graph(
        [*(node for piece in before for node in piece.nodes), *inner.node, *after.nodes, *outputs],
        "bonescan_yolo",
        [
            helper.make_tensor_value_info(SCAN_INPUT, TensorProto.UINT8, ["height", "width"]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in optional),
        ],
        [
            helper.make_tensor_value_info(BOXES_OUTPUT, TensorProto.FLOAT, ["number", TABLE_COLUMNS]),
            helper.make_tensor_value_info(ABNORMAL_OUTPUT, TensorProto.FLOAT, []),
        ],
        [
            *(constant for piece in before for constant in piece.constants),
            *inner.initializer,
            *after.constants,
            *(helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in optional.items()),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    write_card(model, card, {})
    onnx.checker.check_model(model, full_check=True)
    return model


def _rewire(network: Network, tones: str) -> onnx.GraphProto:
    """Return a copy of the network's graph whose input is the output of a node."""
    from onnx import GraphProto

    source = network.model.graph.input[0].name
    graph = GraphProto()
    graph.CopyFrom(network.model.graph)
    for node in graph.node:
        node.input[:] = [tones if name == source else name for name in node.input]
    return graph
