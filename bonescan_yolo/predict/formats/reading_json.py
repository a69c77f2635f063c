"""A reading as JSON that follows `reading.schema.json`."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.files import write_text
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.regions.box_sites import BoxSite
from bonescan_yolo.regions.region_names import without_side
from bonescan_yolo.regions.site_words import site_text
from bonescan_yolo.scan.identity.names import View

SCHEMA_VERSION = 2
COORDINATE_DECIMALS = 2
CONFIDENCE_DECIMALS = 4
SIZE_DECIMALS = 1
"""A tenth of a millimetre; a pixel has about 2.3 mm."""

SHARE_DECIMALS = 2


class JsonFiles:
    """Writes `STEM.json` for each scan."""

    def __init__(self, out: Path, detector: Detector) -> None:
        """Write into the folder `out` what `detector` finds."""
        self._out = out
        self._detector = detector

    def add(self, reading: Reading, stem: str) -> None:
        """Write the description of one reading."""
        write_text(self._out / f"{stem}.json", dump(describe(reading, self._detector)))

    def close(self) -> None:
        """Write nothing more."""


def describe(reading: Reading, detector: Detector) -> dict[str, Any]:
    """Return a reading as plain lists, numbers and texts, ready for JSON."""
    scan = reading.scan
    return {
        "schema_version": SCHEMA_VERSION,
        "scan": {
            "path": path_text(scan.path),
            "frame": scan.frame,
            "frame_count": scan.frame_count,
            "view": scan.view,
            "width": scan.width,
            "height": scan.height,
            "pixel_spacing_mm": None if scan.pixel_spacing_mm is None else list(scan.pixel_spacing_mm),
            "inverted": scan.inverted,
            "turned": scan.turned,
            "lossy": scan.lossy,
            "compression_ratio": scan.compression_ratio,
            "notes": list(scan.notes),
            "sha256": scan.sha256,
        },
        "quality": {
            "refused": scan.quality.refused,
            "doubts": [{"code": doubt.code, "message": doubt.message} for doubt in scan.quality.doubts],
        },
        "model": {
            "file": detector.path.name,
            "sha256": detector.sha256,
            "trained_on": detector.card.trained_on,
            "input_size": [detector.card.input_height, detector.card.input_width],
            "gives_sites": reading.sites is not None,
            **_describe_thresholds(detector.thresholds),
            **({} if detector.operating_point is None else {"operating_point": detector.operating_point}),
            "iou_threshold": detector.iou,
        },
        "detections": describe_detections(reading),
        "summary": {
            "n_abnormal": reading.n_abnormal,
            "n_normal": reading.n_normal,
            "scan_abnormal_confidence": round(reading.scan_abnormal_confidence, CONFIDENCE_DECIMALS),
        },
        "notice": NOTICE,
    }


def describe_detections(reading: Reading) -> list[dict[str, Any]]:
    """Return the boxes of a reading, best first: class, confidence, box in pixels, size in millimetres, and site.

    Size and site are None where they are not known; so is the site of a box over no bone.
    """
    boxes, sites = reading.boxes, reading.sites or (None,) * len(reading.boxes)
    return [
        {
            "class": CLASS_NAMES[int(class_id)],
            "confidence": round(float(confidence), CONFIDENCE_DECIMALS),
            "box_xyxy": [round(float(edge), COORDINATE_DECIMALS) for edge in box],
            "size_mm": _size_mm(box, reading.scan.pixel_spacing_mm),
            "site": None if site is None else describe_site(site, reading.scan.view),
        }
        for box, confidence, class_id, site in zip(boxes, reading.confidences, reading.classes, sites, strict=True)
    ]


def describe_site(site: BoxSite, view: View | None) -> dict[str, Any]:
    """Return a site of a box on a scan of a view: its region, what that consists of, and the words for people."""
    part, side = without_side(site.bone.region)
    return {
        "region": site.bone.region,
        "part": part,
        "side": side,
        "number": site.bone.number,
        "share": round(site.share, SHARE_DECIMALS),
        "text": site_text(site.bone, view),
    }


def dump(description: dict[str, Any]) -> str:
    """Return a described reading as readable JSON text."""
    return json.dumps(description, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def dump_line(description: dict[str, Any]) -> str:
    """Return a described reading as one line of JSON, in ASCII: standard output may have any encoding."""
    return json.dumps(description, allow_nan=False) + "\n"


def read_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that every described reading follows."""
    schema: dict[str, Any] = json.loads(files(__package__).joinpath("reading.schema.json").read_text(encoding="utf-8"))
    return schema


def path_text(path: Path | None) -> str | None:
    r"""Return a path as text that UTF-8 can encode: bytes of a file name that are not UTF-8 become `\udcXX`."""
    return None if path is None else str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _describe_thresholds(thresholds: Thresholds) -> dict[str, Any]:
    """Return the threshold that all boxes are above and, if each class has its own, those of the classes."""
    each = {} if thresholds.are_equal else {"class_thresholds": thresholds.as_record()}
    return {"confidence_threshold": thresholds.lowest, **each}


def _size_mm(box: Any, spacing: tuple[float, float] | None) -> list[float] | None:
    """Return width and height of a box in millimetres."""
    if spacing is None:
        return None
    height_mm, width_mm = spacing
    width, height = float(box[2] - box[0]), float(box[3] - box[1])
    return [round(width * width_mm, SIZE_DECIMALS), round(height * height_mm, SIZE_DECIMALS)]
