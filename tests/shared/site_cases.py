"""The cases of `sites.json`, on which Python and the page name the same sites of the same boxes in the same words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.model.scan_sites import sites_on_scan
from bonescan_yolo.regions.region_map import STRIDE, WHOLE
from bonescan_yolo.regions.region_names import BONES, NUMBERED, NamedBone
from bonescan_yolo.regions.site_words import site_text
from bonescan_yolo.scan.identity.names import VIEWS, View
from bonescan_yolo.scan.record import Scan

CASES: Final = Path(__file__).with_name("sites.json")
FRAME: Final = (1024, 256)
"""Height and width of the frame of the map, in pixels."""

KEYS: Final = [bone.key for bone in BONES]

Patch = tuple[str, tuple[int, int], tuple[int, int], int]
"""A bone's key, its first row and the one after its last, the same of columns, and its value from 0 to 255."""


def load_site_cases() -> dict[str, Any]:
    """Return the table."""
    table: dict[str, Any] = json.loads(CASES.read_text(encoding="utf-8"))
    return table


def cover_of(patches: list[Patch]) -> NDArray[np.uint8]:
    """Return a map of rectangles; later ones of a bone are over earlier ones."""
    cover = np.zeros((len(BONES), *(side // STRIDE for side in FRAME)), np.uint8)
    for key, rows, columns, value in patches:
        cover[KEYS.index(key), slice(*rows), slice(*columns)] = value
    return cover


def put(cover: NDArray[np.uint8], key: str, box: Sequence[float]) -> None:
    """Put a bone under a box of the frame into a map."""
    x1, y1, x2, y2 = (int(edge) // STRIDE for edge in box)
    cover[KEYS.index(key), y1:y2, x1:x2] = WHOLE


def described_sites(
    patches: list[Patch], size: tuple[int, int], view: View | None, boxes: list[list[float]]
) -> list[dict[str, Any] | None]:
    """Return the site of each box on a scan of a size (height, width) as plain values."""
    scan = Scan(np.zeros(size, np.uint8), view=view)
    sites = sites_on_scan(scan, cover_of(patches), np.array(boxes, np.float32))
    assert sites is not None
    return [
        None
        if site is None
        else {"region": site.bone.region, "number": site.bone.number, "share": round(site.share, 6)}
        for site in sites
    ]


def all_texts() -> list[dict[str, Any]]:
    """Return every site that can be named, in each view, with its text."""
    bones = [*BONES, *(NamedBone(region) for region in NUMBERED)]
    return [
        {"region": bone.region, "number": bone.number, "view": view, "text": site_text(bone, view)}
        for bone in bones
        for view in (*VIEWS, None)
    ]
