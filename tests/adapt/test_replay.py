"""Simulated scans in memory: as the simulator writes them, and the same for one seed."""

from __future__ import annotations

import numpy as np

from bonescan_yolo.adapt.replay import simulate_scans
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.phantom.body.anatomy import load_skeleton
from bonescan_yolo.phantom.parameters import parameters_with, read_parameters
from bonescan_yolo.phantom.study import simulate


def test_scans_are_those_of_the_simulator(simulated: list[TrainingScan]) -> None:
    assert len(simulated) == 6
    views = simulate(load_skeleton(), read_parameters(), 5, 2).views.values()
    for view, scan in zip(views, simulated[2:4], strict=True):
        np.testing.assert_array_equal(scan.grey, view.pixels)
        assert scan.boxes.tolist() == [list(mark.box) for mark in view.marks]
        assert scan.classes.tolist() == [mark.label for mark in view.marks]


def test_hot_spots_do_not_wrap_past_the_brightest_level() -> None:
    wrapping = parameters_with({"camera": {"wraparound_share": 1.0}})
    for one, other in zip(simulate_scans(wrapping, 1, 5), simulate_scans(read_parameters(), 1, 5), strict=True):
        np.testing.assert_array_equal(one.grey, other.grey)


def test_no_studies_need_no_simulator() -> None:
    assert simulate_scans(read_parameters(), 0, 5) == []
