"""A reading made by hand, which needs no network but the one whose file is described."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.regions.box_sites import BoxSite
from bonescan_yolo.regions.region_names import NamedBone
from bonescan_yolo.scan import Scan
from tests.factories import grey_scan


@pytest.fixture(scope="session")
def detector(model_path: Path) -> Detector:
    """Return the detector that made the readings."""
    return Detector(model_path)


@pytest.fixture
def reading() -> Reading:
    """Return a reading of two boxes with numbers that need rounding."""
    scan = Scan(
        pixels=grey_scan(),
        view="anterior",
        pixel_spacing_mm=(2.0, 3.0),
        path=Path("scans") / "Müller 1.dcm",
        sha256="0" * 64,
        frame=1,
        frame_count=2,
    )
    return Reading(
        scan=scan,
        boxes=np.array([[10.126, 20, 20.126, 40], [200, 1000, 256, 1024]], dtype=np.float32),
        confidences=np.array([0.98768, 0.5], dtype=np.float32),
        classes=np.array([0, 1]),
        scan_abnormal_confidence=0.98768,
    )


@pytest.fixture
def placed(reading: Reading) -> Reading:
    """Return the reading as of a model that gives sites: the first box is on a rib, the second over no bone."""
    return dataclasses.replace(reading, sites=(BoxSite(NamedBone("left_ribs", 7), 0.6349), None))
