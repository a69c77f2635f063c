"""Make `sites.json`: python -m tests.shared.make_site_cases."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np

from bonescan_yolo.regions.region_map import STRIDE, WHOLE
from bonescan_yolo.regions.region_names import BONES
from bonescan_yolo.scan.identity.names import VIEWS, View
from tests.shared.site_cases import CASES, FRAME, Patch, all_texts, described_sites

ABOUT: Final = [
    "Cases that Python and the page must both pass: bonescan_yolo/regions and web/src/model.",
    "bones: the order of the maps.",
    "sites: rectangles of a map of 256 rows and 64 columns (bone, rows from and to, columns from and to, to 255), "
    "the size of a scan as height and width, its view, boxes in its pixels, and the site of each; null over no bone.",
    "texts: every site in words.",
]

SIZES: Final = ((1024, 256), (1024, 256), (2048, 512), (1024, 512), (700, 300), (512, 129))
PATCHES, BOXES = 60, 8
"""Of each case; some of a box's bones then cover it in part, and some boxes are over none."""


def random_case(size: tuple[int, int], view: View | None, seed: int) -> dict[str, Any]:
    """Return a case of bones that cross each other, near the boxes."""
    random = np.random.default_rng(seed)
    middles = random.uniform((0, 0), size, (BOXES, 2))
    halves = random.uniform(1, 20, (BOXES, 2))
    corners = np.concatenate([middles - halves, middles + halves], axis=1)[:, [1, 0, 3, 2]]
    boxes = corners.clip(0, (size[1], size[0]) * 2).round(2).tolist()
    scale = min(FRAME[0] / size[0], FRAME[1] / size[1]) / STRIDE
    patches: list[Patch] = []
    for number in range(PATCHES):
        row, column = (middles[number % (BOXES - 1)] - np.array(size) / 2) * scale + np.array(FRAME) / STRIDE / 2
        top, left = int(row + random.integers(-6, 3)), int(column + random.integers(-6, 3))
        high, wide = (int(side) for side in random.integers(2, 9, 2))
        rows, columns = (max(top, 0), max(top + high, 0)), (max(left, 0), max(left + wide, 0))
        key = BONES[int(random.integers(len(BONES)))].key
        patches.append((key, rows, columns, int(random.integers(1, WHOLE + 1))))
    return _case(f"crossing bones {seed}", patches, size, view, boxes)


def ribs(view: View | None) -> dict[str, Any]:
    """Return a case of two ribs below each other, a vertebra, and a box over neither."""
    patches: list[Patch] = [
        ("left_ribs_7", (100, 102), (34, 50), 255),
        ("left_ribs_8", (102, 104), (34, 50), 255),
        ("thoracic_spine_9", (90, 98), (30, 34), 200),
        ("sternum", (90, 98), (30, 34), 200),
    ]
    boxes = [[144.0, 400.0, 160.0, 408.0], [144.0, 404.0, 160.0, 412.0], [120.0, 364.0, 136.0, 388.0], [4.0, 4, 12, 12]]
    return _case("two ribs", patches, FRAME, view, boxes)


def _case(
    name: str, patches: list[Patch], size: tuple[int, int], view: View | None, boxes: list[list[float]]
) -> dict[str, Any]:
    sites = described_sites(patches, size, view, boxes)
    return {"name": name, "size": size, "view": view, "map": patches, "boxes": boxes, "sites": sites}


if __name__ == "__main__":
    views: tuple[View | None, ...] = (*VIEWS, None)
    cases = [ribs(view) for view in views]
    cases += [random_case(size, views[seed % len(views)], seed) for seed, size in enumerate(SIZES * 2)]
    parts = {
        "about": ABOUT,
        "bones": [bone.key for bone in BONES],
        "sites": cases,
        "texts": all_texts(),
    }
    CASES.write_text(json.dumps(parts) + "\n", encoding="utf-8", newline="\n")
