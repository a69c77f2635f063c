"""A scan as training sees it, whoever it is from: a user or the simulator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes


@dataclass(frozen=True, eq=False)
class TrainingScan:
    """A scan as training sees it.

    Attributes:
        grey: (1024, 256) uint8 grey levels, hot is bright, of the scan in the network's frame (`model.fitting.fit`).
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels of the frame.
        classes: (N,) int64 class ids.
    """

    grey: NDArray[np.uint8]
    boxes: Boxes
    classes: NDArray[np.int64]
