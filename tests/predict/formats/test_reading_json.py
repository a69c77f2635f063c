"""The JSON of a reading obeys its schema and says what was found."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.files import sha256_of
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.predict.formats.reading_json import describe, dump, dump_line, read_schema
from bonescan_yolo.regions.box_sites import BoxSite
from bonescan_yolo.regions.region_names import BONES, NUMBERED, NamedBone
from bonescan_yolo.scan import Scan
from bonescan_yolo.scan.identity.names import VIEWS, View
from tests.factories import grey_scan


def valid(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description after checking it, as text and back, against the schema."""
    again: dict[str, Any] = json.loads(dump(description))
    jsonschema.validate(again, read_schema(), cls=jsonschema.Draft202012Validator)
    return again


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(read_schema())


def test_a_reading_in_full(reading: Reading, detector: Detector) -> None:
    described = valid(describe(reading, detector))
    assert described["scan"] == {
        "path": str(Path("scans") / "Müller 1.dcm"),
        "frame": 1,
        "frame_count": 2,
        "view": "anterior",
        "width": 256,
        "height": 1024,
        "pixel_spacing_mm": [2.0, 3.0],
        "inverted": False,
        "turned": 0,
        "lossy": False,
        "compression_ratio": None,
        "notes": [],
        "sha256": "0" * 64,
    }
    assert described["model"] == {
        "file": "cells.onnx",
        "sha256": sha256_of(detector.path),
        "trained_on": "squares",
        "input_size": [1024, 256],
        "gives_sites": False,
        "confidence_threshold": 0.25,
        "iou_threshold": 0.3,
    }
    assert described["detections"] == [
        {
            "class": "abnormal",
            "confidence": 0.9877,
            "box_xyxy": [10.13, 20.0, 20.13, 40.0],
            "size_mm": [30.0, 40.0],
            "site": None,
        },
        {
            "class": "normal",
            "confidence": 0.5,
            "box_xyxy": [200.0, 1000.0, 256.0, 1024.0],
            "size_mm": [168.0, 48.0],
            "site": None,
        },
    ]
    assert described["summary"] == {"n_abnormal": 1, "n_normal": 1, "scan_abnormal_confidence": 0.9877}
    assert described["notice"] == "Research software, not a medical device."


def test_sites(placed: Reading, detector: Detector) -> None:
    described = valid(describe(placed, detector))
    assert described["model"]["gives_sites"] is True
    first, second = (detection["site"] for detection in described["detections"])
    assert first == {
        "region": "left_ribs",
        "part": "ribs",
        "side": "left",
        "number": 7,
        "share": 0.63,
        "text": "left seventh rib, anterior",
    }
    assert second is None


@pytest.mark.parametrize("bone", [*BONES, *(NamedBone(region) for region in NUMBERED)], ids=lambda bone: bone.key)
@pytest.mark.parametrize("view", [*VIEWS, None])
def test_every_site_obeys_the_schema(reading: Reading, detector: Detector, bone: NamedBone, view: View | None) -> None:
    sites = (BoxSite(bone, 1.0), None)
    scan = dataclasses.replace(reading.scan, view=view)
    described = valid(describe(dataclasses.replace(reading, sites=sites, scan=scan), detector))
    site = described["detections"][0]["site"]
    assert "_".join(filter(None, (site["side"], site["part"]))) == site["region"] == bone.region


def test_a_model_that_gives_sites_says_so_without_boxes(detector: Detector) -> None:
    none = Reading(empty_boxes(), np.zeros(0, np.float32), np.zeros(0, np.int64), 0.0, Scan(grey_scan()), sites=())
    assert valid(describe(none, detector))["model"]["gives_sites"] is True


def test_a_threshold_for_each_class(reading: Reading, model_path: Path) -> None:
    """All boxes are above the lower one, so that a program that knows no classes is told the truth."""
    for two, lowest in ((Thresholds(abnormal=0.4, normal=0.3), 0.3), (Thresholds(abnormal=0.2, normal=0.3), 0.2)):
        described = valid(describe(reading, Detector(model_path, confidence=two)))["model"]
        assert described["confidence_threshold"] == lowest
        assert described["class_thresholds"] == {"abnormal": two.abnormal, "normal": two.normal}


def test_an_array_without_boxes(detector: Detector) -> None:
    none = Reading(empty_boxes(), np.zeros(0, np.float32), np.zeros(0, np.int64), 0.0, Scan(grey_scan()))
    described = valid(describe(none, detector))
    assert described["detections"] == []
    assert (described["scan"]["path"], described["scan"]["view"], described["scan"]["sha256"]) == (None, None, None)


def test_sizes_are_null_where_the_spacing_is_unknown(reading: Reading, detector: Detector) -> None:
    scan = dataclasses.replace(reading.scan, pixel_spacing_mm=None)
    described = valid(describe(dataclasses.replace(reading, scan=scan), detector))
    assert described["scan"]["pixel_spacing_mm"] is None
    assert [detection["size_mm"] for detection in described["detections"]] == [None, None]


def test_a_line_is_one_line_of_ascii(reading: Reading, detector: Detector) -> None:
    description = describe(reading, detector)
    line = dump_line(description)
    assert line.isascii()
    assert line.index("\n") == len(line) - 1
    assert json.loads(line) == description


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_no_unicode(reading: Reading, detector: Detector) -> None:
    scan = dataclasses.replace(reading.scan, path=Path(os.fsdecode(b"M\xfcller.png")))
    described = valid(describe(dataclasses.replace(reading, scan=scan), detector))
    assert described["scan"]["path"] == "M\\udcfcller.png"
    dump(described).encode("utf-8")


@pytest.mark.parametrize("change", [{"schema_version": 1}, {"extra": 1}, {"notice": None}])
def test_the_schema_refuses_other_objects(reading: Reading, detector: Detector, change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        valid({**describe(reading, detector), **change})
