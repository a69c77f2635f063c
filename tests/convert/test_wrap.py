"""Wrapped grey levels are found and fixed; saturated bladders, noise and rings are left alone."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.convert.wrap import find_wraparound, fix_wraparound

from .builders import encode

HEIGHT, WIDTH = 200, 128


def uptake(peaks: list[tuple[float, float, float, float]], scale: float = 2.0, seed: int = 0) -> np.ndarray:
    """Return noisy levels with hot spots (row, column, peak, sigma in pixels) over a spine; not limited to 255."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    levels = 3 + 25 * np.exp(-(((x - 64) / 10) ** 2))
    for row, column, peak, sigma in peaks:
        levels = levels + peak * np.exp(-((x - column) ** 2 + (y - row) ** 2) / (2 * sigma**2))
    return np.random.default_rng(seed).poisson(levels / scale) * scale


def through_jpeg(levels: np.ndarray, quality: int) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(encode(levels.astype(np.uint8), quality=quality))))


@pytest.mark.parametrize("sigma", [3.0, 5.0, 8.0])
@pytest.mark.parametrize("peak", [320, 400, 600, 1000])
def test_wrapped_hot_spots_are_found_and_fixed(peak: float, sigma: float) -> None:
    found = 0
    for seed, quality in itertools.product(range(4), (85, 92)):
        levels = uptake([(100, 64, peak, sigma)], seed=seed)
        stored = through_jpeg(levels % 256, quality)
        wraparound = find_wraparound(stored)
        if wraparound.regions == 0:  # a gap in the rim, where noise dips
            continue
        found += 1
        assert wraparound.regions == 1
        hot = levels > 255
        truth = np.minimum(levels, 255)
        before = np.abs(stored - truth)[hot].mean()
        after = np.abs(fix_wraparound(stored, wraparound) - truth)[hot].mean()
        assert after < before / 4
        assert np.count_nonzero(wraparound.core & (levels < 160)) < 0.1 * np.count_nonzero(wraparound.core)
    assert found >= 7


@pytest.mark.parametrize("seed", range(30))
def test_saturated_hot_spots_and_noise_are_left_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    peaks = [
        (rng.uniform(20, 180), rng.uniform(20, 108), float(rng.choice([100, 250, 400, 3000])), rng.uniform(1.5, 8))
        for _ in range(rng.integers(1, 8))
    ]
    stored = through_jpeg(np.minimum(uptake(peaks, seed=seed), 255), int(rng.choice([75, 90, 95])))
    assert find_wraparound(stored).regions == 0


def test_a_saturated_ring_is_left_alone() -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ring = 900 * np.exp(-((np.hypot(x - 64, y - 100) - 9) ** 2) / (2 * 2.0**2))
    assert find_wraparound(through_jpeg(np.minimum(ring, 255), 90)).regions == 0


@pytest.mark.parametrize("level", [0, 100, 255])
def test_a_flat_image_is_left_alone(level: int) -> None:
    image = np.full((20, 30), level, dtype=np.uint8)
    wraparound = find_wraparound(image)
    assert wraparound.regions == 0
    assert not wraparound.core.any()


def test_fixing_leaves_its_input_alone() -> None:
    stored = through_jpeg(uptake([(100, 64, 600, 5)]) % 256, 90)
    before = stored.copy()
    fix_wraparound(stored, find_wraparound(stored))
    assert np.array_equal(stored, before)
