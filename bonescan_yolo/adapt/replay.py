"""Simulated scans in memory, mixed into each step so that the model does not lose what it learnt from the simulator."""

from __future__ import annotations

import numpy as np

from bonescan_yolo import cli
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.phantom.body.anatomy import load_skeleton
from bonescan_yolo.phantom.parameters import PhantomConfig
from bonescan_yolo.phantom.study import ViewOfStudy, simulate


def simulate_scans(config: PhantomConfig, studies: int, seed: int) -> list[TrainingScan]:
    """Return both views of simulated studies; the same arguments give the same scans.

    Grey levels that would wrap past 255 stay at 255, as `bonescan convert` repairs them.

    Args:
        config: of the simulator.
        studies: how many, 0 or more; their ids start at 1.
        seed: of the simulator.

    Raises:
        BonescanError: `myo-sim` or `mujoco` is not installed.
    """
    if not studies:
        return []
    camera = config.camera.model_copy(update={"wraparound_share": 0.0})
    unwrapped = config.model_copy(update={"camera": camera})
    skeleton = load_skeleton()
    return [
        _training_scan(view)
        for identifier in cli.progress(range(1, studies + 1), studies, "simulating")
        for view in simulate(skeleton, unwrapped, seed, identifier).views.values()
    ]


def _training_scan(view: ViewOfStudy) -> TrainingScan:
    """Return a simulated view, which has the size of the network's frame."""
    return TrainingScan(
        grey=view.pixels,
        boxes=np.array([mark.box for mark in view.marks], dtype=np.float32).reshape(-1, 4),
        classes=np.array([mark.label for mark in view.marks], dtype=np.int64),
    )
