"""What the tests of the simulator share: the skeleton, read once, and one patient's body."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.phantom import outline
from bonescan_yolo.phantom.anatomy import Skeleton, load_skeleton
from bonescan_yolo.phantom.camera import Camera
from bonescan_yolo.phantom.config import CameraConfig
from bonescan_yolo.phantom.hotspots import Body
from bonescan_yolo.phantom.posing import Pose, place


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    return load_skeleton()


@pytest.fixture(scope="session")
def body(skeleton: Skeleton) -> Body:
    posed = place(skeleton, Pose())
    return Body(posed, outline.body(posed, fat_mm=0.0))


@pytest.fixture
def camera() -> Camera:
    return Camera(pixel_mm=2.0, middle_mm=0.0, top_mm=1750.0, off_centre_px=0.0, gap_mm=30.0, config=CameraConfig())


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
