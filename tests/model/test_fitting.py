"""Fitting a scan of any size into the network's input and boxes back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.model.fitting import Fit, fit, fit_of

HEIGHT, WIDTH = 1024, 256


def test_a_scan_of_the_right_size_is_not_touched() -> None:
    grey = np.arange(HEIGHT * WIDTH, dtype=np.uint32).astype(np.uint8).reshape(HEIGHT, WIDTH)
    frame, place = fit(grey, HEIGHT, WIDTH)
    assert frame is grey
    assert place == Fit(1.0, 1.0, 0, 0, WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("width", "height", "scale", "left", "top"),
    [(512, 2048, 0.5, 0, 0), (128, 512, 2, 0, 0), (256, 512, 1, 0, 256), (64, 1024, 1, 96, 0), (512, 512, 0.5, 0, 384)],
)
def test_known_places(width: int, height: int, scale: float, left: int, top: int) -> None:
    frame, place = fit(np.full((height, width), 200, np.uint8), HEIGHT, WIDTH)
    assert place == Fit(scale, scale, left, top, width, height)
    inside = frame[top : HEIGHT - top, left : WIDTH - left]
    assert (inside == 200).all()
    assert frame.sum(dtype=np.int64) == inside.sum(dtype=np.int64)  # nothing but background outside


sides = st.integers(32, 3000)


@given(sides, sides)
def test_the_whole_scan_comes_back_as_the_whole_scan(width: int, height: int) -> None:
    frame, place = fit(np.full((height, width), 255, np.uint8), HEIGHT, WIDTH)
    assert frame.shape == (HEIGHT, WIDTH)
    rows, columns = np.flatnonzero(frame.any(axis=1)), np.flatnonzero(frame.any(axis=0))
    box = np.array([[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]], dtype=np.float32)
    np.testing.assert_allclose(place.to_scan(box), [[0, 0, width, height]], rtol=1e-5)


@given(sides, sides, st.tuples(*[st.floats(0, 1) for _ in range(4)]))
def test_boxes_round_trip(width: int, height: int, fractions: tuple[float, ...]) -> None:
    _, place = fit(np.zeros((height, width), np.uint8), HEIGHT, WIDTH)
    x1, x2 = sorted(width * fraction for fraction in fractions[:2])
    y1, y2 = sorted(height * fraction for fraction in fractions[2:])
    in_input = np.array(
        [
            [
                x1 * place.scale_x + place.left,
                y1 * place.scale_y + place.top,
                x2 * place.scale_x + place.left,
                y2 * place.scale_y + place.top,
            ]
        ],
        dtype=np.float32,
    )
    assert (in_input >= 0).all()
    assert (in_input <= [WIDTH + 1e-3, HEIGHT + 1e-3, WIDTH + 1e-3, HEIGHT + 1e-3]).all()
    np.testing.assert_allclose(place.to_scan(in_input), [[x1, y1, x2, y2]], atol=2e-3 * max(1, height / HEIGHT))


@given(sides, sides)
def test_shape_is_kept(width: int, height: int) -> None:
    _, place = fit(np.zeros((height, width), np.uint8), HEIGHT, WIDTH)
    fitted_width, fitted_height = width * place.scale_x, height * place.scale_y
    assert fitted_width == pytest.approx(WIDTH) or fitted_height == pytest.approx(HEIGHT)
    exact = min(WIDTH / width, HEIGHT / height)
    assert abs(fitted_width - width * exact) <= 0.5 + 1e-6
    assert abs(fitted_height - height * exact) <= 0.5 + 1e-6


@given(st.integers(32, 700), st.integers(32, 1500), st.integers(0, 2**32 - 1))
def test_a_flipped_scan_gives_a_flipped_frame_up_to_one_pixel_of_margin(width: int, height: int, seed: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    frame, place = fit(grey, HEIGHT, WIDTH)
    flipped, flipped_place = fit(grey[:, ::-1], HEIGHT, WIDTH)
    assert place == flipped_place
    columns = slice(place.left, place.left + round(width * place.scale_x))
    difference = frame[:, columns].astype(int) - flipped[:, columns][:, ::-1]
    assert np.abs(difference).max() <= 1  # Pillow rounds its weights


def test_boxes_are_cut_to_the_scan() -> None:
    place = Fit(0.5, 0.5, 0, 100, 300, 700)
    assert place.to_scan(np.array([[-10, 0, 500, 1000]], dtype=np.float32)).tolist() == [[0, 0, 300, 700]]


def test_a_small_hot_spot_survives_the_way_down() -> None:
    grey = np.zeros((8192, 2048), np.uint8)
    grey[4003:4007, 1001:1005] = 255  # half a pixel of the input along each axis
    assert 30 < fit(grey, HEIGHT, WIDTH)[0].max() < 128


@given(sides, sides, st.tuples(*[st.floats(0, 1) for _ in range(4)]))
def test_the_place_of_a_scan_needs_no_pixels_and_boxes_go_there_and_back(
    width: int, height: int, fractions: tuple[float, ...]
) -> None:
    place = fit_of(height, width, HEIGHT, WIDTH)
    assert place == fit(np.zeros((height, width), np.uint8), HEIGHT, WIDTH)[1]
    x1, x2 = sorted(width * fraction for fraction in fractions[:2])
    y1, y2 = sorted(height * fraction for fraction in fractions[2:])
    box = np.array([[x1, y1, x2, y2]], np.float32)
    np.testing.assert_allclose(place.to_scan(place.to_input(box)), box, atol=1e-2)
