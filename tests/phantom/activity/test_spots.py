"""Hot spots: where their activity lies and how much of it there is; and what disease and physiology draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.phantom.activity import lesions
from bonescan_yolo.phantom.activity.physiology import PELVIC_PARTS_MM, draw_physiology
from bonescan_yolo.phantom.activity.spots import Blob, PosedBody, Spot, ellipsoid, on_bone
from bonescan_yolo.phantom.activity.wear import CREST_RICHNESS, TAKEN_FOR_DISEASE, among_many
from bonescan_yolo.phantom.parameters import PhysiologyConfig, Site, read_parameters

PARAMETERS = read_parameters()
PHYSIOLOGY = PARAMETERS.physiology

NEVER = Site(share=0.0, gain=(1.0, 1.0), radius_mm=(5.0, 5.0))
QUIET = PHYSIOLOGY.model_copy(
    update={
        "bladder_lobe_share": 0.0,
        "hot_kidney_share": 0.0,
        "catheter_share": 0.0,
        "rib_row_share": 0.0,
        **{name: NEVER for name, value in PHYSIOLOGY if isinstance(value, Site)},
    }
)


def test_an_organ_holds_its_volume_times_its_gain(body: PosedBody) -> None:
    radii = np.array([30.0, 20.0, 10.0])
    spot = ellipsoid(body, "trunk", Blob(np.array([0.0, 150.0, 900.0]), radii, 2.0), "bladder", NORMAL)
    assert spot.emission.activity.sum() == pytest.approx(2.0 * 4 / 3 * np.pi * radii.prod())
    reach = np.abs(spot.emission.points - [0, 150, 900]).max(axis=0)
    assert (reach <= radii).all()
    assert (reach > 0.85 * radii).all()


def test_a_lesion_stays_in_its_bone(body: PosedBody) -> None:
    bone = next(bone for bone in body.posed.skeleton.bones if bone.name == "lumbar_2")
    points = body.points_of(bone)
    centre = points.mean(axis=0)
    spot = on_bone(body, bone, Blob(centre, np.full(3, 15.0), 3.0), "lesion", ABNORMAL)
    inside = {tuple(point) for point in points}
    assert all(tuple(point) in inside for point in spot.emission.points)
    assert np.linalg.norm(spot.emission.points - centre, axis=1).max() <= 1.2 * 15.0
    density = spot.emission.activity / body.posed.skeleton.volumes[bone.start]
    assert density.max() == pytest.approx(3.0)


def test_only_bladder_and_pelvic_tissue_and_kidneys_and_nose_are_always_there(
    body: PosedBody, rng: np.random.Generator
) -> None:
    spots = draw_physiology(rng, body, QUIET)
    tissue = ["pelvic_tissue"] * len(PELVIC_PARTS_MM)
    assert [spot.name for spot in spots] == ["bladder", *tissue, "kidney_r", "kidney_l", *["nasal_cavity"] * 5]
    assert [spot.name for spot in spots if spot.label == NORMAL] == ["bladder"]


def test_only_joints_of_the_limbs_and_faces_may_be_called_abnormal(body: PosedBody) -> None:
    config = PHYSIOLOGY.model_copy(update={"rib_row_share": 0.2})
    names, abnormal = set(), set()
    for seed in range(60):
        spots = draw_physiology(np.random.default_rng(seed), body, config)
        names |= {spot.name for spot in spots}
        abnormal |= {spot.name for spot in spots if spot.abnormal_mm and spot.abnormal_mm[1] > 0}
        assert all(spot.label in (NORMAL, None) for spot in spots)
    assert {"urine", "injection", "teeth", "knee", "shoulder", "spine_wear", "rib_fracture"} <= names
    joints, face = {"shoulder", "elbow", "knee", "ankle", "foot"}, {"teeth", "nose", "upper_jaw"}
    assert {"knee", "shoulder"} <= abnormal <= joints | face


@pytest.mark.parametrize("name", ["knee", "iliac_crest", "upper_jaw"])
def test_foci_carry_the_bounds_of_their_site(body: PosedBody, name: str) -> None:
    site = Site(share=1.0, abnormal_mm=(2.0, 14.0), least_over_median=2.5, gain=(1.0, 1.0), radius_mm=(6.0, 6.0))
    config = QUIET.model_copy(update={name: site})
    spots = [spot for seed in range(20) for spot in draw_physiology(np.random.default_rng(seed), body, config)]
    bounds = {(spot.label, spot.abnormal_mm, spot.least_over_median) for spot in spots if spot.name == name}
    assert bounds == {(NORMAL, (2.0, 14.0), 2.5)}


def test_a_joint_that_readers_pass_over_has_no_class(body: PosedBody) -> None:
    knee = Site(share=1.0, marked=0.0, abnormal_mm=(0.0, 30.0), gain=(1.0, 1.0), radius_mm=(8.0, 8.0))
    spots = draw_physiology(np.random.default_rng(1), body, QUIET.model_copy(update={"knee": knee}))
    assert all(spot.label is None for spot in spots if spot.name == "knee")


def test_the_bladder_lies_behind_the_pubis_between_the_hips(body: PosedBody) -> None:
    hip = next(limb.pivot[2] for limb in body.posed.skeleton.limbs if limb.name == "thigh_r")
    heights = []
    for seed in range(30):
        bladder = draw_physiology(np.random.default_rng(seed), body, QUIET)[0].emission.points
        heights.append(bladder[:, 2].mean())
        assert abs(bladder[:, 0].mean()) < 60
    assert np.median(heights) == pytest.approx(hip, abs=25)


def test_tissue_of_the_pelvis_lies_between_the_hips_and_gets_no_box(body: PosedBody) -> None:
    hips = {limb.name: limb.pivot for limb in body.posed.skeleton.limbs if limb.name in ("thigh_r", "thigh_l")}
    aside = min(abs(pivot[0]) for pivot in hips.values())
    for seed in range(10):
        spots = draw_physiology(np.random.default_rng(seed), body, QUIET)
        tissue = [spot for spot in spots if spot.name == "pelvic_tissue"]
        assert all(spot.label is None for spot in tissue)
        points = np.concatenate([spot.emission.points for spot in tissue])
        assert np.abs(points[:, 0]).max() < aside
        assert hips["thigh_r"][2] == pytest.approx(points[:, 2].mean(), abs=60)


def test_in_a_patient_full_of_metastases_hot_joints_of_limbs_are_more_of_them(body: PosedBody) -> None:
    spots = draw_physiology(np.random.default_rng(1), body, always(marked=1.0))
    judged = among_many(spots)
    for before, after in zip(spots, judged, strict=True):
        if before.name in TAKEN_FOR_DISEASE:
            assert (after.label, after.abnormal_mm) == (ABNORMAL, None)
            assert after.least_over_median == before.least_over_median
        else:
            assert after is before
    assert "knee" in {spot.name for spot in judged if spot.label == ABNORMAL}
    assert among_many([replace(spot, label=None) for spot in spots]) == [replace(spot, label=None) for spot in spots]


def always(marked: float) -> PhysiologyConfig:
    """Physiology with every focus there, of which readers mark the given part."""
    sites = {name: value for name, value in PHYSIOLOGY if isinstance(value, Site)}
    changes = {name: site.model_copy(update={"share": 1.0, "marked": marked}) for name, site in sites.items()}
    return QUIET.model_copy(update=changes)


def only(name: str, marked: float, share: float = 1.0) -> PhysiologyConfig:
    """Physiology of which, beside bladder, kidneys and nose, one kind of focus is there."""
    site = Site(share=share, marked=marked, gain=(1.0, 1.0), radius_mm=(6.0, 6.0))
    return QUIET.model_copy(update={name: site})


def test_crests_take_up_along_the_rim_of_the_pelvis_mostly_on_both_sides(body: PosedBody) -> None:
    skeleton = body.posed.skeleton
    rims = [body.points_of(b)[skeleton.richness[b.span] > CREST_RICHNESS] for b in skeleton.bones_of("pelvis")]
    sides = []
    for seed in range(20):
        spots = draw_physiology(np.random.default_rng(seed), body, only("iliac_crest", marked=1.0))
        crests = [spot for spot in spots if spot.name == "iliac_crest"]
        sides.append(len(crests))
        for crest in crests:
            hottest = crest.emission.points[crest.emission.activity.argmax()]
            assert min(np.linalg.norm(rim - hottest, axis=1).min() for rim in rims) < 10
            assert crest.label == NORMAL
    assert set(sides) == {1, 2}
    assert np.mean(sides) == pytest.approx(1 + PHYSIOLOGY.wear.both_sides_share, abs=0.25)


def drawn(body: PosedBody, name: str, seeds: int) -> list[list[Spot]]:
    """Return the foci of a kind in this number of patients, none of them marked."""
    studies = (draw_physiology(np.random.default_rng(seed), body, only(name, marked=0.0)) for seed in range(seeds))
    return [[spot for spot in spots if spot.name == name] for spots in studies]


def test_tips_of_the_shoulder_blades_lie_at_their_lower_end(body: PosedBody) -> None:
    height = np.concatenate([body.points_of(bone)[:, 2] for bone in body.posed.skeleton.bones_of("scapula")])
    patients = drawn(body, "scapula_tip", seeds=20)
    assert {len(tips) for tips in patients} == {1, 2}
    for tip in (tip for tips in patients for tip in tips):
        middle = np.average(tip.emission.points[:, 2], weights=tip.emission.activity)
        assert middle < np.quantile(height, 0.2)
        assert tip.label is None


def test_ends_of_ribs_lie_in_front_mostly_on_both_sides(body: PosedBody) -> None:
    patients = drawn(body, "rib_end", seeds=20)
    assert all(1 <= len(ends) <= 6 for ends in patients)
    middles = np.array([spot.emission.points.mean(axis=0) for ends in patients for spot in ends])
    skeleton = body.posed.skeleton
    sternum, first_rib = (body.points_of(skeleton.bones_of(region)[0]) for region in ("sternum", "rib"))
    assert (middles[:, 1] < first_rib[:, 1].mean()).all()  # the hindmost end is the first rib's
    left = (middles[:, 0] > sternum[:, 0].mean()).mean()
    assert left == pytest.approx(0.5, abs=0.15)


def test_the_vault_takes_up_in_patches_wider_than_a_lesion(body: PosedBody) -> None:
    config = QUIET.model_copy(update={"vault": PHYSIOLOGY.vault.model_copy(update={"share": 1.0})})
    patches = [
        spot
        for seed in range(10)
        for spot in draw_physiology(np.random.default_rng(seed), body, config)
        if spot.name == "vault"
    ]
    assert len(patches) >= 10
    assert all(patch.label is None for patch in patches)
    assert np.median([np.ptp(patch.emission.points, axis=0).max() for patch in patches]) > 40


def test_faint_spots_in_ribs_are_passed_over_by_default(body: PosedBody) -> None:
    assert PHYSIOLOGY.rib_spot.marked == 0.0
    spots = draw_physiology(np.random.default_rng(1), body, only("rib_spot", marked=0.0))
    faint = [spot for spot in spots if spot.name == "rib_spot"]
    assert 1 <= len(faint) <= 3
    assert all(spot.label is None for spot in faint)


def test_lobes_of_the_bladder_touch_it(body: PosedBody, rng: np.random.Generator) -> None:
    spots = draw_physiology(rng, body, QUIET.model_copy(update={"bladder_lobe_share": 1.0}))
    bladder, *lobes = (spot.emission.points for spot in spots if spot.name == "bladder")
    assert len(lobes) == PHYSIOLOGY.bladder.most_lobes
    for lobe in lobes:
        assert np.linalg.norm(bladder[:, None] - lobe[None, ::25], axis=2).min() < 10


@pytest.mark.parametrize("dome_share", [0.0, 1.0])
def test_a_bladder_is_as_high_as_said_whatever_its_shape(body: PosedBody, dome_share: float) -> None:
    config = QUIET.model_copy(update={"bladder_dome_share": dome_share, "bladder_flatness": (1.0, 1.0)})
    for seed in range(5):
        bladder = draw_physiology(np.random.default_rng(seed), body, config)[0].emission.points
        across, _, up = np.ptp(bladder, axis=0)
        assert 1 / 1.25 < up / across < 1.1


def test_a_dome_is_flat_below_and_as_dense_as_the_whole(body: PosedBody) -> None:
    whole = Blob(np.array([0.0, 120.0, 880.0]), np.array([30.0, 20.0, 25.0]), gain=2.0)
    for floor in (-0.5, 0.0, 0.5):
        blobs = (whole, replace(whole, floor=floor))
        full, dome = (ellipsoid(body, "trunk", blob, "bladder", NORMAL) for blob in blobs)
        lowest = dome.emission.points[:, 2].min()
        assert lowest == pytest.approx(880.0 + 25.0 * floor, abs=1.5)
        left = (1 - floor) ** 2 * (2 + floor) / 4  # of a ball's volume, above a plane
        assert dome.emission.activity.sum() / full.emission.activity.sum() == pytest.approx(left, abs=0.02)


def test_lesions_of_the_femur_lie_at_the_hip_and_some_at_the_knee(body: PosedBody) -> None:
    bone = next(bone for bone in body.posed.skeleton.bones if bone.name == "femur_r")
    rng = np.random.default_rng(0)
    along = body.posed.skeleton.along[bone.span]
    drawn = along[[lesions.draw_point(rng, body, bone, PARAMETERS.disease.long_bones) for _ in range(2000)]]
    assert (drawn < 0.35).mean() > 0.6
    assert 0.05 < (drawn > 0.8).mean() < 0.3


def test_an_unmarked_focus_is_as_hot_as_a_marked_one(body: PosedBody) -> None:
    marked, unmarked = (
        [spot for seed in range(4) for spot in draw_physiology(np.random.default_rng(seed), body, always(share))]
        for share in (1.0, 0.0)
    )
    assert [spot.name for spot in marked] == [spot.name for spot in unmarked]
    differing = set()
    for one, other in zip(marked, unmarked, strict=True):
        np.testing.assert_array_equal(one.emission.points, other.emission.points)
        np.testing.assert_array_equal(one.emission.activity, other.emission.activity)
        if one.label != other.label:
            assert one.label is not None
            assert other.label is None
            differing.add(one.name)
    assert {"teeth", "nose", "manubrium", "spine_wear"} <= differing
    assert not {"bladder", "urine", "urine_bag", "injection"} & differing


def test_foci_carry_how_far_readers_want_them_to_stand_out(body: PosedBody) -> None:
    spots = [spot for seed in range(30) for spot in draw_physiology(np.random.default_rng(seed), body, PHYSIOLOGY)]
    asked = {spot.name: spot.least_over_median for spot in spots}
    for name in ("knee", "shoulder", "iliac_crest", "manubrium", "teeth", "upper_jaw", "nose"):
        assert asked[name] == getattr(PHYSIOLOGY, name).least_over_median
    numbers = {name: least for name, least in asked.items() if least is not None}
    assert numbers["knee"] > numbers["teeth"] > numbers["nose"]
    assert asked["bladder"] is None


def test_upper_jaws_are_hot_beside_the_nose_and_above_the_teeth(body: PosedBody) -> None:
    config = QUIET.model_copy(update={"upper_jaw": Site(share=1.0, gain=(2.0, 2.0), radius_mm=(5.0, 5.0))})
    spots = draw_physiology(np.random.default_rng(0), body, config)
    right, left = (spot.emission.points for spot in spots if spot.name == "upper_jaw")
    nose = next(spot.emission.points for spot in spots if spot.name == "nasal_cavity")
    teeth = body.points_of(body.posed.skeleton.bones_of("teeth")[0])
    assert right[:, 0].mean() < nose[:, 0].mean() - 8
    assert left[:, 0].mean() > nose[:, 0].mean() + 8
    for points in (right, left):
        assert np.median(teeth[:, 2]) < points[:, 2].mean() < nose[:, 2].mean()


def test_the_angle_of_the_sternum_wears_too(body: PosedBody) -> None:
    """Half of the foci of the manubrium lie at the joint below it, in the upper end of the sternum."""
    config = only("manubrium", marked=1.0)
    drawn = [spot for seed in range(30) for spot in draw_physiology(np.random.default_rng(seed), body, config)]
    heights = [spot.emission.points[:, 2].mean() for spot in drawn if spot.name == "manubrium"]
    border = min(body.points_of(body.posed.skeleton.bones_of("manubrium")[0])[:, 2])
    below = [height < border + 3.0 for height in heights]
    assert 0.25 < np.mean(below) < 0.75


def test_foci_are_marked_in_their_share(body: PosedBody) -> None:
    spots = [spot for seed in range(40) for spot in draw_physiology(np.random.default_rng(seed), body, always(0.3))]
    labels = [spot.label for spot in spots if spot.name in ("knee", "shoulder", "teeth", "spine_wear")]
    assert len(labels) > 150
    assert np.mean([label is not None for label in labels]) == pytest.approx(0.3, abs=0.1)


def test_urine_spreads_around_its_drops_without_a_box(body: PosedBody) -> None:
    config = QUIET.model_copy(update={"urine_drop": Site(share=1.0, gain=(4.0, 4.0), radius_mm=(4.0, 4.0))})
    spots = draw_physiology(np.random.default_rng(1), body, config)
    (drop, *_), (halo, *_) = ([spot for spot in spots if spot.name == name] for name in ("urine", "urine_halo"))
    assert (drop.label, halo.label) == (NORMAL, None)
    np.testing.assert_allclose(drop.emission.points.mean(axis=0), halo.emission.points.mean(axis=0), atol=2.0)
    wider = np.ptp(halo.emission.points, axis=0) / np.ptp(drop.emission.points, axis=0)
    smallest, largest = PHYSIOLOGY.urine.halo_size
    assert (wider > smallest - 0.01).all()
    assert (wider < largest + 0.01).all()
