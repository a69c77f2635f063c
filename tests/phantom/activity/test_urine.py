"""Urine outside the bladder."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.classes import NORMAL
from bonescan_yolo.phantom.activity.spots import PosedBody
from bonescan_yolo.phantom.activity.urine import draw_urine_outside
from bonescan_yolo.phantom.parameters import Catheter, parameters_with

NOTHING = {"urine_drop": {"share": 0.0}, "urine_bag": {"share": 0.0}, "catheter_share": 0.0}


def test_a_patient_without_any_has_none(body: PosedBody, rng: np.random.Generator) -> None:
    assert not list(draw_urine_outside(rng, body, parameters_with({"physiology": NOTHING}).physiology))


@pytest.mark.parametrize("seed", range(5))
def test_a_catheter_ends_in_a_bottle_that_readers_box(body: PosedBody, seed: int) -> None:
    config = parameters_with({"physiology": {**NOTHING, "catheter_share": 1.0}}).physiology
    bottle, tube = draw_urine_outside(np.random.default_rng(seed), body, config)
    assert (bottle.name, bottle.label) == ("urine_bottle", NORMAL)
    assert (tube.name, tube.label) == ("catheter", None)
    assert tube.emission.activity.sum() < bottle.emission.activity.sum()
    assert bottle.emission.front_mm.max() < 5  # mm: nothing but skin is in front of it
    assert _inside(bottle.emission.points, config.catheter)
    nearest = np.linalg.norm(tube.emission.points[:, None] - bottle.emission.points[None, ::20], axis=2).min()
    assert nearest < 30  # mm


def _inside(points: np.ndarray, catheter: Catheter) -> bool:
    """Return whether a bottle is as high and as wide as asked for, give or take its lean."""
    low, high = catheter.height_mm
    height = np.ptp(points[:, 2])
    longest = catheter.bottle_length_mm[1]
    return bool(points[:, 2].min() >= low - 1 and points[:, 2].max() <= high + longest + 1 and height <= longest + 1)
