"""Readings as one COCO file: images, categories, and annotations with a score."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.output.growing_file import GrowingFile
from bonescan_yolo.predict.formats.reading_json import describe_detections, path_text

COCO_NAME = "detections.json"


class CocoResults:
    """Writes `detections.json`."""

    def __init__(self, out: Path) -> None:
        """Write into the folder `out`."""
        self._coco = CocoFile()
        self._file = GrowingFile(out / COCO_NAME, self._coco.dump)

    def add(self, reading: Reading, stem: str) -> None:  # noqa: ARG002 - the file names the scan itself
        """Add the boxes of one reading."""
        self._coco.add(reading)
        self._file.grow()

    def close(self) -> None:
        """Write the last boxes, if there were readings."""
        self._file.finish()


class CocoFile:
    """A COCO file to which readings are added one by one.

    Boxes are `x y width height` in pixels; ids count from 1, as COCO's own do. Category ids are the class ids plus 1,
    because many COCO tools use 0 for the background. `score` and `site` of an annotation are not COCO's own.
    """

    def __init__(self) -> None:
        """Begin without images."""
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    def add(self, reading: Reading) -> list[dict[str, Any]]:
        """Add a reading; returns the annotations of its boxes, best first, to which a caller may add keys."""
        scan = reading.scan
        image_id = len(self._images) + 1
        self._images.append(
            {"id": image_id, "file_name": path_text(scan.path), "width": scan.width, "height": scan.height}
        )
        first = len(self._annotations) + 1
        added = [
            _annotation(detection, number, image_id)
            for number, detection in enumerate(describe_detections(reading), start=first)
        ]
        self._annotations += added
        return added

    def dump(self, indent: int | None = 1) -> str:
        """Return the file's text; an indent of None puts everything on one line."""
        content = {
            "info": {"description": f"Readings of bonescan_yolo. {NOTICE}"},
            "images": self._images,
            "annotations": self._annotations,
            "categories": [{"id": class_id + 1, "name": name} for class_id, name in enumerate(CLASS_NAMES)],
        }
        return json.dumps(content, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def _annotation(detection: dict[str, Any], number: int, image_id: int) -> dict[str, Any]:
    x1, y1, x2, y2 = detection["box_xyxy"]
    return {
        "id": number,
        "image_id": image_id,
        "category_id": CLASS_NAMES.index(detection["class"]) + 1,
        "bbox": [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
        "area": round((x2 - x1) * (y2 - y1), 2),
        "iscrowd": 0,
        "score": detection["confidence"],
        "site": detection["site"],
    }
