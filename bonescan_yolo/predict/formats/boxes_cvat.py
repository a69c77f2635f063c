"""Readings for CVAT: a PNG per scan, and one file in the format `CVAT for images 1.1` for all of them.

The folder is laid out as CVAT exports a task with its images, so that its zip file can be imported into a project. The
format is described at https://docs.cvat.ai/docs/manual/advanced/xml_format/.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml  # writes only

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.output.growing_file import GrowingFile
from bonescan_yolo.predict.formats.reading_json import describe_detections
from bonescan_yolo.scan.pictures.grey_png import grey_png

IMAGES_FOLDER = "images"
ANNOTATIONS_NAME = "annotations.xml"
CONFIDENCE, SITE = "confidence", "site"
"""Attributes of a box; both are texts."""

TASK_NAME = "bonescan"


class CvatFiles:
    """Writes `images/STEM.png` for each scan, and `annotations.xml`."""

    def __init__(self, out: Path) -> None:
        """Write into the folder `out`."""
        self._out = out
        self._images: list[Xml.Element] = []
        self._file = GrowingFile(out / ANNOTATIONS_NAME, self._text)

    def add(self, reading: Reading, stem: str) -> None:
        """Write the picture of one reading, and add its boxes."""
        picture = f"{stem}.png"
        write_bytes(self._out / IMAGES_FOLDER / picture, grey_png(reading.scan.grey()))
        size = {"width": str(reading.scan.width), "height": str(reading.scan.height)}
        image = Xml.Element("image", {"id": str(len(self._images)), "name": picture, **size})
        for detection in describe_detections(reading):
            _add_box(image, detection)
        self._images.append(image)
        self._file.grow()

    def close(self) -> None:
        """Write the last boxes, if there were readings."""
        self._file.finish()

    def _text(self) -> str:
        """Return the file of all boxes."""
        root = Xml.Element("annotations")
        _add_text(root, "version", "1.1")
        _add_task(Xml.SubElement(root, "meta"), len(self._images))
        root.extend(self._images)
        Xml.indent(root)
        text = Xml.tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _add_task(meta: Xml.Element, images: int) -> None:
    """Describe the task as CVAT does: its labels, and the text attributes of a box."""
    task = Xml.SubElement(meta, "task")
    for tag, text in (("name", TASK_NAME), ("size", str(images)), ("mode", "annotation"), ("overlap", "0")):
        _add_text(task, tag, text)
    labels = Xml.SubElement(task, "labels")
    for name in CLASS_NAMES:
        label = Xml.SubElement(labels, "label")
        _add_text(label, "name", name)
        _add_text(label, "type", "rectangle")
        attributes = Xml.SubElement(label, "attributes")
        for attribute_name in (CONFIDENCE, SITE):
            attribute = Xml.SubElement(attributes, "attribute")
            for tag, text in (("name", attribute_name), ("mutable", "False"), ("input_type", "text")):
                _add_text(attribute, tag, text)
            for tag in ("default_value", "values"):
                _add_text(attribute, tag, "")


def _add_box(image: Xml.Element, detection: dict[str, Any]) -> None:
    corners = dict(zip(("xtl", "ytl", "xbr", "ybr"), (f"{edge:.2f}" for edge in detection["box_xyxy"]), strict=True))
    fixed = {"label": detection["class"], "source": "auto", "occluded": "0"}
    box = Xml.SubElement(image, "box", {**fixed, **corners, "z_order": "0"})
    site = "" if detection["site"] is None else detection["site"]["text"]
    for attribute_name, text in ((CONFIDENCE, str(detection["confidence"])), (SITE, site)):
        Xml.SubElement(box, "attribute", {"name": attribute_name}).text = text


def _add_text(parent: Xml.Element, tag: str, text: str) -> None:
    Xml.SubElement(parent, tag).text = text
