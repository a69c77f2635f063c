"""Smoothing and connected regions, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from bonescan_yolo.scan.morphology import Mask, connected, dilate, fill_holes, grow, label_regions, smooth

masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))
EIGHT = np.ones((3, 3))


@pytest.mark.parametrize("sigma", [0.7, 1.0, 2.0])
def test_smoothing_is_scipys(sigma: float) -> None:
    pixels = np.random.default_rng(0).random((30, 20))
    reach = int(np.ceil(3 * sigma))
    expected = ndimage.gaussian_filter(pixels, sigma, mode="nearest", radius=reach)
    np.testing.assert_allclose(smooth(pixels, sigma), expected, rtol=1e-5)


@given(masks)
def test_dilation_is_scipys(mask: Mask) -> None:
    np.testing.assert_array_equal(dilate(mask), ndimage.binary_dilation(mask, EIGHT))
    np.testing.assert_array_equal(dilate(mask, diagonal=False), ndimage.binary_dilation(mask))
    np.testing.assert_array_equal(grow(mask, 3), ndimage.binary_dilation(mask, EIGHT, iterations=3))
    np.testing.assert_array_equal(grow(mask, 0), mask)


@given(masks)
def test_holes_are_scipys(mask: Mask) -> None:
    np.testing.assert_array_equal(fill_holes(mask), ndimage.binary_fill_holes(mask))


@given(masks, masks)
def test_connected_regions_are_those_that_the_seed_touches(seed: Mask, region: Mask) -> None:
    rows, columns = (min(sides) for sides in zip(seed.shape, region.shape, strict=True))
    seed, region = seed[:rows, :columns], region[:rows, :columns]
    labels, _ = ndimage.label(region, EIGHT)
    touched = np.unique(labels[seed & region])
    np.testing.assert_array_equal(connected(seed, region), np.isin(labels, touched) & region)


@given(masks, st.booleans())
def test_labels_are_scipys_by_other_numbers(mask: Mask, diagonal: bool) -> None:
    labels = label_regions(mask, diagonal)
    expected, count = ndimage.label(mask, EIGHT if diagonal else None)
    np.testing.assert_array_equal(labels > 0, mask)
    pairs = set(zip(labels[mask].tolist(), expected[mask].tolist(), strict=True))
    assert len(pairs) == count == len(np.unique(labels[mask]))
