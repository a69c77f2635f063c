"""Wrapped grey levels are found and fixed; saturated bladders, noise and rings are left alone."""

from __future__ import annotations

import base64
import io
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bonescan_yolo.scan.wraparound import find_wraparound, fix_wraparound

HEIGHT, WIDTH = 200, 128
SHARED = Path(__file__).parents[1] / "shared" / "wrapped.json"


def uptake(peaks: list[tuple[float, float, float, float]], scale: float = 2.0, seed: int = 0) -> np.ndarray:
    """Return noisy levels with hot spots (row, column, peak, sigma in pixels) over a spine; not limited to 255."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    levels = 3 + 25 * np.exp(-(((x - 64) / 10) ** 2))
    for row, column, peak, sigma in peaks:
        levels = levels + peak * np.exp(-((x - column) ** 2 + (y - row) ** 2) / (2 * sigma**2))
    return np.random.default_rng(seed).poisson(levels / scale) * scale


def through_jpeg(levels: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


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


def drawn_on(levels: np.ndarray, draw: str) -> NDArray[np.uint8]:
    """Return levels, clipped, with something white drawn on them."""
    image = Image.fromarray(np.minimum(levels, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    if draw == "letters":
        pen.text((10, 10), "ANTERIOR 08.06.2009 BOQD", fill=255)
    elif draw == "large letters":
        pen.text((10, 10), "OB8", fill=255, font_size=40)
    elif draw == "box":
        pen.rectangle((50, 80, 80, 120), outline=255)
    elif draw == "thick box":
        pen.rectangle((50, 80, 80, 120), outline=255, width=2)
    elif draw == "frame":
        pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=255)
    else:
        pen.ellipse((50, 80, 90, 120), outline=230)
    return np.asarray(image)


def test_the_cases_shared_with_the_page_are_found_as_they_say() -> None:
    for case in json.loads(SHARED.read_text(encoding="utf-8"))["cases"]:
        shape = (case["height"], case["width"])
        found = find_wraparound(np.frombuffer(base64.b64decode(case["levels"]), np.uint8).reshape(shape))
        core = np.zeros(shape, dtype=bool)
        for row, start, end in case["core"]:
            core[row, start:end] = True
        assert found.regions == case["regions"], case["name"]
        assert np.array_equal(found.core, core), case["name"]


@pytest.mark.parametrize("quality", [None, 85, 95])
@pytest.mark.parametrize("draw", ["letters", "large letters", "box", "thick box", "frame", "ellipse"])
def test_what_is_drawn_in_white_is_left_alone(draw: str, quality: int | None) -> None:
    image = drawn_on(uptake([(100, 64, 90, 5)], scale=1), draw)
    assert find_wraparound(image if quality is None else through_jpeg(image, quality)).regions == 0


@pytest.mark.parametrize("window", [3.5, 5.0, 8.0])
def test_noise_in_a_narrow_window_digs_no_wrapped_pits(window: float) -> None:
    for seed in range(5):
        levels = uptake([(100, 64, 200 / window, 9), (40, 60, 230 / window, 6)], scale=1, seed=seed) * window
        assert find_wraparound(np.minimum(levels, 255).astype(np.uint8)).regions == 0


@pytest.mark.parametrize("share", [0.02, 0.06, 0.2])
def test_noise_instead_of_a_scan_is_left_alone(share: float) -> None:
    rng = np.random.default_rng(0)
    noise = np.where(rng.random((1024, 256)) < share, rng.integers(0, 256, (1024, 256)), 0)
    assert find_wraparound(noise.astype(np.uint8)).regions == 0


def test_hot_spots_are_counted_and_their_surroundings_kept() -> None:
    levels = uptake([(50, 64, 600, 5), (150, 30, 400, 4)], scale=1)
    stored = (levels % 256).astype(np.uint8)
    wraparound = find_wraparound(stored)
    assert wraparound.regions == 2
    fixed = fix_wraparound(stored, wraparound)
    assert np.array_equal(fixed[~wraparound.core], stored[~wraparound.core])
    assert (fixed[wraparound.core] == 255).all()


def test_a_hot_spot_at_the_edge_of_the_picture_is_fixed() -> None:
    levels = uptake([(100, 8, 500, 4)], scale=1)
    wraparound = find_wraparound((levels % 256).astype(np.uint8))
    assert wraparound.regions == 1
