"""Outlines: by hand, by laws, and on simulated scans whose true pixels are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.realism.measured_area import area_errors, outlined_area, read_simulated, summary
from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.measure.outlines import background, outline_hot_spots, union
from bonescan_yolo.phantom.bs80k_layout import Extras
from bonescan_yolo.phantom.generate import Order, generate
from bonescan_yolo.phantom.parameters import read_parameters

SHAPE = (60, 50)


def disc(row: float, column: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.indices(SHAPE)
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 <= radius**2)


def scan_of(*hot: tuple[NDArray[np.bool_], float], body: float = 20) -> NDArray[np.float32]:
    pixels = np.full(SHAPE, body, np.float32)
    for mask, level in hot:
        pixels[mask] = level
    return pixels


def test_a_disc_is_outlined_to_a_pixel_of_its_edge() -> None:
    outline = outline_hot_spots(scan_of((disc(30, 25, 6), 200)), np.array([[17, 22, 34, 39]], dtype=np.float32))[0]
    found = union([outline], SHAPE)
    assert disc(30, 25, 5).sum() <= (found & disc(30, 25, 7)).sum() == found.sum()
    assert (found & disc(30, 25, 5)).sum() == disc(30, 25, 5).sum()


def test_a_ring_is_filled() -> None:
    ring = disc(30, 25, 8) & ~disc(30, 25, 3)
    outline = outline_hot_spots(scan_of((ring, 200)), np.array([[14, 19, 37, 42]], dtype=np.float32))[0]
    assert union([outline], SHAPE)[30, 25]


def test_only_what_is_connected_with_the_peak() -> None:
    pixels = scan_of((disc(25, 18, 4), 200), (disc(38, 32, 2), 150))
    found = union(outline_hot_spots(pixels, np.array([[11, 18, 39, 45]], dtype=np.float32)), SHAPE)
    assert found[25, 18]
    assert not found[38, 32]


def test_half_on_the_spine() -> None:
    """A column of bone ends under the hot spot: the outline follows neither the bone nor its edge."""
    pixels = scan_of((np.indices(SHAPE)[1] >= 25, 80))
    pixels[disc(30, 25, 5)] += 150
    found = union(outline_hot_spots(pixels, np.array([[18, 23, 33, 38]], dtype=np.float32)), SHAPE)
    assert (found & ~disc(30, 25, 7)).sum() == 0
    assert (found & disc(30, 25, 4)).sum() == disc(30, 25, 4).sum()


def test_nothing_stands_out() -> None:
    cold = scan_of((disc(30, 25, 5), 5))
    assert outline_hot_spots(cold, np.array([[18, 23, 33, 38]], dtype=np.float32))[0].area_px == 0
    assert outline_hot_spots(scan_of(), np.array([[10, 10, 20, 20]], dtype=np.float32))[0].area_px == 0


def test_no_boxes() -> None:
    assert outline_hot_spots(scan_of(), empty_boxes()) == []


@pytest.mark.parametrize("box", [[0, 0, 9, 9], [42.6, 52.2, 50, 60], [20.2, 20.2, 20.4, 20.4], [49.8, 3, 50, 9]])
def test_boxes_at_the_edge_and_of_no_size(box: list[float]) -> None:
    pixels = np.random.default_rng(1).poisson(20, SHAPE).astype(np.float32)
    outline = outline_hot_spots(pixels, np.array([box], dtype=np.float32))[0]
    rows, columns = outline.slices
    assert outline.mask.shape == pixels[rows, columns].shape
    assert min(outline.mask.shape) >= 1


def test_the_scale_of_the_counts_does_not_matter() -> None:
    pixels = np.random.default_rng(2).poisson(scan_of((disc(30, 25, 5), 90))).astype(np.float32)
    box = np.array([[17, 22, 34, 39]], dtype=np.float32)
    first, second = (outline_hot_spots(pixels * factor, box)[0].mask for factor in (1, 16))
    np.testing.assert_array_equal(first, second)


def test_only_what_lies_around_the_box_matters() -> None:
    pixels = np.random.default_rng(3).poisson(scan_of((disc(30, 25, 5), 90))).astype(np.float32)
    box = np.array([[17, 22, 34, 39]], dtype=np.float32)
    elsewhere = np.where(disc(30, 25, 19), pixels, 500)
    masks = [outline_hot_spots(each, box)[0].mask for each in (pixels, elsewhere)]
    np.testing.assert_array_equal(masks[0], masks[1])
    cropped = outline_hot_spots(pixels[12:50, 8:42], box - np.array([8, 12, 8, 12], dtype=np.float32))[0].mask
    np.testing.assert_array_equal(masks[0], cropped)


def test_the_background_of_a_flat_scan_is_flat_and_nearer_pixels_count_more() -> None:
    np.testing.assert_allclose(background(scan_of(), (10, 10, 20, 30)), 20, rtol=1e-6)
    beside = scan_of((np.indices(SHAPE)[1] < 10, 100))  # bright to the left of the window
    estimate = background(beside, (10, 10, 20, 30))
    assert estimate.shape == (20, 10)
    assert (np.diff(estimate[10]) < 0).all()
    # one pixel from the left side, ten from the others: (100 / 1 + 20 / 10 + 20 / 10 + 20 / 10) / (1 + 3 / 10)
    assert background(beside, (10, 10, 20, 29))[9, 0] == pytest.approx((100 + 3 * 2) / 1.3)


def test_areas_on_simulated_scans(tmp_path: Path) -> None:
    """Loose, for a part of the studies; `benchmarks.realism.measured_area` measures it on all."""
    generate(tmp_path / "phantom", Order(48, 202, read_parameters(), Extras(masks=True)), workers=2)
    scans = list(read_simulated(tmp_path / "phantom"))
    figures = summary(area_errors(scans, [scan.boxes for scan in scans], outlined_area))
    assert figures["n"] >= 60
    assert abs(figures["median"]) < 0.1
    assert figures["median_absolute"] < 0.15
    assert figures["within"] > 0.7
