"""Readings for LabelMe: a PNG and a JSON file of its format 5 per scan, to be corrected there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bonescan_yolo.files import write_bytes, write_text
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.predict.formats.reading_json import describe_detections
from bonescan_yolo.scan.pictures.grey_png import grey_png

FORMAT_VERSION = "5.5.0"
"""The version of LabelMe whose keys these are; version 6 reads them too."""


class LabelmeFiles:
    """Writes `STEM.png` and `STEM.json` for each scan."""

    def __init__(self, out: Path) -> None:
        """Write into the folder `out`."""
        self._out = out

    def add(self, reading: Reading, stem: str) -> None:
        """Write the two files of one reading."""
        picture = f"{stem}.png"
        write_bytes(self._out / picture, grey_png(reading.scan.grey()))
        write_text(self._out / f"{stem}.json", _dump(reading, picture))

    def close(self) -> None:
        """Write nothing more."""


def _dump(reading: Reading, picture: str) -> str:
    content: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "flags": {},
        "shapes": [_shape(detection) for detection in describe_detections(reading)],
        "imagePath": picture,
        "imageData": None,  # the picture is beside the file
        "imageHeight": reading.scan.height,
        "imageWidth": reading.scan.width,
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _shape(detection: dict[str, Any]) -> dict[str, Any]:
    """Return a box as LabelMe writes one, with confidence and site as its description."""
    (x1, y1, x2, y2), site = detection["box_xyxy"], detection["site"]
    return {
        "label": detection["class"],
        "points": [[x1, y1], [x2, y2]],
        "group_id": None,
        "description": f"confidence {detection['confidence']}{'' if site is None else '; ' + site['text']}",
        "shape_type": "rectangle",
        "flags": {},
        "mask": None,
    }
