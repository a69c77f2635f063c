"""Simulated scans with their bones, boxes, and the bones that the hot spots of each box are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.convert.readers.bs80k import read_bs80k
from bonescan_yolo.convert.source import open_source
from bonescan_yolo.convert.survey import ANTERIOR
from bonescan_yolo.dataset.scan_pixels import read_grey
from bonescan_yolo.regions.bone_files import decode_masks, decode_sites
from bonescan_yolo.regions.region_names import BONES, NamedBone
from bonescan_yolo.scan.identity.names import View


@dataclass(frozen=True, eq=False)
class ScanWithBones:
    """A simulated scan.

    Attributes:
        grey: (1024, 256) uint8.
        view: of it.
        masks: (bones, 1024, 256), in the order of BONES.
        boxes: (N, 4) x1 y1 x2 y2 in pixels.
        bones: for each box those that its hot spots are in; empty for urine and the like.
    """

    grey: NDArray[np.uint8]
    view: View
    masks: NDArray[np.bool_]
    boxes: Boxes
    bones: tuple[frozenset[NamedBone], ...]


def read_simulated_bones(root: Path) -> Iterator[ScanWithBones]:
    """Yield the scans of a simulation that was written with `--regions`.

    Raises:
        DatasetError: it was not.
    """
    with open_source(root) as source:
        for scan in read_bs80k(source).scans:
            content = source.read(str(scan.bones))
            sites = decode_sites(content, str(scan.bones))
            yield ScanWithBones(
                grey=read_grey(root / scan.image),
                view="anterior" if scan.view == ANTERIOR else "posterior",
                masks=decode_masks(content, str(scan.bones)),
                boxes=np.array([thing.xyxy for thing in scan.objects], np.float32).reshape(-1, 4),
                bones=tuple(frozenset(BONES[index] for index in np.flatnonzero(row)) for row in sites),
            )
