"""The sites of boxes on a scan of any size, from the map of bones that a network gives for its frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.model.fitting import fit_of
from bonescan_yolo.regions.box_sites import BoxSite, sites_of_boxes
from bonescan_yolo.regions.region_map import STRIDE
from bonescan_yolo.scan.record import Scan


def sites_on_scan(scan: Scan, cover: NDArray[np.uint8] | None, boxes: Boxes) -> tuple[BoxSite | None, ...] | None:
    """Return the site of each of N boxes; None for a box over no bone, and in place of all without a map.

    The twin in the page is `sitesOnScan` of `web/src/model/scan-sites.ts`.

    Args:
        scan: its size and view count.
        cover: the map of bones of the scan, see `Detections`.
        boxes: (N, 4) x1 y1 x2 y2 in pixels of the scan; any, not only those that were found.
    """
    if cover is None:
        return None
    _, rows, columns = cover.shape
    place = fit_of(scan.height, scan.width, rows * STRIDE, columns * STRIDE)
    return tuple(sites_of_boxes(cover, place.to_input(boxes), scan.view))
