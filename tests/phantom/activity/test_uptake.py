"""Uptake of bones: what is known of it holds on average."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.phantom.activity.uptake import draw_soft_tissue, draw_uptake
from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.parameters import JointEnds, UptakeConfig, read_parameters

UPTAKE = read_parameters().uptake

EVEN = UPTAKE.model_copy(
    update={
        "region_spread": 0,
        "worn_spread": 0,
        "pelvis_relief": (1.0, 1.0),
        "limb_spread": 0,
        "shaft_spread": 0,
        "bone_spread": 0,
        "fine_texture": 0,
        "coarse_texture": 0,
        "prosthesis_share": 0,
    }
)

NO_ENDS = JointEnds.model_validate(dict.fromkeys(JointEnds.model_fields, (0.0, 0.0)))


def density(skeleton: Skeleton, config: UptakeConfig, *, is_child: bool = False, seed: int = 0) -> np.ndarray:
    return draw_uptake(np.random.default_rng(seed), config, skeleton, is_child) / skeleton.volumes


def test_without_spread_regions_have_their_configured_uptake(skeleton: Skeleton) -> None:
    even = density(skeleton, EVEN)
    for region in ("lumbar", "talus", "toes"):
        bone = skeleton.bones_of(region)[0]
        assert even[bone.span] == pytest.approx(getattr(EVEN.regions, region))


def test_the_pelvis_takes_up_as_its_build_says(skeleton: Skeleton) -> None:
    even = density(skeleton, EVEN.model_copy(update={"joint_ends": NO_ENDS}))
    for region in ("pelvis", "sacroiliac"):
        for bone in skeleton.bones_of(region):
            assert even[bone.span] == pytest.approx(getattr(EVEN.regions, region) * skeleton.richness[bone.span])


def test_the_relief_of_the_pelvis_deepens_and_flattens(skeleton: Skeleton) -> None:
    bone = skeleton.bones_of("pelvis")[0]
    flat, plain, deep = (
        density(skeleton, EVEN.model_copy(update={"joint_ends": NO_ENDS, "pelvis_relief": (power, power)}))[bone.span]
        for power in (0.0, 1.0, 2.0)
    )
    assert flat == pytest.approx(EVEN.regions.pelvis)
    assert deep * flat == pytest.approx(plain**2)


def test_ends_of_long_bones_take_up_more_than_shafts(skeleton: Skeleton) -> None:
    femur = skeleton.bones_of("femur")[0]
    uptake, along = density(skeleton, EVEN)[femur.span], skeleton.along[femur.span]
    shaft = uptake[np.abs(along - 0.5) < 0.1]
    assert shaft == pytest.approx(EVEN.regions.femur)
    assert uptake[along < 0.05].mean() == pytest.approx(EVEN.regions.femur * (1 + EVEN.joint_ends.femur[0]))


def test_spread_varies_patients_around_the_configured_uptake(skeleton: Skeleton) -> None:
    spread = EVEN.model_copy(update={"region_spread": 0.2})
    bone = skeleton.bones_of("lumbar")[0]
    levels = [np.log(density(skeleton, spread, seed=seed)[bone.span].mean()) for seed in range(40)]
    assert np.mean(levels) == pytest.approx(np.log(EVEN.regions.lumbar), abs=0.1)
    assert np.std(levels) == pytest.approx(0.2, abs=0.07)


def test_the_spine_has_no_step_where_the_ribs_end(skeleton: Skeleton) -> None:
    spread = EVEN.model_copy(update={"region_spread": 0.4})
    last, first = skeleton.bones_of("thoracic")[-1], skeleton.bones_of("lumbar")[0]
    for seed in range(10):
        uptake = density(skeleton, spread, seed=seed)
        step = uptake[first.span].mean() / uptake[last.span].mean()
        assert step == pytest.approx(EVEN.regions.lumbar / EVEN.regions.thoracic)


def test_the_tip_of_the_sacrum_takes_up_least(skeleton: Skeleton) -> None:
    sacrum = skeleton.bones_of("sacrum")[0]
    uptake, along = density(skeleton, EVEN)[sacrum.span], skeleton.along[sacrum.span]
    assert uptake[along < 0.05].mean() > 2 * EVEN.regions.sacrum
    assert 0 < uptake[along > 0.95].mean() < 0.5 * EVEN.regions.sacrum


def test_no_end_of_a_bone_takes_up_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="sacrum"):
        JointEnds.model_validate({**dict(UPTAKE.joint_ends), "sacrum": (1.0, -1.2)})


def test_femurs_differ_more_between_patients(skeleton: Skeleton) -> None:
    varied = EVEN.model_copy(update={"shaft_spread": 0.4})
    femur, lumbar = (skeleton.bones_of(region)[0] for region in ("femur", "lumbar"))
    drawn = [density(skeleton, varied, seed=seed) for seed in range(40)]
    assert np.std([np.log(uptake[femur.span].mean()) for uptake in drawn]) == pytest.approx(0.4, abs=0.12)
    assert all(uptake[lumbar.span] == pytest.approx(EVEN.regions.lumbar) for uptake in drawn)


def test_worn_joints_differ_more_between_patients(skeleton: Skeleton) -> None:
    worn = EVEN.model_copy(update={"worn_spread": 0.4})
    manubrium, lumbar = (skeleton.bones_of(region)[0] for region in ("manubrium", "lumbar"))
    drawn = [density(skeleton, worn, seed=seed) for seed in range(40)]
    assert np.std([np.log(uptake[manubrium.span].mean()) for uptake in drawn]) == pytest.approx(0.4, abs=0.12)
    assert all(uptake[lumbar.span] == pytest.approx(EVEN.regions.lumbar) for uptake in drawn)


def test_children_have_growth_plates(skeleton: Skeleton) -> None:
    tibia = skeleton.bones_of("tibia")[0]
    child = density(skeleton, EVEN, is_child=True)[tibia.span]
    adult = density(skeleton, EVEN)[tibia.span]
    plate = np.abs(skeleton.along[tibia.span] - 0.055) < 0.02
    assert (child[plate] > 2 * adult[plate]).all()
    assert child[np.abs(skeleton.along[tibia.span] - 0.5) < 0.25] == pytest.approx(EVEN.regions.tibia)


def test_a_prosthesis_is_a_hole_on_one_side(skeleton: Skeleton) -> None:
    metal = EVEN.model_copy(update={"prosthesis_share": 1.0})
    sides = {bone.name: density(skeleton, metal)[bone.span].min() for bone in skeleton.bones_of("femur")}
    cold = [name for name, least in sides.items() if least < 0.1 * EVEN.regions.femur]
    assert len(cold) == 1


@pytest.mark.parametrize(("share", "expected"), [(0.0, "soft_tissue"), (1.0, "poor_soft_tissue")])
def test_poor_scans_have_their_own_soft_tissue(share: float, expected: str) -> None:
    config = UPTAKE.model_copy(update={"poor_share": share})
    low, high = getattr(config, expected)
    drawn = [draw_soft_tissue(np.random.default_rng(seed), config) for seed in range(50)]
    assert low <= min(drawn) < low + 0.2 * (high - low)
    assert high >= max(drawn) > high - 0.2 * (high - low)


def test_a_share_of_the_scans_is_poor() -> None:
    config = UPTAKE.model_copy(update={"poor_share": 0.3})
    rng = np.random.default_rng(0)
    poor = [draw_soft_tissue(rng, config) > config.soft_tissue[1] for _ in range(2000)]
    assert np.mean(poor) == pytest.approx(0.3, abs=0.03)
