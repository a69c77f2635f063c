"""The comparison of two revisions notices what it has to, and the shipped model reads a scan as it always did."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bonescan_yolo import Detector
from tests.contract.__main__ import DELIBERATE, differences, is_deliberate, without_place
from tests.factories import grey_scan

SNAPSHOT = [
    [33.33, 161.27, 47.80, 174.40, 0.5993, 0],
    [64.58, 480.95, 79.98, 495.30, 0.5947, 0],
    [192.50, 320.82, 208.73, 335.71, 0.5906, 0],
]
"""x1 y1 x2 y2 in pixels, confidence, class: what version 0.1.0 with the same weights found on the scan below."""

BOX_PX, CONFIDENCE = 0.05, 0.002
"""What another processor or onnxruntime may change by rounding."""


def test_every_kind_of_difference_is_found() -> None:
    before = {"same.json": b"1", "changed.png": b"1", "gone.csv": b"1"}
    after = {"same.json": b"1", "changed.png": b"2", "new.csv": b"1"}
    assert differences(before, after) == {
        "changed.png": "differs",
        "gone.csv": "is missing after",
        "new.csv": "is new after",
    }
    assert differences(before, before) == {}


def test_only_the_place_and_the_version_are_left_out(tmp_path: Path) -> None:
    text = f'{{"version": "0.1.0", "path": "{tmp_path}/a.png", "schema_version": 1}}'
    assert without_place(text.encode(), tmp_path) == b'{"version": "VERSION", "path": "OUT/a.png", "schema_version": 1}'


def test_what_differs_on_purpose_is_named_with_its_reason() -> None:
    assert all(reason for reason in DELIBERATE.values())
    assert not is_deliberate("json/1_ant.json")


def test_the_shipped_model_reads_a_scan_as_it_did() -> None:
    scan = np.maximum(grey_scan(), np.random.default_rng(0).poisson(6, (1024, 256)).astype(np.uint8))
    reading = Detector(confidence=0.05)(scan)[0]
    expected = np.array(SNAPSHOT)
    np.testing.assert_allclose(reading.boxes, expected[:, :4], atol=BOX_PX)
    np.testing.assert_allclose(reading.confidences, expected[:, 4], atol=CONFIDENCE)
    assert reading.classes.tolist() == expected[:, 5].tolist()
