"""Disease that fills whole bones."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.phantom.activity.diffuse import ENDS, FURTHER, MARROW, diffuse, superscan
from bonescan_yolo.phantom.activity.lesions import draw_lesions
from bonescan_yolo.phantom.activity.spots import PosedBody
from bonescan_yolo.phantom.parameters import DiffuseConfig, parameters_with, read_parameters

DISEASE = read_parameters().disease
KINDS = (MARROW, FURTHER)


def with_changes(**changes: object) -> DiffuseConfig:
    return DISEASE.diffuse.model_copy(update=changes)


@pytest.mark.parametrize("part", [0.2, 0.6, 1.0])
def test_it_reaches_the_part_of_the_bones_that_is_asked_for(body: PosedBody, part: float) -> None:
    config = with_changes(bones=(part, part), bones_spread=(1.0, 1.0), patches=(1.0, 1.0))
    there = [len([bone for region in kind for bone in body.posed.skeleton.bones_of(region)]) for kind in KINDS]
    drawn = [diffuse(np.random.default_rng(seed), body, config)[1] for seed in range(20)]
    reached = [np.mean([sum(region in kind for region, _ in spots) for spots in drawn]) for kind in KINDS]
    assert reached == pytest.approx([part * there[0], part / 2 * there[1]], abs=2.0)
    assert all(spot.label == ABNORMAL and spot.bones for spots in drawn for _, spot in spots)


def test_patches_leave_parts_of_a_bone_as_they_are(body: PosedBody, rng: np.random.Generator) -> None:
    points = {f"diffuse_{bone.name}": bone.stop - bone.start for bone in body.posed.skeleton.bones}
    whole, patchy = (
        diffuse(rng, body, with_changes(bones=(1.0, 1.0), bones_spread=(1.0, 1.0), patches=(part, part)))[1]
        for part in (1.0, 0.5)
    )
    assert all(len(spot.emission.points) == points[spot.name] for region, spot in whole if region not in ENDS)
    filled = [len(spot.emission.points) / points[spot.name] for region, spot in patchy if region == "pelvis"]
    assert all(0.3 < part < 0.7 for part in filled)


def test_long_bones_are_filled_near_hip_and_shoulder(body: PosedBody, rng: np.random.Generator) -> None:
    config = with_changes(bones=(1.0, 1.0), bones_spread=(2.0, 2.0), near_end=0.3)
    spots = {spot.name: spot for _, spot in diffuse(rng, body, config)[1]}
    skeleton = body.posed.skeleton
    for bone in skeleton.bones_of("femur"):
        below = body.points_of(bone)[skeleton.along[bone.span] >= 0.3]
        hot = {tuple(point) for point in spots[f"diffuse_{bone.name}"].emission.points}
        assert not hot & {tuple(point) for point in below}


def test_readers_box_diffuse_disease_and_no_superscan(body: PosedBody) -> None:
    shares = dict.fromkeys(("healthy_share", "few_share", "several_share", "many_share", "diffuse_share"), 0.0)
    parameters = parameters_with({"disease": {**shares, "diffuse_share": 1.0}})
    spots = draw_lesions(np.random.default_rng(0), body, parameters.disease, parameters.physiology)
    assert sum(spot.name.startswith("diffuse_") for spot in spots) > 5
    assert all(spot.label == ABNORMAL for spot in spots)
    assert all(spot.label is None for spot in superscan(np.random.default_rng(0), body, DISEASE)[1])
