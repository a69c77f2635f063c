"""Bytes of scans, read as `predict` reads them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from bonescan_yolo.scan.read import decode_scans


class ScanFile(NamedTuple):
    """A file in memory: its name and its bytes."""

    name: str
    content: bytes


def read_file(file: ScanFile) -> None:
    """Read a file and look at every scan in it, as prediction and the check of quality do."""
    for scan in decode_scans(file.content, Path(file.name)):
        assert scan.grey().shape == (scan.height, scan.width)
        assert np.isfinite(scan.pixels).all()
        assert scan.quality.in_words.isprintable()
