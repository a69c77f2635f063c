"""Whole studies: the same arguments give the same study, and lesions weigh by depth in the two views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.phantom import study as studies
from bonescan_yolo.phantom.activity.spots import Blob, PosedBody, Spot, on_bone
from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.body.patient import draw_patient
from bonescan_yolo.phantom.camera import Camera, Display
from bonescan_yolo.phantom.labels import truth
from bonescan_yolo.phantom.parameters import PhantomConfig, Site, parameters_with
from bonescan_yolo.phantom.study import Exposure, SimulatedStudy, simulate

EXPOSURE = Exposure(counts_per_activity=0.05, display=Display(grey_per_count=1.0, wraps=False))


@pytest.fixture(scope="module")
def some(skeleton: Skeleton, parameters: PhantomConfig) -> list[SimulatedStudy]:
    return [simulate(skeleton, parameters, 7, identifier) for identifier in range(1, 13)]


def lesion(body: PosedBody, name: str) -> Spot:
    bone = next(bone for bone in body.posed.skeleton.bones if bone.name == name)
    points = body.points_of(bone)
    centre = points[np.linalg.norm(points - np.median(points, axis=0), axis=1).argmin()]
    return on_bone(body, bone, Blob(centre, np.full(3, 12.0), 5.0), name, ABNORMAL)


def test_a_study_depends_on_seed_and_id_alone(
    skeleton: Skeleton, parameters: PhantomConfig, some: list[SimulatedStudy]
) -> None:
    again = simulate(skeleton, parameters, 7, 3)
    other = simulate(skeleton, parameters, 8, 3)
    assert np.array_equal(again.views["anterior"].pixels, some[2].views["anterior"].pixels)
    assert not np.array_equal(other.views["anterior"].pixels, again.views["anterior"].pixels)


def test_the_display_changes_nothing_but_the_grey_levels(skeleton: Skeleton, some: list[SimulatedStudy]) -> None:
    changed = parameters_with({"camera": {"display_gamma": [0.6, 0.8], "smoothing_px": [0.5, 1.0]}})
    other = simulate(skeleton, changed, 7, 3).views["posterior"]
    plain = some[2].views["posterior"]
    assert np.array_equal(other.expected, plain.expected)
    assert [mark.box for mark in other.marks] == [mark.box for mark in plain.marks]
    assert np.median(other.pixels[plain.pixels > 6]) > np.median(plain.pixels[plain.pixels > 6])


def test_views_have_the_size_and_levels_of_bs80k(skeleton: Skeleton) -> None:
    adults = parameters_with({"patient": {"child_share": 0.0}})  # growth plates outshine everything in BS-80K
    for study in [simulate(skeleton, adults, 7, identifier) for identifier in range(1, 13)]:
        for seen in study.views.values():
            assert seen.pixels.shape == (1024, 256)
            assert seen.pixels.dtype == np.uint8
            inside = (seen.pixels > 6).mean()
            assert 0.08 < inside < 0.3
            assert 15 < np.percentile(seen.pixels, 99) < 90


def test_counts_are_poisson(skeleton: Skeleton) -> None:
    config = parameters_with({"camera": {"grey_total": None, "grey_per_count": [2.0, 2.0], "least_of_peak": [0, 0]}})
    for seen in simulate(skeleton, config, 7, 1).views.values():
        dark = (seen.expected > 3) & (seen.expected < 60)
        assert (seen.pixels[dark] / seen.expected[dark]).mean() == pytest.approx(2.0, rel=0.02)
        spread = (seen.pixels[dark] - 2.0 * seen.expected[dark]) / (2.0 * np.sqrt(seen.expected[dark]))
        assert spread.std() == pytest.approx(1.0, abs=0.06)


def test_views_have_the_total_and_the_noise_of_bs80k(some: list[SimulatedStudy]) -> None:
    """Eight sharp scans of BS-80K: a million grey levels a view, whose variance is 1.5 to 4 times their mean."""
    for study in some[:4]:
        for seen in study.views.values():
            assert 0.7e6 < seen.pixels.sum(dtype=np.int64) < 1.06e6  # less where levels are cut off
            body = (seen.expected > 8) & (seen.expected < 60) & (seen.pixels < 255)
            scale = seen.pixels[body].sum() / seen.expected[body].sum()
            rest = seen.pixels[body] - scale * seen.expected[body]
            assert 0.9 < (rest**2).sum() / seen.pixels[body].sum() < 4.5


@pytest.mark.parametrize(("bone", "brighter"), [("sternum", "anterior"), ("thoracic_8", "posterior")])
def test_both_views_see_a_lesion_weighted_by_depth(body: PosedBody, camera: Camera, bone: str, brighter: str) -> None:
    nothing = np.zeros((1024, 256), np.float32)
    counts = {
        view: studies.with_hot_spots(nothing, (lesion(body, bone),), view, camera, EXPOSURE)[0].sum()
        for view in ("anterior", "posterior")
    }
    other = "posterior" if brighter == "anterior" else "anterior"
    assert counts[brighter] > 1.5 * counts[other] > 0


def test_boxes_hold_the_peak_of_their_lesion(body: PosedBody, camera: Camera, parameters: PhantomConfig) -> None:
    spots = tuple(lesion(body, name) for name in ("rib_5_l", "femur_r", "lumbar_3"))
    flat = np.full((1024, 256), 20.0, np.float32)
    expected, candidates = studies.with_hot_spots(flat, spots, "posterior", camera, EXPOSURE)
    marks = truth.find_marks(candidates, expected, "posterior", parameters.truth)
    assert {name for mark in marks for name in mark.names} == {"rib_5_l", "femur_r", "lumbar_3"}
    for candidate in candidates:
        row, column = np.unravel_index(candidate.patch.pixels.argmax(), candidate.patch.pixels.shape)
        row, column = row + candidate.patch.row, column + candidate.patch.column
        box = next(mark.box for mark in marks if candidate.name in mark.names)
        assert box[0] <= column < box[2]
        assert box[1] <= row < box[3]


@pytest.mark.parametrize(("sizes", "label"), [(None, ABNORMAL), ((0.0, 5.0), NORMAL), ((5.0, 300.0), ABNORMAL)])
def test_sizes_in_mm_decide_the_class_where_a_hot_spot_has_them(
    body: PosedBody, camera: Camera, parameters: PhantomConfig, sizes: tuple[float, float] | None, label: int
) -> None:
    spot = replace(lesion(body, "femur_r"), abnormal_mm=sizes)
    flat = np.full((1024, 256), 20.0, np.float32)
    expected, candidates = studies.with_hot_spots(flat, (spot,), "anterior", camera, EXPOSURE)
    (mark,) = truth.find_marks(candidates, expected, "anterior", parameters.truth)
    assert mark.label == label


@pytest.mark.parametrize(("stage", "label"), [("few_share", NORMAL), ("many_share", ABNORMAL)])
def test_hot_knees_of_a_patient_full_of_metastases_are_abnormal(skeleton: Skeleton, stage: str, label: int) -> None:
    shares = {"healthy_share": 0.0, "few_share": 0.0, "several_share": 0.0, "many_share": 0.0, stage: 1.0}
    knee = Site(share=1.0, abnormal_mm=(0.0, 0.0), gain=(1.0, 1.0), radius_mm=(8.0, 8.0))
    config = parameters_with({"physiology": {"knee": knee.model_dump()}, "disease": shares})
    rng = np.random.default_rng(0)
    scene = studies.draw_scene(rng, skeleton, draw_patient(rng, config.patient), config)
    knees = {(spot.label, spot.abnormal_mm) for spot in scene.spots if spot.name == "knee"}
    assert knees == {(label, None if label == ABNORMAL else knee.abnormal_mm)}


def test_an_unmarked_focus_is_seen_but_gets_no_box(body: PosedBody, camera: Camera, parameters: PhantomConfig) -> None:
    flat = np.full((1024, 256), 20.0, np.float32)
    marked = lesion(body, "femur_r")
    images, numbers = [], []
    for spot in (marked, replace(marked, label=None)):
        expected, candidates = studies.with_hot_spots(flat, (spot,), "anterior", camera, EXPOSURE)
        images.append(expected)
        numbers.append(len(truth.find_marks(candidates, expected, "anterior", parameters.truth)))
    np.testing.assert_array_equal(images[0], images[1])
    assert images[0].max() > 4 * np.median(images[0])
    assert numbers == [1, 0]


def test_boxes_lie_in_the_frame_and_on_brighter_pixels(some: list[SimulatedStudy]) -> None:
    marks = [(seen, mark) for study in some for seen in study.views.values() for mark in seen.marks]
    assert len(marks) > 20
    for seen, mark in marks:
        x1, y1, x2, y2 = mark.box
        assert 0 <= x1 < x2 <= 256
        assert 0 <= y1 < y2 <= 1024
        assert mark.mask.shape == (y2 - y1, x2 - x1)
        assert mark.mask.any()
        around = seen.expected[max(0, y1 - 4) : y2 + 4, max(0, x1 - 4) : x2 + 4]
        # the median: the mean around a spot next to a hotter one is that of the hotter one
        assert seen.expected[y1:y2, x1:x2].max() > np.median(around)
