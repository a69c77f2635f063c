"""Hot spots: where their activity lies and how much of it there is; and what disease and physiology draw."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.phantom.config import DiseaseConfig, PhysiologyConfig, Site
from bonescan_yolo.phantom.hotspots import Blob, Body, ellipsoid, on_bone
from bonescan_yolo.phantom.lesions import draw_lesions
from bonescan_yolo.phantom.physiology import draw_physiology

NEVER = Site(share=0.0, gain=(1.0, 1.0), radius_mm=(5.0, 5.0))
QUIET = PhysiologyConfig().model_copy(
    update={
        "hot_kidney_share": 0.0,
        "rib_row_share": 0.0,
        **{name: NEVER for name, value in PhysiologyConfig() if isinstance(value, Site)},
    }
)


def test_an_organ_holds_its_volume_times_its_gain(body: Body) -> None:
    radii = np.array([30.0, 20.0, 10.0])
    spot = ellipsoid(body, "trunk", Blob(np.array([0.0, 150.0, 900.0]), radii, 2.0), "bladder", NORMAL)
    assert spot.emission.activity.sum() == pytest.approx(2.0 * 4 / 3 * np.pi * radii.prod())
    reach = np.abs(spot.emission.points - [0, 150, 900]).max(axis=0)
    assert (reach <= radii).all()
    assert (reach > 0.85 * radii).all()


def test_a_lesion_stays_in_its_bone(body: Body) -> None:
    bone = next(bone for bone in body.posed.skeleton.bones if bone.name == "lumbar_2")
    points = body.points_of(bone)
    centre = points.mean(axis=0)
    spot = on_bone(body, bone, Blob(centre, np.full(3, 15.0), 3.0), "lesion", ABNORMAL)
    inside = {tuple(point) for point in points}
    assert all(tuple(point) in inside for point in spot.emission.points)
    assert np.linalg.norm(spot.emission.points - centre, axis=1).max() <= 1.2 * 15.0
    density = spot.emission.activity / body.posed.skeleton.volumes[bone.start]
    assert density.max() == pytest.approx(3.0)


def test_only_bladder_and_kidneys_and_nose_are_always_there(body: Body, rng: np.random.Generator) -> None:
    spots = draw_physiology(rng, body, QUIET)
    assert [spot.name for spot in spots] == ["bladder", "kidney_r", "kidney_l", *["nasal_cavity"] * 3]
    assert [spot.name for spot in spots if spot.label == NORMAL] == ["bladder"]


def test_everything_normal_is_labelled_normal_or_not_at_all(body: Body) -> None:
    names = set()
    for seed in range(30):
        spots = draw_physiology(np.random.default_rng(seed), body, PhysiologyConfig())
        assert all(spot.label in (NORMAL, None) for spot in spots)
        names |= {spot.name for spot in spots}
    assert {"urine", "injection", "teeth", "knee", "shoulder", "spine_wear", "rib_fracture"} <= names


def test_disease_follows_its_shares(body: Body) -> None:
    draws = [len(draw_lesions(np.random.default_rng(seed), body, DiseaseConfig())) for seed in range(150)]
    healthy = np.mean([count == 0 for count in draws])
    assert healthy == pytest.approx(DiseaseConfig().healthy_share, abs=0.13)
    few = np.mean([1 <= count <= 4 for count in draws]) / (1 - healthy)
    assert few == pytest.approx(DiseaseConfig().few_share, abs=0.2)


def test_sites_can_be_chosen(body: Body, rng: np.random.Generator) -> None:
    only = {name: (1.0 if name == "sternum" else 1e-9) for name, _ in DiseaseConfig().sites}
    config = DiseaseConfig.model_validate({"healthy_share": 0.0, "few_share": 1.0, "sites": only})
    assert {spot.name for spot in draw_lesions(rng, body, config)} == {"lesion_sternum"}


def test_a_superscan_fills_the_marrow_without_boxes_of_its_own(body: Body, rng: np.random.Generator) -> None:
    shares = {"healthy_share": 0.0, "few_share": 0.0, "several_share": 0.0, "many_share": 0.0}
    spots = draw_lesions(rng, body, DiseaseConfig.model_validate(shares))
    filled = [spot for spot in spots if spot.label is None]
    assert len(filled) > 40
    assert all(spot.label == ABNORMAL for spot in spots if spot not in filled)
