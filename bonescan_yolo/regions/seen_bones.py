"""What a network with a head for bones sees of a scan."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.regions.region_map import WHOLE
from bonescan_yolo.scan.display import body_level, to_tones


def cover_of(network: Any, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the map of bones that a network with a head gives.

    Args:
        network: of `torch_network.load_network` or `weights_file.load_weights`.
        frame: (input height, input width) uint8 display grey levels.

    Returns:
        (bones, rows, columns) uint8, 0 to WHOLE.
    """
    import torch

    from bonescan_yolo.regions.region_head import ATTRIBUTE, region_logits

    with torch.inference_mode():
        tones = torch.from_numpy(to_tones(frame, body_level(frame)))[None, None]
        logits = region_logits(getattr(network, ATTRIBUTE), tones, network(tones)[1]["feats"][0])
        cover: NDArray[np.uint8] = (logits[0].sigmoid() * WHOLE).round().to(torch.uint8).numpy()
    return cover
