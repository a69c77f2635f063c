"""Readings as YOLO labels with confidences, one text file per scan, and the names of the classes."""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.dataset.yolo_labels import format_labels
from bonescan_yolo.files import write_text
from bonescan_yolo.model.detector import Reading

CLASSES_NAME = "data.yaml"
"""As Ultralytics names it; labels alone do not say what 0 and 1 mean."""


class YoloFiles:
    """Writes `STEM.txt` for each scan and, in `close`, `data.yaml` with the names of the classes."""

    def __init__(self, out: Path) -> None:
        """Write into the folder `out`."""
        self._out = out
        self._is_empty = True

    def add(self, reading: Reading, stem: str) -> None:
        """Write the labels of one reading."""
        self._is_empty = False
        scan = reading.scan
        text = format_labels(reading.boxes, reading.classes, scan.width, scan.height, reading.confidences)
        write_text(self._out / f"{stem}.txt", text)

    def close(self) -> None:
        """Write the names of the classes, if there were readings."""
        if not self._is_empty:
            rows = "".join(f"  {number}: {name}\n" for number, name in enumerate(CLASS_NAMES))
            write_text(self._out / CLASSES_NAME, f"names:\n{rows}")
