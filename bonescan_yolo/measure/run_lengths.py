"""Outlines as COCO run-length encoding in its plain form, a list of counts.

COCO's tools read this form as they read the compressed one (`COCO.annToMask`, `mask.frPyObjects`), and it is JSON that
any language decodes in a loop. Compressing it would bring pycocotools to everybody who only reads scans.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bonescan_yolo.measure.outlines import Outline, union


def encode(outline: Outline, shape: tuple[int, int]) -> dict[str, Any]:
    """Return an outline on a scan of `shape` (height, width) as `{"size": [height, width], "counts": [...]}`.

    The counts are lengths of runs outside and inside in turn, down each column and then the next; the first, which may
    be 0, is outside.
    """
    down_columns = union([outline], shape).T.ravel()
    starts = np.flatnonzero(np.diff(down_columns, prepend=False))
    counts = np.diff(starts, prepend=0, append=down_columns.size)
    return {"size": list(shape), "counts": counts.tolist()}
