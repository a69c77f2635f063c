"""The skeleton that the simulator reads from myo_sim."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.phantom.body import voxels
from bonescan_yolo.phantom.body.anatomy import Skeleton, load_skeleton

CUBE = np.array([[x, y, z] for x in (0, 30) for y in (0, 30) for z in (0, 30)], dtype=float)
QUADS = [(0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)]
CUBE_FACES = np.array([corners for a, b, c, d in QUADS for corners in ((a, b, c), (a, c, d))])


def test_a_closed_mesh_is_filled_and_a_hollow_one_is_not(rng: np.random.Generator) -> None:
    filled = voxels.fill(CUBE, CUBE_FACES, 2.0, rng, hollow=False)
    shell = voxels.fill(CUBE, CUBE_FACES, 2.0, rng, hollow=True)
    middle = np.abs(filled - 15).max(axis=1) < 8
    assert middle.sum() == pytest.approx(16**3 / 2**3, rel=0.15)
    assert not (np.abs(shell - 15).max(axis=1) < 8).any()


@pytest.mark.parametrize("step", [1.0, 2.0, 3.0])
def test_a_cube_is_half_its_edge_thick(rng: np.random.Generator, step: float) -> None:
    filled = voxels.fill(CUBE, CUBE_FACES, step, rng, hollow=False)
    thickness = voxels.half_thickness(filled, step, reach_mm=30.0)
    assert thickness == pytest.approx(np.full(len(filled), 15.0), abs=step)


def test_a_plate_stays_thin_beside_a_cube(rng: np.random.Generator) -> None:
    plate = CUBE * [4, 1, 0.2] + [30, 0, 0]  # 6 mm thick, from the cube's side outwards
    both = np.concatenate([voxels.fill(part, CUBE_FACES, 1.0, rng, hollow=False) for part in (CUBE, plate)])
    thickness = voxels.half_thickness(both, 1.0, reach_mm=16.0)
    assert thickness[both[:, 0] > 60] == pytest.approx(3.0, abs=1.0)
    assert thickness[both[:, 0] < 20] == pytest.approx(15.0, abs=1.0)


def test_surface_points_leave_no_gap() -> None:
    points = voxels.surface_points(CUBE, CUBE_FACES, 1.0)
    face = points[points[:, 0] == 0]
    grid = np.stack(np.meshgrid(np.arange(31.0), np.arange(31.0)), axis=-1).reshape(-1, 2)
    nearest = np.abs(face[None, :, 1:] - grid[:, None]).max(axis=2).min(axis=1)
    assert nearest.max() <= 1.0


def test_parts_come_apart_from_the_top() -> None:
    both = np.concatenate([CUBE, CUBE + np.array([0, 0, 100])])
    parts = voxels.connected_parts(both, np.concatenate([CUBE_FACES, CUBE_FACES + 8]))
    assert [part[0][:, 2].min() for part in parts] == [100, 0]
    assert all(len(points) == 8 and len(faces) == 12 for points, faces in parts)


def test_every_bone_is_there_once(skeleton: Skeleton) -> None:
    names = [bone.name for bone in skeleton.bones]
    assert len(names) == len(set(names))
    assert len(skeleton.bones_of("rib")) == 24
    assert len(skeleton.bones_of("thoracic")) == 12
    assert len(skeleton.bones_of("lumbar")) == 5
    assert len(skeleton.bones_of("hand")) == 2 * 27
    assert sum(bone.stop - bone.start for bone in skeleton.bones) == len(skeleton.points)


def test_lumbar_vertebrae_are_as_wide_as_adults(skeleton: Skeleton) -> None:
    """From tip to tip of the transverse processes: 80 to 95 mm."""
    widths = [float(np.ptp(skeleton.points[bone.span][:, 0])) for bone in skeleton.bones_of("lumbar")]
    assert min(widths) > 78
    assert max(widths) < 95
    assert abs(float(np.mean([skeleton.points[bone.span][:, 0].mean() for bone in skeleton.bones_of("lumbar")]))) < 2


def test_head_is_up_front_is_front_and_left_is_left(skeleton: Skeleton) -> None:
    middle = {bone.name: skeleton.points[bone.span].mean(axis=0) for bone in skeleton.bones}
    assert middle["skull"][2] > middle["sternum"][2] > middle["sacrum"][2] > middle["femur_r"][2] > 0
    assert middle["sternum"][1] < middle["thoracic_6"][1]
    assert middle["femur_r"][0] < 0 < middle["femur_l"][0]
    ribs = [middle[f"rib_{n}_r"][2] for n in range(1, 11)]
    assert ribs == sorted(ribs, reverse=True)


def test_sides_are_alike(skeleton: Skeleton) -> None:
    for bone in skeleton.bones:
        if bone.name.endswith("_r"):
            other = next(b for b in skeleton.bones if b.name == bone.name[:-1] + "l")
            assert skeleton.points[bone.span].mean(axis=0) * [-1, 1, 1] == pytest.approx(
                skeleton.points[other.span].mean(axis=0), abs=4
            )


def test_bone_is_evenly_rich_but_for_the_pelvis(skeleton: Skeleton) -> None:
    assert skeleton.richness.shape == (len(skeleton.points),)
    assert skeleton.richness.min() > 0
    for bone in skeleton.bones:
        is_even = (skeleton.richness[bone.span] == 1).all()
        assert is_even == (bone.region not in ("pelvis", "sacroiliac"))


def test_the_pelvis_is_equally_rich_on_both_sides(skeleton: Skeleton) -> None:
    for region in ("pelvis", "sacroiliac"):
        right, left = (skeleton.richness[bone.span] for bone in skeleton.bones_of(region))
        shares = np.linspace(0.1, 0.9, 9)
        assert np.quantile(right, shares) == pytest.approx(np.quantile(left, shares), rel=0.1)
        assert right.mean() == pytest.approx(left.mean(), rel=0.03)
        assert 0.9 < np.median(right) < 1.15


def test_the_rim_of_the_pelvis_is_richer_than_its_wing(skeleton: Skeleton) -> None:
    for bone in skeleton.bones_of("pelvis"):
        points, richness = skeleton.points[bone.span], skeleton.richness[bone.span]
        aside, height = np.abs(points[:, 0]), points[:, 2] - points[:, 2].min()
        for low in np.arange(0.72, 0.9, 0.06) * height.max():
            level = (height >= low) & (height < low + 10)
            inward = aside[level].max() - aside[level]
            rim, wing = richness[level][inward < 6], richness[level][inward > 40]
            assert rim.min() > 1.3 * np.median(wing)
        below = height < 0.28 * height.max()
        assert richness[below].max() < 1.4


def test_the_pillar_of_the_pelvis_runs_from_the_crest_down_and_inwards(skeleton: Skeleton) -> None:
    for bone in skeleton.bones_of("pelvis"):
        points, richness = skeleton.points[bone.span], skeleton.richness[bone.span]
        aside, height = np.abs(points[:, 0]), points[:, 2] - points[:, 2].min()
        places = []
        for low in (0.4, 0.5, 0.6):  # below the rim
            level = (height >= low * height.max()) & (height < low * height.max() + 12)
            rich = richness[level] > np.quantile(richness[level], 0.9)
            places.append(float(np.median(aside[level][rich])))
        assert places == sorted(places)
        assert places[-1] > places[0] + 12


def test_missing_package_is_a_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "myo_sim", None)
    with pytest.raises(BonescanError, match=r"myo_sim: is not installed, .*pip install .bonescan_yolo\[simulate\]"):
        load_skeleton()
