"""The network in INT8: a third of the bytes, and faster if the processor multiplies bytes (AVX512-VNNI, ARM dot).

Weights and activations become 8-bit integers with a scale, from the range of each activation on training scans
(Jacob et al., CVPR 2018). These stay in float32: the first layers, down to stride 8 (of a yolov8n three convolutions,
and the blocks after the second and third); the layer that the finest boxes come from (the fifteenth); the last
convolutions (whose outputs are boxes and scores), and the blocks before the scores.

Why these layers: with all but the first two and the last layers in INT8 the confidence of shown boxes is twice as far
from float32 (0.022 instead of 0.011 on average, over 144 boxes of 50 simulated scans), and one activation that is
rounded differently, as between browsers and processors, changes it by up to 0.05. Points of AP50 lost (`abnormal`,
`normal`) by a yolov8n on simulated scans, with a layer in INT8 and with it in float32:

    first block                    0.5 and 0.7     0.3 and 0.0     246 scans
    the convolution after it      -0.1 and 0.5     0.1 and 0.1     200 scans, a later model
    the next block                 0.9 and 0.5     0.4 and 0.6     180 scans, the model after that
    then the fifteenth layer       0.4 and 0.6     0.2 and 0.1     the same

Other networks than yolov8n keep the layers in the same places.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.export.network import Network
from bonescan_yolo.model.card import INPUT_WIDTH
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.third_party.onnxruntime_setup import disable_onnxruntime_telemetry

if TYPE_CHECKING:
    import onnx

LAYER = re.compile(r"/model\.(?P<number>\d+)/")
"""How the names begin that Ultralytics gives the nodes of a layer."""

BEFORE_SCORES = re.compile(r"/model\.\d+/cv3\.\d/cv3\.\d\.1/")
"""How the names begin of the block before the last convolution of the head's branches with the scores, `cv3`."""

FINE_STRIDE = 8
"""Pixels of the frame in a cell: layers before the first coarser one stay in float32."""

CALIBRATION_SCANS = 256
"""With 32 scans the ranges of activations were too small for hot scans: on two sets of 300 simulated scans a yolov8n
lost 0.8 and 0.3 points of AP50 of `abnormal`, with 256 scans 0.0 and 0.1."""


def quantise(network: Network, frames: Sequence[NDArray[np.uint8]]) -> Network:
    """Return a network in INT8.

    Weights use 7 of the 8 bits: processors without VNNI add the products of two pairs of bytes in 16 bit, which
    overflows with 8-bit weights. On such a processor a yolov8n lost 5 points of AP50 of `abnormal` on simulated scans
    with 8 bits, and 0.1 with 7.

    Args:
        network: in float32; not changed.
        frames: training scans, each (INPUT_HEIGHT, INPUT_WIDTH) uint8 grey levels.
    """
    disable_onnxruntime_telemetry()
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    shaped = onnx.shape_inference.infer_shapes(network.model)
    with tempfile.TemporaryDirectory() as folder, _quiet():
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save(shaped, source)
        quantize_static(
            source,
            target,
            _Frames(network.model.graph.input[0].name, frames),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=[*float_nodes(shaped.graph, network.features), *network.head],
        )
        return replace(network, model=onnx.load(target))


def float_nodes(graph: onnx.GraphProto, features: str) -> list[str]:
    """Return the names of the nodes that stay in float32, besides the head's last convolutions.

    Args:
        graph: of a network, with the shapes of its values.
        features: name of the features of its finest level.
    """
    widths = {
        value.name: value.type.tensor_type.shape.dim[3].dim_value
        for value in graph.value_info
        if len(value.type.tensor_type.shape.dim) == len(("batch", "channel", "row", "column"))
    }
    layers = [_layer_of(node.name) for node in graph.node]
    first_coarse = min(
        layer
        for layer, node in zip(layers, graph.node, strict=True)
        if layer is not None and widths.get(node.output[0], INPUT_WIDTH) < INPUT_WIDTH // FINE_STRIDE
    )
    kept = {layer for layer, node in zip(layers, graph.node, strict=True) if features in node.output}
    kept |= set(range(first_coarse))
    return [
        node.name
        for layer, node in zip(layers, graph.node, strict=True)
        if layer in kept - {None} or BEFORE_SCORES.match(node.name)
    ]


def _layer_of(name: str) -> int | None:
    """Return the number of the layer that a node belongs to; None if its name has none."""
    found = LAYER.match(name)
    return int(found["number"]) if found else None


class _Frames:
    """Training scans as the network's input, in the form that onnxruntime reads them: one per call."""

    def __init__(self, name: str, frames: Sequence[NDArray[np.uint8]]) -> None:
        self._name = name
        self._rest = iter(frames)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next scan's tones, (1, 1, height, width) float32 by input name, or None after the last."""
        frame = next(self._rest, None)
        return None if frame is None else {self._name: to_tones(frame, body_level(frame))[None, None]}


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide onnxruntime's advice on preparing models, which does not apply here."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
