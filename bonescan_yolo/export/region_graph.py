"""The head for bones as an ONNX graph of its own: Ultralytics' exporter, which traces the network, leaves it out."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bonescan_yolo.export.network import OPSET
from bonescan_yolo.model.card import INPUT_WIDTH

if TYPE_CHECKING:
    import onnx

TONES, FEATURES, LOGITS = "tones", "features", "logits"
"""Names of the inputs and of the output."""

TRACED_ROWS: Final = 64
"""Of the tones while the head is traced; those of a scan are as many as it has."""


def trace_region_head(network: Any) -> onnx.GraphProto | None:
    """Return the head of a network in float32, with its normalisation folded into its convolutions.

    Its inputs are TONES, (1, 1, height, INPUT_WIDTH) float32, and FEATURES, those of the network's finest level; its
    output LOGITS is (1, bones, height / 4, INPUT_WIDTH / 4) float32. The height is any multiple of 8.

    Args:
        network: of `torch_network.load_network`, in inference mode; not changed.

    Returns:
        The graph; None if the network has no head for bones.
    """
    import onnx
    import torch

    from bonescan_yolo.regions.region_head import FEATURE_STRIDE, RegionLogits, region_head_of

    head = region_head_of(network)
    if head is None:
        return None

    channels = head["features"].get_parameter("0.weight").shape[1]
    features = torch.zeros(1, channels, TRACED_ROWS // FEATURE_STRIDE, INPUT_WIDTH // FEATURE_STRIDE)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of this exporter, the one that Ultralytics uses
        path = Path(folder) / "head.onnx"
        torch.onnx.export(
            RegionLogits(head),
            (torch.zeros(1, 1, TRACED_ROWS, INPUT_WIDTH), features),
            path,
            opset_version=OPSET,
            dynamo=False,
            input_names=[TONES, FEATURES],
            output_names=[LOGITS],
            dynamic_axes={TONES: {2: "height"}, FEATURES: {2: "rows"}, LOGITS: {2: "map_rows"}},
        )
        return onnx.load(path).graph
