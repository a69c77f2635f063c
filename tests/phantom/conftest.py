"""What the tests of the simulator share: the skeleton, read once, and one patient's body."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.phantom.activity.spots import PosedBody
from bonescan_yolo.phantom.body import soft_tissue
from bonescan_yolo.phantom.body.anatomy import Skeleton, load_skeleton
from bonescan_yolo.phantom.body.posing import Pose, place
from bonescan_yolo.phantom.camera import Camera
from bonescan_yolo.phantom.parameters import PhantomConfig, read_parameters


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    return load_skeleton()


@pytest.fixture(scope="session")
def body(skeleton: Skeleton) -> PosedBody:
    posed = place(skeleton, Pose())
    return PosedBody(posed, soft_tissue.body(posed, fat_mm=0.0))


@pytest.fixture(scope="session")
def parameters() -> PhantomConfig:
    return read_parameters()


@pytest.fixture
def camera(parameters: PhantomConfig) -> Camera:
    config = parameters.camera
    return Camera(pixel_mm=2.0, middle_mm=0.0, top_mm=1750.0, off_centre_px=0.0, gap_mm=30.0, config=config)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
