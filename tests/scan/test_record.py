"""What counts as the pixels of a scan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, floating_dtypes, integer_dtypes, unsigned_integer_dtypes
from numpy.typing import NDArray

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan.record import Scan, check_size, count_levels, normalise_pixels

numbers = st.one_of(unsigned_integer_dtypes(), integer_dtypes(), floating_dtypes()).flatmap(
    lambda dtype: arrays(dtype, st.tuples(st.just(32), st.integers(32, 40)))
)


def dark(dtype: type, hot: float) -> NDArray[Any]:
    """Return a scan that is 0 except in a hot square."""
    pixels: NDArray[Any] = np.zeros((64, 32), dtype)
    pixels[10:14, 10:14] = hot
    return pixels


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int64, np.float16, np.float32, np.float64])
def test_counts_become_float32(dtype: type) -> None:
    pixels, inverted = normalise_pixels(dark(dtype, 300), "x")
    assert pixels.dtype == np.float32
    assert not inverted
    np.testing.assert_array_equal(pixels, dark(np.float32, 300))


def test_eight_bits_stay_and_booleans_become_black_and_white() -> None:
    pixels, _ = normalise_pixels(dark(np.uint8, 7), "x")
    assert pixels.dtype == np.uint8
    assert pixels.max() == 7
    pixels, _ = normalise_pixels(dark(np.bool_, True), "x")
    assert pixels.dtype == np.uint8
    assert np.unique(pixels).tolist() == [0, 255]


def test_the_pixels_are_a_read_only_copy() -> None:
    given_pixels = dark(np.uint8, 7)
    pixels, _ = normalise_pixels(given_pixels, "x")
    given_pixels[0, 0] = 9
    assert pixels[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 1


def test_white_backgrounds_are_turned_round() -> None:
    pixels, inverted = normalise_pixels(255 - dark(np.uint8, 200), "x")
    assert inverted
    np.testing.assert_array_equal(pixels, dark(np.uint8, 200))
    pixels, inverted = normalise_pixels(4095 - dark(np.uint16, 1000), "x")
    assert inverted
    np.testing.assert_array_equal(pixels, dark(np.float32, 1000))


def test_what_the_caller_knows_is_not_guessed() -> None:
    pixels, inverted = normalise_pixels(255 - dark(np.uint8, 200), "x", inverted=False)
    assert not inverted
    assert pixels[0, 0] == 255
    pixels, inverted = normalise_pixels(dark(np.uint8, 200), "x", inverted=True)
    assert inverted
    assert pixels[0, 0] == 255


def test_negative_counts_become_zero() -> None:
    pixels = dark(np.float32, 10)
    pixels[0] = -3
    assert normalise_pixels(pixels, "x")[0].min() == 0


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((64, 64, 3), np.uint8), "has shape 64 x 64 x 3; give one grey scan"),
        (np.zeros(64, np.uint8), "has shape 64; "),
        (np.zeros((1, 1), np.uint8), "is 1 x 1 pixels, too small"),
        (np.zeros((1024, 31), np.uint8), "is 31 x 1024 pixels, too small"),
        (np.zeros((0, 0), np.uint8), "is 0 x 0 pixels, too small"),
        (np.zeros((64, 64), np.complex64), "has values of type complex64; give integers or floats"),
        (np.full((64, 64), "a"), "has values of type <U1"),
        (np.full((64, 64), np.nan), "contains NaN or infinite values"),
        (dark(np.float32, np.nan), "contains NaN or infinite values"),
        (dark(np.float32, np.inf), "contains NaN or infinite values"),
        (dark(np.float64, 1e300), "contains NaN or infinite values"),  # more than float32 can hold
    ],
)
def test_what_is_no_scan_is_refused(pixels: NDArray[Any], message: str) -> None:
    with pytest.raises(BonescanError) as error:
        normalise_pixels(pixels, "x")
    assert str(error.value).startswith(f"x: {message}")


@given(numbers)
def test_any_numbers_become_finite_pixels_or_an_error(values: NDArray[Any]) -> None:
    with np.errstate(all="ignore"):
        is_finite = bool(np.isfinite(values.astype(np.float32)).all())
    if not is_finite:
        with pytest.raises(BonescanError, match="NaN or infinite"):
            normalise_pixels(values, "x")
    elif len(np.unique(np.maximum(values.astype(np.float32), 0))) == 1:
        with pytest.raises(BonescanError, match="shows nothing"):
            normalise_pixels(values, "x", inverted=False)
    elif not (values.dtype.kind == "f" and np.ptp(values.astype(np.float64)) > 3e38):  # turning round may overflow
        pixels, _ = normalise_pixels(values, "x")
        assert pixels.dtype in (np.uint8, np.float32)
        assert np.isfinite(pixels).all()
        assert pixels.min() >= 0
        assert Scan(pixels).grey().shape == values.shape


@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=32, max_side=40)).filter(
        lambda values: values.min() < values.max()
    )
)
def test_turning_round_twice_is_nothing(values: NDArray[np.uint8]) -> None:
    once, _ = normalise_pixels(values, "x", inverted=True)
    twice, _ = normalise_pixels(once, "x", inverted=True)
    np.testing.assert_array_equal(twice, values)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
@pytest.mark.parametrize("level", [0, 7, 255, -1024])
def test_one_level_everywhere_shows_nothing(dtype: type, level: int) -> None:
    values: NDArray[Any] = np.full((64, 32), level).astype(dtype)
    for inverted in (None, False, True):
        with pytest.raises(BonescanError, match="x: shows nothing, all its pixels have one grey level; export it"):
            normalise_pixels(values, "x", inverted)


def test_negative_values_of_many_levels_show_nothing_either() -> None:
    with pytest.raises(BonescanError, match="shows nothing"):
        normalise_pixels(dark(np.int16, 300) - 1024, "x")


def test_levels_are_counted() -> None:
    assert count_levels(dark(np.uint8, 9)) == 2
    assert count_levels(np.arange(4096, dtype=np.float32).reshape(64, 64)) == 4096


def test_sizes() -> None:
    check_size(32, 32, "x")
    check_size(8192, 8192, "x")
    with pytest.raises(BonescanError, match="x: is 30000 x 30000 pixels, too large"):
        check_size(30000, 30000, "x")


def test_names_for_messages() -> None:
    assert Scan(dark(np.uint8, 1)).name == "array"
    scan = Scan(dark(np.uint8, 1))
    assert (scan.width, scan.height) == (32, 64)
