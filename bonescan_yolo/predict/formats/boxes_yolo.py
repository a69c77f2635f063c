"""Readings as YOLO labels with confidences, one text file per scan."""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo.dataset.yolo_labels import format_labels
from bonescan_yolo.files import write_text
from bonescan_yolo.model.detector import Reading


class YoloFiles:
    """Writes `STEM.txt` for each scan."""

    def __init__(self, out: Path) -> None:
        """Write into the folder `out`."""
        self._out = out

    def add(self, reading: Reading, stem: str) -> None:
        """Write the labels of one reading."""
        scan = reading.scan
        text = format_labels(reading.boxes, reading.classes, scan.width, scan.height, reading.confidences)
        write_text(self._out / f"{stem}.txt", text)

    def close(self) -> None:
        """Write nothing more."""
