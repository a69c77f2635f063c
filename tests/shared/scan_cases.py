"""Small made files with their expected reading beside them, which the Python reader and the page's are tested on.

A case is a file in `scans/` and `NAME.json` beside it, NAME with its suffix. The JSON has one of:

- `scans`: per scan, in order, what must come out. Keys that are left out are not compared.
- `error`: a part of the message with which the file is refused.

Two more keys are for the page: `browser` is true if only a browser can decode the file (JPEG), and `page_error` is a
part of the page's message where the page does not read what Python reads.

The makers (`make_*_cases.py`) state the expected pixels; they do not ask the reader.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.scan import Scan

SCANS = Path(__file__).parent / "scans"

BLOCK_PX = 8
"""Side of the squares of the made scan: JPEG encodes squares of 8 pixels exactly if each has one grey level."""

BODY = """
........
...44...
...44...
..3333..
.333333.
.3.33.3.
.3.39.3.
.3.33.3.
.3.33.3.
.3.33.3.
.3.55.3.
...33...
...3.3..
...3.3..
...3.3..
...3.3..
...3.3..
...3.3..
...8.3..
...3.3..
...3.3..
...3.3..
...3.3..
........
"""
"""A body without symmetry, head up; the digits are grey levels in steps of GREY_STEP."""

GREY_STEP = 28


def small_body() -> NDArray[np.uint8]:
    """Return (192, 64) uint8: a small scan whose eight orientations all differ."""
    rows = [[0 if mark == "." else int(mark) * GREY_STEP for mark in line] for line in BODY.split()]
    return np.array(rows, np.uint8).repeat(BLOCK_PX, axis=0).repeat(BLOCK_PX, axis=1)


def small_counts() -> NDArray[np.uint16]:
    """Return the same body as (192, 64) uint16 counts of at most 81."""
    return small_body().astype(np.uint16) * 9 // GREY_STEP


def expected_scan(grey: NDArray[np.uint8], **facts: Any) -> dict[str, Any]:
    """Return what must be known about a scan with these display grey levels (height, width); `facts` replaces."""
    usual = {"view": None, "inverted": False, "turned": 0, "lossy": False, "pixel_spacing_mm": None}
    height, width = grey.shape
    digest = hashlib.sha256(np.ascontiguousarray(grey).tobytes()).hexdigest()
    return {"width": width, "height": height, **usual, **facts, "grey_sha256": digest}


def write_case(name: str, content: bytes, expected: dict[str, Any]) -> None:
    """Write a case: its file, and what is expected of it: `scans` or `error`, and what else the module lists."""
    SCANS.mkdir(exist_ok=True)
    (SCANS / name).write_bytes(content)
    (SCANS / f"{name}.json").write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")


def case_names() -> list[str]:
    """Return the names of all cases."""
    return sorted(path.name for path in SCANS.iterdir() if path.suffix != ".json")


def load_case(name: str) -> dict[str, Any]:
    """Return what is expected of a case."""
    expected: dict[str, Any] = json.loads((SCANS / f"{name}.json").read_text(encoding="utf-8"))
    return expected


def describe_scan(scan: Scan) -> dict[str, Any]:
    """Return everything that a case may state about a scan."""
    facts = expected_scan(
        scan.grey(),
        view=scan.view,
        inverted=scan.inverted,
        turned=scan.turned,
        lossy=scan.lossy,
        pixel_spacing_mm=None if scan.pixel_spacing_mm is None else list(scan.pixel_spacing_mm),
    )
    return facts | {
        "compression_ratio": scan.compression_ratio,
        "study_uid": scan.study_uid,
        "notes": list(scan.notes),
    }
