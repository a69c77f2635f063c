"""Counts become display grey levels."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from bonescan_yolo.scan.display import to_grey

counts = arrays(np.float32, (32, 32), elements=st.floats(0, width=32, allow_nan=False, allow_infinity=False))


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
