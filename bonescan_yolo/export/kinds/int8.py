"""The network in INT8: a third of the bytes, and faster where the processor multiplies bytes (AVX512-VNNI, ARM dot).

Weights and activations become 8-bit integers with a scale, found by looking at the range of each activation on training
scans (Jacob et al., CVPR 2018). Left in float32 are the first five layers (three convolutions, the blocks behind the
second and third), the block that the finest boxes come from (the fifteenth), the last convolutions, whose outputs are
boxes and scores, and those before the scores. With
all but the first two and the last in INT8 the confidence of shown boxes is twice as far from float32 (0.022 instead of
0.011 on average, over 144 boxes of 50 simulated scans), and one activation that is rounded otherwise, as browsers round
otherwise than processors, moves it by up to 0.05. With the first block in INT8 a yolov8n lost 0.5 and 0.7 points of
AP50 (`abnormal`, `normal`) on 246 simulated scans, without 0.3 and none. With the convolution behind it in INT8 a later
one gained 0.1 and lost 0.5 on 200, without it lost 0.1 and 0.1. With the next block in INT8 the one after lost 0.9 and
0.5 on 180, without it 0.4 and 0.6, without the fifteenth either 0.2 and 0.1.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.export.network import Network
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.third_party.onnxruntime_setup import disable_onnxruntime_telemetry

FLOAT_LAYERS = re.compile(r"/model\.([01234]|15)/|/model\.\d+/cv3\.\d/cv3\.\d\.1/")
"""Beginnings of the names of nodes that stay in float32, beside the head's last convolutions. Ultralytics calls the
branches of the head that give the scores `cv3`; `.1` is the block before their last convolution."""

CALIBRATION_SCANS = 256
"""With 32, ranges of activations missed what hot scans reach: on two sets of 300 simulated scans a yolov8n lost 0.8 and
0.3 points of AP50 of `abnormal`, with 256 none and 0.1."""


def quantise(network: Network, frames: Sequence[NDArray[np.uint8]]) -> Network:
    """Return a network in INT8.

    Weights take 7 bits of the 8: processors without VNNI add the products of two pairs of bytes in 16 bit, which
    8-bit weights overflow. A yolov8n on simulated scans then lost 5 points of AP50 of `abnormal` on such a processor,
    and with 7 bits 0.1.

    Args:
        network: in float32; is left as it is.
        frames: grey levels (INPUT_HEIGHT, INPUT_WIDTH) of training scans.
    """
    disable_onnxruntime_telemetry()
    import onnx
    from onnx import shape_inference
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    kept = [node.name for node in network.model.graph.node if FLOAT_LAYERS.match(node.name)]
    with tempfile.TemporaryDirectory() as folder, _quiet():
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save(shape_inference.infer_shapes(network.model), source)
        quantize_static(
            source,
            target,
            _Frames(network.model.graph.input[0].name, frames),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=[*kept, *network.head],
        )
        return Network(onnx.load(target), network.levels, network.head)


class _Frames:
    """The scans that onnxruntime asks for one by one, as the network's input."""

    def __init__(self, name: str, frames: Sequence[NDArray[np.uint8]]) -> None:
        self._name = name
        self._rest = iter(frames)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next scan's tones, (1, 1, H, W), or None after the last."""
        frame = next(self._rest, None)
        return None if frame is None else {self._name: to_tones(frame, body_level(frame))[None, None]}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep onnxruntime's advice on preparing models, which does not fit here, out of the user's sight."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
