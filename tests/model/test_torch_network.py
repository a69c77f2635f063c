"""Reading with a .pt file: as with the ONNX file made of it."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.evaluate.read_split import open_model
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.resources import shipped_model
from tests.factories import grey_scan

pytestmark = pytest.mark.slow

STOCK = shipped_model().with_name("bonescan.onnx")


def test_the_shipped_files_read_alike() -> None:
    """They differ by rounding alone, weights of 16 bit included: see `export.HALF_TOLERANCE`."""
    weights = shipped_model().with_name("bonescan.pt")
    scan = np.maximum(grey_scan(), np.random.default_rng(0).poisson(6, (1024, 256)).astype(np.uint8))
    theirs, ours = Detector(STOCK, confidence=0.05)(scan)[0], open_model(weights)(scan)[0]
    seen = ours.confidences > 0.05
    assert len(theirs.boxes) > 0
    np.testing.assert_allclose(ours.boxes[seen], theirs.boxes, atol=0.25)
    np.testing.assert_allclose(ours.confidences[seen], theirs.confidences, atol=0.01)
    np.testing.assert_array_equal(ours.classes[seen], theirs.classes)
    assert open_model(weights).card.confidence == Detector(shipped_model()).card.confidence
