"""Ultralytics prepared as the command prepares it, a few simulated scans, and a recipe of a few steps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

prepare_ultralytics()  # before any test module imports ultralytics

from bonescan_yolo.adapt import adapting, training_processes  # noqa: E402
from bonescan_yolo.adapt.recipe import AdaptRecipe, read_recipe  # noqa: E402
from bonescan_yolo.adapt.replay import simulate_scans  # noqa: E402
from bonescan_yolo.adapt.training_scan import TrainingScan  # noqa: E402
from bonescan_yolo.phantom.parameters import read_parameters  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Train on one thread of this process: tests share the cores, and threads that wait for each other are slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapting, "core_count", lambda: 1)
        patch.setattr(training_processes, "core_count", lambda: 1)
        yield


@pytest.fixture(scope="session")
def simulated() -> list[TrainingScan]:
    """Six simulated scans."""
    return simulate_scans(read_parameters(), 3, seed=5)


@pytest.fixture(scope="session")
def tiny() -> AdaptRecipe:
    """The shipped recipe with two steps of two small windows."""
    return read_recipe(
        None,
        {
            "steps": 2,
            "batch": 2,
            "warmup_steps": 0,
            "average": 0.5,
            "replay_studies": 1,
            "precision": "fp32",
            "augmentation": {"crop": [192, 128]},
        },
    )
