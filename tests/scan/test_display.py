"""Counts become display grey levels, and those the tones that the network sees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from bonescan_yolo.scan.display import TONE_LEVELS, body_level, to_grey, to_tones

counts = arrays(np.float32, (32, 32), elements=st.floats(0, width=32, allow_nan=False, allow_infinity=False))
greys = arrays(np.uint8, (32, 32))


def test_eight_bits_are_display_levels_already() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(8, 32)
    assert to_grey(levels) is levels


def test_the_99th_percentile_takes_grey_40_and_the_rest_follows() -> None:
    pixels = np.zeros((100, 100), np.float32)
    pixels[:50] = 500
    pixels[0, :4] = [1000, 3000, 4000, 250]
    grey = to_grey(pixels)
    assert grey[1, 0] == 40
    assert grey[0, :4].tolist() == [80, 240, 255, 20]
    assert grey[99, 99] == 0


def test_an_empty_scan_stays_empty() -> None:
    assert not to_grey(np.zeros((32, 32), np.float32)).any()


def test_a_scan_with_little_in_it_is_scaled_by_its_hottest_pixel() -> None:
    pixels = np.zeros((100, 100), np.float32)
    pixels[0, :2] = [50, 25]
    assert to_grey(pixels)[0, :3].tolist() == [40, 20, 0]


@given(counts)
def test_any_counts_keep_their_order_without_a_warning(pixels: NDArray[np.float32]) -> None:
    with np.errstate(all="raise", under="ignore", over="ignore"):
        grey = to_grey(pixels).ravel()
    assert grey.dtype == np.uint8
    ordered = grey[np.argsort(pixels.ravel())].astype(int)
    assert (np.diff(ordered) >= 0).all()


@given(arrays(np.float32, (32, 32), elements=st.integers(0, 60000)), st.sampled_from([0.25, 2, 1024]))
def test_the_scale_of_counts_does_not_matter(pixels: NDArray[np.float32], factor: float) -> None:
    np.testing.assert_array_equal(to_grey(pixels * np.float32(factor)), to_grey(pixels))


def a_body(hot: int = 0) -> NDArray[np.uint8]:
    """A body of levels about 25 in air, with this number of rows of a full bladder."""
    grey = np.zeros((256, 64), np.uint8)
    grey[16:240, 16:48] = np.random.default_rng(0).poisson(25, (224, 32))
    grey[120 : 120 + hot, 24:40] = 255
    return grey


@given(greys)
def test_eight_bits_and_counts_have_the_same_level_and_tones(grey: NDArray[np.uint8]) -> None:
    pixels = grey.astype(np.float32)
    level = body_level(grey)
    assert body_level(pixels) == pytest.approx(level, rel=1e-9)
    np.testing.assert_allclose(to_tones(grey, level), to_tones(pixels, level), atol=1e-6)


@given(greys, st.floats(0.01, 1000))
def test_the_level_goes_with_the_counts_and_tones_do_not(grey: NDArray[np.uint8], factor: float) -> None:
    pixels = grey.astype(np.float32)
    scaled = pixels * np.float32(factor)
    assert body_level(scaled) == pytest.approx(factor * body_level(pixels), rel=1e-5)
    np.testing.assert_allclose(to_tones(scaled, body_level(scaled)), to_tones(pixels, body_level(pixels)), atol=1e-5)


@given(greys)
def test_the_level_lies_within_the_levels_and_tones_keep_their_order(grey: NDArray[np.uint8]) -> None:
    level = body_level(grey)
    assert 0 <= level <= int(grey.max()) * (1 + 1e-9)
    assert (level == 0) == (not grey.any())
    tones = to_tones(grey, level)
    assert tones.dtype == np.float32
    assert ((tones >= 0) & (tones <= 1)).all()
    assert (np.diff(tones.ravel()[np.argsort(grey.ravel())]) >= 0).all()


def test_air_does_not_count_and_a_full_bladder_hardly() -> None:
    level = body_level(a_body())
    assert level == pytest.approx(25, rel=0.1)
    assert body_level(np.pad(a_body(), 100)) == pytest.approx(level)
    assert body_level(a_body(hot=8)) == pytest.approx(level, rel=0.15)


def test_a_tone_is_an_exponential_of_the_body_level() -> None:
    pixels = np.array([[0, 1, 2]], np.float32) * np.float32(TONE_LEVELS * 20)
    np.testing.assert_allclose(to_tones(pixels, 20.0), 1 - np.exp([[0, -1, -2]]), rtol=1e-6)


def test_an_empty_scan_has_no_level_and_no_tones() -> None:
    for kind in (np.uint8, np.float32):
        empty = np.zeros((32, 32), kind)
        assert body_level(empty) == 0
        assert not to_tones(empty, 0.0).any()
