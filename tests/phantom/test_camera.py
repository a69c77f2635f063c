"""The camera's physics against known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonescan_yolo.phantom import camera as optics
from bonescan_yolo.phantom.body.soft_tissue import Stack
from bonescan_yolo.phantom.camera import Camera, Display, Emission
from bonescan_yolo.phantom.parameters import read_parameters
from bonescan_yolo.scan.identity.names import View

CONFIG = read_parameters().camera


def point(x: float = 0.0, z: float = 750.0, front: float = 50.0, back: float = 150.0) -> Emission:
    return Emission(np.array([[x, 0.0, z]]), np.array([1000.0]), np.array([front]), np.array([back]))


def test_attenuation_halves_in_58_mm() -> None:
    half = np.log(2) / CONFIG.attenuation_per_mm
    assert half == pytest.approx(57.8, abs=0.1)
    assert optics.transmission(np.array([0.0, half, 2 * half]), CONFIG) == pytest.approx([1, 0.5, 0.25])


def test_resolution_is_that_of_a_lehr_collimator() -> None:
    assert optics.resolution_fwhm_mm(100.0, CONFIG) == pytest.approx(7.4, abs=0.5)
    fwhm = [optics.resolution_fwhm_mm(distance, CONFIG) for distance in (0.0, 50.0, 100.0, 200.0)]
    assert fwhm == sorted(fwhm)


@pytest.mark.parametrize(("view", "depth"), [("anterior", 50.0), ("posterior", 150.0)])
def test_counts_reach_each_view_through_its_own_depth(camera: Camera, view: View, depth: float) -> None:
    patch = optics.project(point(), view, camera)
    assert patch.pixels.sum() == pytest.approx(1000 * np.exp(-0.012 * depth), rel=2e-3)


def test_the_views_are_mirror_images(camera: Camera) -> None:
    columns: dict[View, int] = {"anterior": 128 + 30, "posterior": 128 - 30}
    for view, column in columns.items():
        patch = optics.project(point(x=61.0), view, camera)
        row, found = np.unravel_index(patch.pixels.argmax(), patch.pixels.shape)
        assert found + patch.column == pytest.approx(column, abs=1)
        assert row + patch.row == (1750 - 750) / 2


def test_what_is_far_is_blurred_more(camera: Camera) -> None:
    near = optics.project(point(front=10.0), "anterior", camera).pixels
    far = optics.project(point(front=210.0), "anterior", camera).pixels
    assert near.max() / near.sum() > 2 * far.max() / far.sum()


def test_activity_outside_the_frame_is_lost(camera: Camera) -> None:
    assert optics.project(point(x=5000.0), "anterior", camera).pixels.sum() == 0


def test_soft_tissue_counts_follow_the_chord(camera: Camera) -> None:
    flat = np.array([700.0, 800.0]), np.zeros(2), np.full(2, 200.0)
    stack = Stack(z=flat[0], x=flat[1], y=flat[2], width=np.full(2, 100.0), depth=np.full(2, 80.0), air=np.zeros(2))
    patch = optics.project_tissue(stack, 0.05, "anterior", camera)
    middle = patch.pixels[patch.pixels.shape[0] // 2].max()
    assert middle == pytest.approx(0.05 * (1 - np.exp(-0.012 * 160)) / 0.012 * 4, rel=1e-3)


def test_scatter_keeps_the_counts(camera: Camera) -> None:
    image = np.zeros((1024, 256), np.float32)
    image[500:520, 120:140] = 100.0
    spread = optics.add_scatter(image, replace(camera, config=CONFIG.model_copy(update={"scatter_share": 0.15})))
    assert spread.sum() == pytest.approx(image.sum(), rel=0.01)
    assert spread[510, 130] == pytest.approx(88.0, abs=2.0)
    none = replace(camera, config=CONFIG.model_copy(update={"scatter_share": 0.0}))
    assert np.allclose(optics.add_scatter(image, none), image)


def test_grey_levels_saturate_or_wrap() -> None:
    counts = np.array([0, 10, 255, 256, 300])
    assert optics.to_grey(counts, Display(1.0, wraps=False)).tolist() == [0, 10, 255, 255, 255]
    assert optics.to_grey(counts, Display(1.0, wraps=True)).tolist() == [0, 10, 255, 0, 44]
    assert optics.to_grey(np.array([10]), Display(1.26, wraps=False)).tolist() == [13]


def test_a_view_is_scaled_to_a_sum_of_grey_levels() -> None:
    """As BS-80K does: the grey levels of half the counts are twice as far apart."""
    counts = np.array([[0, 1, 2, 17], [5, 5, 10, 10]])
    display = Display(None, wraps=False, grey_total=200.0)
    assert optics.to_grey(counts, display).sum() == 200
    assert (optics.to_grey(2 * counts, display) == optics.to_grey(counts, display)).all()
    assert optics.to_grey(np.zeros((2, 2), int), display).max() == 0


def test_what_is_far_below_the_brightest_is_not_shown() -> None:
    counts = np.array([1, 3, 4, 100])
    assert optics.to_grey(counts, Display(1.0, wraps=False, least_of_peak=0.035)).tolist() == [0, 0, 4, 100]
    assert optics.to_grey(counts * 10, Display(1.0, wraps=False, least_of_peak=0.035)).tolist() == [0, 0, 40, 255]


def test_a_display_curve_below_one_brightens_what_is_faint_and_keeps_black_and_white() -> None:
    counts = np.array([0, 64, 255, 300])
    assert optics.to_grey(counts, Display(1.0, wraps=False, gamma=0.5)).tolist() == [0, 128, 255, 255]
    assert optics.to_grey(counts, Display(1.0, wraps=False, gamma=2.0)).tolist() == [0, 16, 255, 255]


def test_a_smoothing_filter_spreads_counts_and_keeps_their_sum() -> None:
    counts = np.zeros((32, 32), np.int64)
    counts[16, 16] = 200
    plain = optics.to_grey(counts, Display(1.0, wraps=False)).astype(int)
    smooth = optics.to_grey(counts, Display(1.0, wraps=False, smoothing_px=1.0)).astype(int)
    assert (plain > 0).sum() == 1
    assert smooth[16, 16] == pytest.approx(200 / (2 * np.pi), abs=2)
    assert smooth.sum() == pytest.approx(200, abs=10)
