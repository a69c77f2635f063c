"""The self-contained file: input is a scan, output is boxes, and all steps between are inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bonescan_yolo.export.network import OPSET, Network
from bonescan_yolo.export.nodes.decoding_nodes import Choice, add_decoding
from bonescan_yolo.export.nodes.display_nodes import add_body_level, add_tones
from bonescan_yolo.export.nodes.fitting_nodes import add_crop, add_frame
from bonescan_yolo.export.nodes.graph import IR_VERSION, Graph
from bonescan_yolo.export.nodes.region_nodes import RegionSources, add_regions
from bonescan_yolo.model.app_layout import (
    ABNORMAL_OUTPUT,
    BOXES_OUTPUT,
    CONFIDENCE,
    IOU,
    REGIONS_OUTPUT,
    SCAN_INPUT,
    TABLE_COLUMNS,
    WITH_REGIONS,
)
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.card_file import write_card
from bonescan_yolo.regions.region_names import BONES

if TYPE_CHECKING:
    import onnx

PIECES = ("scan", "level", "rows", "tones", "boxes", "regions.map")
"""How the names of the nodes around the network begin."""


def assemble(network: Network, card: ModelCard, head: onnx.GraphProto | None = None) -> onnx.ModelProto:
    """Return the self-contained model of a network.

    Its only input `scan` is (height, width) uint8 grey levels of any size. Its outputs are `boxes`, (N, 6) float32: x1
    y1 x2 y2 in the scan's pixels, confidence, class; best first; and `scan_abnormal_confidence`, a float32 scalar, the
    highest score of any abnormal box, shown or not; with a head for bones also `regions`, see `add_regions`.

    Initializers that a caller may replace per session hold what is optional: `confidence`, (classes,) float32, the
    threshold of each class, and `iou`, a float32 scalar, both by default the card's; with a head for bones also
    `with_regions`, a bool scalar, by default False.

    Args:
        network: of `cut_network`; not changed.
        card: with the layout APP; thresholds and rescoring are built in.
        head: of `trace_region_head`, for the same weights.
    """
    import onnx
    from onnx import TensorProto, helper

    framing, levelling, cropping, toning, after, last = map(Graph, PIECES)
    frame = add_frame(framing, SCAN_INPUT)
    level = add_body_level(levelling, frame.grey)
    tones = add_tones(toning, add_crop(cropping, frame.grey, level, network.cell), level)
    before = (framing, levelling, cropping, toning)
    decoded = add_decoding(after, network.levels, frame, Choice(CONFIDENCE, IOU, card.rescoring))
    found = {BOXES_OUTPUT: decoded.table, ABNORMAL_OUTPUT: decoded.abnormal}
    if head is not None:
        sources = RegionSources(tones, network.features, WITH_REGIONS, decoded.abnormal)
        found[REGIONS_OUTPUT] = add_regions(last, head, sources)
    inner = _rewire(network, tones)
    outputs = [helper.make_node("Identity", [value], [name]) for name, value in found.items()]
    graph = helper.make_graph(
        [*(node for piece in before for node in piece.nodes), *inner.node, *after.nodes, *last.nodes, *outputs],
        "bonescan_yolo",
        [helper.make_tensor_value_info(SCAN_INPUT, TensorProto.UINT8, ["height", "width"])],
        [value for value in _described_outputs() if value.name in found],
        [
            *(constant for piece in before for constant in piece.constants),
            *inner.initializer,
            *after.constants,
            *last.constants,
            *_replaceable(card, has_regions=head is not None),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    write_card(model, card, {})
    onnx.checker.check_model(model, full_check=True)
    return model


def _described_outputs() -> list[onnx.ValueInfoProto]:
    """Return names, types and shapes of all outputs."""
    from onnx import TensorProto, helper

    return [
        helper.make_tensor_value_info(BOXES_OUTPUT, TensorProto.FLOAT, ["number", TABLE_COLUMNS]),
        helper.make_tensor_value_info(ABNORMAL_OUTPUT, TensorProto.FLOAT, []),
        helper.make_tensor_value_info(REGIONS_OUTPUT, TensorProto.UINT8, [len(BONES), "map_rows", "map_columns"]),
    ]


def _replaceable(card: ModelCard, *, has_regions: bool) -> list[onnx.TensorProto]:
    """Return the initializers that a caller may replace."""
    from onnx import numpy_helper

    values = {
        CONFIDENCE: np.array(card.thresholds.by_class, np.float32),
        IOU: np.array(card.iou, np.float32),
        **({WITH_REGIONS: np.array(False)} if has_regions else {}),
    }
    return [numpy_helper.from_array(value, name) for name, value in values.items()]


def _rewire(network: Network, tones: str) -> onnx.GraphProto:
    """Return a copy of the network's graph whose input is the output of a node."""
    from onnx import GraphProto

    source = network.model.graph.input[0].name
    graph = GraphProto()
    graph.CopyFrom(network.model.graph)
    for node in graph.node:
        node.input[:] = [tones if name == source else name for name in node.input]
    return graph
