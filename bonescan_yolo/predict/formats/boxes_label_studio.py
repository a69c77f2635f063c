"""Readings for Label Studio: a PNG per scan, one JSON file of tasks with predictions, and the labelling interface.

A place is given in per cent of the image's width and height. The site of a box is the note of its region. The
tasks name the pictures as local files: the server serves them if its LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT is the
folder above the one that holds the results.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.files import real_path, write_bytes, write_text
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.output.growing_file import GrowingFile
from bonescan_yolo.predict.formats.reading_json import CONFIDENCE_DECIMALS, describe_detections, path_text
from bonescan_yolo.scan.pictures.grey_png import grey_png

TASKS_NAME = "tasks.json"
INTERFACE_NAME = "labeling-interface.xml"

CONTROL, OBJECT = "label", "image"
"""Names of the tags in the interface that results refer to."""

PER_CENT_DECIMALS = 6
"""A millionth of a per cent: 0.00001 pixels on 1024."""

HASH_DIGITS = 12


class LabelStudioFiles:
    """Writes `STEM.png` for each scan, `tasks.json` and, in `close`, `labeling-interface.xml`."""

    def __init__(self, out: Path, detector: Detector, served_as: str | None = None) -> None:
        """Write into the folder `out` what `detector` finds; `served_as` is the folder's name later, if another."""
        self._out = out
        self._folder = path_text(Path(served_as or real_path(out).name))
        self._detector = detector
        self._tasks: list[dict[str, Any]] = []
        self._file = GrowingFile(out / TASKS_NAME, self._text)

    def add(self, reading: Reading, stem: str) -> None:
        """Write the picture of one reading, and add its task."""
        picture = f"{stem}.png"
        write_bytes(self._out / picture, grey_png(reading.scan.grey()))
        prediction = {
            "model_version": f"{self._detector.path.name} {self._detector.sha256[:HASH_DIGITS]}",
            "score": round(reading.scan_abnormal_confidence, CONFIDENCE_DECIMALS),
            "result": [
                _result(detection, f"box-{number}", reading)
                for number, detection in enumerate(describe_detections(reading), start=1)
            ],
        }
        address = f"/data/local-files/?d={quote(f'{self._folder}/{picture}')}"
        self._tasks.append({"data": {OBJECT: address}, "predictions": [prediction]})
        self._file.grow()

    def close(self) -> None:
        """Write the last tasks and the interface, if there were readings."""
        self._file.finish()
        if self._tasks:
            write_text(self._out / INTERFACE_NAME, interface())

    def _text(self) -> str:
        """Return the file of all tasks."""
        return json.dumps(self._tasks, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def interface() -> str:
    """Return the labelling interface, to be pasted under Settings, Labeling Interface, Code."""
    labels = "".join(f'    <Label value="{name}"/>\n' for name in CLASS_NAMES)
    return (
        f'<View>\n  <Image name="{OBJECT}" value="${OBJECT}" zoom="true"/>\n'
        f'  <RectangleLabels name="{CONTROL}" toName="{OBJECT}" canRotate="false">\n'
        f"{labels}  </RectangleLabels>\n</View>\n"
    )


def _result(detection: dict[str, Any], number: str, reading: Reading) -> dict[str, Any]:
    width, height = reading.scan.width, reading.scan.height
    (x1, y1, x2, y2), site = detection["box_xyxy"], detection["site"]
    return {
        "id": number,
        "from_name": CONTROL,
        "to_name": OBJECT,
        "type": "rectanglelabels",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "score": detection["confidence"],
        **({} if site is None else {"meta": {"text": [site["text"]]}}),
        "value": {
            "x": _per_cent(x1, width),
            "y": _per_cent(y1, height),
            "width": _per_cent(x2 - x1, width),
            "height": _per_cent(y2 - y1, height),
            "rotation": 0,
            "rectanglelabels": [detection["class"]],
        },
    }


def _per_cent(length: float, side: int) -> float:
    return round(100 * length / side, PER_CENT_DECIMALS)
