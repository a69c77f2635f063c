"""Metastases: how many, where, and of what shape."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.phantom.activity.lesions import BEYOND, SPINE, draw_lesions, neighbours, widespread
from bonescan_yolo.phantom.activity.spots import PosedBody, Spot
from bonescan_yolo.phantom.parameters import DiseaseConfig, Sites, read_parameters

BENIGN, DISEASE = read_parameters().physiology, read_parameters().disease

STAGES = {"healthy_share": 0.0, "few_share": 0.0, "several_share": 0.0, "many_share": 0.0}


def only(site: str) -> Sites:
    """Return weights by which all lesions lie in one kind of bone."""
    return Sites(**{name: 1.0 if name == site else 1e-12 for name in Sites.model_fields})


def disease(**changes: object) -> DiseaseConfig:
    """Return the shipped parameters with some changed."""
    return DiseaseConfig.model_validate({**dict(DISEASE), **changes})


def drawn(body: PosedBody, stage: str, seeds: range, **fields: object) -> list[list[Spot]]:
    """Return the lesions of patients of one stage."""
    config = disease(**{**STAGES, f"{stage}_share": 1.0, **fields})
    return [draw_lesions(np.random.default_rng(seed), body, config, BENIGN) for seed in seeds]


def sizes(patients: list[list[Spot]]) -> list[float]:
    return [float(np.ptp(spot.emission.points, axis=0).max()) for patient in patients for spot in patient]


def place_of(body: PosedBody, spot: Spot, site: str) -> float:
    """Return where along its bone a lesion lies, from 0 to 1."""
    bone = next(bone for bone in body.posed.skeleton.bones_of(site) if spot.name == f"lesion_{bone.name}")
    centre = np.average(spot.emission.points, axis=0, weights=spot.emission.activity)
    nearest = np.linalg.norm(body.points_of(bone) - centre, axis=1).argmin()
    return float(body.posed.skeleton.along[bone.span][nearest])


def test_many_lesions_are_as_many_as_said(body: PosedBody) -> None:
    counts = [len(patient) for patient in drawn(body, "many", range(12))]
    fewest, most = DISEASE.many_lesions
    assert fewest <= min(counts) < most / 2 < max(counts) <= most


def test_many_lesions_are_smaller_than_few(body: PosedBody) -> None:
    pelvis = only("pelvis")
    many = sizes(drawn(body, "many", range(10), sites=pelvis))
    few = sizes(drawn(body, "few", range(60), sites=pelvis))
    assert np.quantile(many, 0.9) < 0.85 * np.quantile(few, 0.9)
    assert np.quantile(many, 0.05) == pytest.approx(np.quantile(few, 0.05), rel=0.35)


def test_many_lesions_are_neither_the_faintest_nor_the_hottest(body: PosedBody) -> None:
    """Else readers would see few of them."""
    low, high = DISEASE.gain
    faintest, hottest = DISEASE.many_gains
    volume = body.posed.skeleton.volumes[body.posed.skeleton.bones_of("pelvis")[0].start]
    large = {"sites": only("pelvis"), "pelvis_radius_mm": (12.0, 20.0)}
    gains = [
        float((spot.emission.activity / volume).max())
        for patient in drawn(body, "many", range(30), **large)
        for spot in patient
    ]
    assert min(gains) == pytest.approx(low * (high / low) ** faintest, rel=0.15)
    assert max(gains) == pytest.approx(low * (high / low) ** hottest, rel=0.15)


@pytest.mark.parametrize(("stage", "many"), [("few", False), ("several", False), ("many", True)])
def test_disease_is_widespread_from_many_lesions_on(body: PosedBody, stage: str, *, many: bool) -> None:
    assert {widespread(patient, DISEASE) for patient in drawn(body, stage, range(10))} == {many}


def test_many_lesions_follow_the_red_marrow(body: PosedBody) -> None:
    """Beyond elbow and knee there are as few as `many_limbs` says, beside patients with few lesions."""
    even = dict.fromkeys(Sites.model_fields, 1.0)
    beyond = {f"lesion_{bone.name}" for region in BEYOND for bone in body.posed.skeleton.bones_of(region)}

    def share(patients: list[list[Spot]]) -> float:
        return float(np.mean([spot.name in beyond for patient in patients for spot in patient]))

    few = share(drawn(body, "few", range(150), sites=even))
    many = share(drawn(body, "many", range(8), sites=even, many_limbs=0.1))
    assert few == pytest.approx(len(BEYOND) / len(even), abs=0.06)
    assert many < 0.3 * few


@pytest.mark.parametrize("length", [0.1, 0.6])
def test_a_streak_runs_along_its_part_of_a_bone(body: PosedBody, length: float) -> None:
    patients = drawn(body, "few", range(20), streak_share=1.0, streak_length=(length, length), sites=only("femur"))
    femur = body.points_of(body.posed.skeleton.bones_of("femur")[0])[:, 2]
    longest = max(float(np.ptp(spot.emission.points[:, 2])) for patient in patients for spot in patient) / np.ptp(femur)
    assert longest == pytest.approx(1.4 * length, rel=0.15)  # it fades out over its last parts


def test_disease_follows_its_shares(body: PosedBody) -> None:
    draws = [len(draw_lesions(np.random.default_rng(seed), body, DISEASE, BENIGN)) for seed in range(150)]
    healthy = np.mean([count == 0 for count in draws])
    assert healthy == pytest.approx(DISEASE.healthy_share, abs=0.13)
    few = np.mean([1 <= count <= 4 for count in draws]) / (1 - healthy)
    assert few == pytest.approx(DISEASE.few_share, abs=0.2)


@pytest.mark.parametrize(
    ("site", "field"),
    [("rib", "least_over_median"), ("skull", "skull_least_over_median"), ("thoracic", None), ("sternum", None)],
)
def test_readers_ask_more_of_lesions_outside_spine_and_breastbone(
    body: PosedBody, site: str, field: str | None
) -> None:
    spots = [spot for patient in drawn(body, "several", range(3), sites=only(site)) for spot in patient]
    asked = {spot.least_over_median for spot in spots}
    assert asked == {None if field is None else getattr(DISEASE, field)}


@pytest.mark.parametrize(
    ("site", "where", "like"),
    [
        ("humerus", lambda along: along < 0.05, "shoulder"),
        ("humerus", lambda along: along > 0.2, None),
        ("femur", lambda along: along > 0.97, "knee"),
        ("clavicle", lambda along: along > 0.9, "shoulder"),
        ("clavicle", lambda along: along < 0.6, None),
        ("face", lambda along: along < 2.0, "upper_jaw"),
    ],
)
def test_lone_lesions_that_look_like_wear_are_judged_like_it(
    body: PosedBody, site: str, where: Callable[[float], bool], like: str | None
) -> None:
    sure = {"sites": only(site), "radius_mm": (7.0, 7.0), "skull_radius_mm": (7.0, 7.0), "streak_share": 0.0}
    spots = [spot for patient in drawn(body, "several", range(15), **sure) for spot in patient]
    inside = [spot.abnormal_mm for spot in spots if where(place_of(body, spot, site))]
    assert inside
    assert set(inside) == {None if like is None else getattr(BENIGN, like).abnormal_mm}


def test_among_many_lesions_none_is_taken_for_wear(body: PosedBody) -> None:
    spots = [spot for patient in drawn(body, "many", range(4), sites=only("humerus")) for spot in patient]
    assert {spot.abnormal_mm for spot in spots} == {None}


def test_sites_can_be_chosen(body: PosedBody, rng: np.random.Generator) -> None:
    config = disease(healthy_share=0.0, few_share=1.0, sites=only("sternum"))
    assert {spot.name for spot in draw_lesions(rng, body, config, BENIGN)} == {"lesion_sternum"}


@pytest.mark.parametrize(
    ("site", "span"), [("skull", "skull_radius_mm"), ("pelvis", "pelvis_radius_mm"), ("skull_base", "skull_radius_mm")]
)
def test_regions_have_lesions_of_their_own_size(body: PosedBody, site: str, span: str) -> None:
    widths = [
        np.median(sizes(drawn(body, "few", range(12), sites=only(site), **{span: (radius, radius)})))
        for radius in (8.0, 24.0)
    ]
    assert widths[1] / widths[0] == pytest.approx(3.0, rel=0.35)


def test_a_superscan_fills_the_marrow_without_boxes_of_its_own(body: PosedBody, rng: np.random.Generator) -> None:
    spots = draw_lesions(rng, body, disease(**STAGES), BENIGN)
    filled = [spot for spot in spots if spot.label is None]
    assert len(filled) > 40
    assert all(spot.label == ABNORMAL for spot in spots if spot not in filled)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("thoracic_5", ["thoracic_4", "thoracic_6"]),
        ("thoracic_12", ["thoracic_11", "lumbar_1"]),
        ("lumbar_5", ["lumbar_4"]),
        ("rib_1_l", ["rib_2_l"]),
        ("rib_7_r", ["rib_6_r", "rib_8_r"]),
        ("sternum", []),
    ],
)
def test_neighbours_of_a_bone_lie_above_and_below_it(body: PosedBody, name: str, expected: list[str]) -> None:
    bone = next(bone for bone in body.posed.skeleton.bones if bone.name == name)
    beside = neighbours(body, bone)
    assert [other.name for other in beside] == expected
    for other in beside:
        assert abs(body.points_of(other)[:, 2].mean() - body.points_of(bone)[:, 2].mean()) < 60


def test_lesions_run_along_the_spine_in_their_share(body: PosedBody) -> None:
    spine = [bone.name for region in SPINE for bone in body.posed.skeleton.bones_of(region)]
    for share in (0.0, 1.0):
        (spots,) = drawn(body, "many", range(3, 4), neighbour_share=share, sites=only("thoracic"))
        levels = [spine.index(spot.name.removeprefix("lesion_")) for spot in spots]
        steps = np.abs(np.diff(levels))
        assert (steps == 1).all() if share else (steps != 1).any()
