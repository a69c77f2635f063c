"""Compare the map of bones of an exported file with that of the weights it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.regions.seen_bones import cover_of

TOLERANCE: Final = 8
"""Of WHOLE: how far the cover of a cell may be from that of the weights and still count as the same. On six simulated
scans it was up to 2 beside the rows that were cut off and up to 1 elsewhere, also with weights in 16 bit (the shipped
network with a head of random weights)."""

LEAST_SAME: Final = 0.99
"""Share of cells that must be the same, rows that were cut off left out."""


def check_regions(app: Detector, network: Any, frames: Sequence[NDArray[np.uint8]]) -> str:
    """Return in words how much of the map of bones of a file is that of its weights.

    Args:
        app: a self-contained file.
        network: the weights that it was made from, with a head for bones.
        frames: each (input height, input width) uint8 grey levels.

    Raises:
        ModelError: it differs more than allowed.
    """
    layout = Detector(app.path, regions=True).layout
    same, cells = 0, 0
    for frame in frames:
        ours, theirs = layout.find(frame).cover, cover_of(network, frame)
        if ours is None:
            raise TypeError(f"{app.path} sees no bones")
        kept = ours.any(axis=(0, 2))
        differences = np.abs(ours[:, kept].astype(np.int16) - theirs[:, kept])
        same += int((differences <= TOLERANCE).sum())
        cells += differences.size
    if same < LEAST_SAME * cells:
        raise ModelError(
            f"{app.path.name}: not written, since its map of bones differs from that of the weights on "
            f"{1 - same / cells:.1%} of the cells; please report this with your versions of torch and onnx"
        )
    return f"same bones in {same / max(cells, 1):.1%} of the cells"
