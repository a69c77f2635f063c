"""The median body, and where two of them differ."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.realism.boxed_scans import BoxedScan
from benchmarks.realism.mean_bodies import (
    BODY_PX,
    MARGIN_PX,
    TOO_BRIGHT,
    TOO_DARK,
    align,
    likeness,
    mean_bodies,
    ratio_colours,
)


def body(top: int = 20, height: int = 900, middle: int = 128, arm: int | None = None) -> BoxedScan:
    """A plank with a bright bar of a tenth of its height in its middle, and an arm on the right that not all have."""
    grey = np.zeros((1024, 256), np.uint8)
    grey[top : top + height, middle - 40 : middle + 40] = 12
    grey[top + height // 2 : top + height * 6 // 10, middle - 40 : middle + 40] = 36
    if arm is not None:
        grey[top + 100 : top + 300, middle + 50 : middle + 60] = arm
    return BoxedScan(grey, "anterior", [])


@pytest.mark.parametrize(("top", "height", "middle"), [(20, 900, 128), (90, 700, 128), (40, 800, 110)])
def test_bodies_of_any_size_and_place_come_to_lie_alike(top: int, height: int, middle: int) -> None:
    aligned = align(body(top, height, middle))
    bright = np.flatnonzero(aligned[:, 128] > 2 * np.median(aligned[aligned > 0]))
    assert bright[0] == pytest.approx(MARGIN_PX + BODY_PX / 2, abs=4)
    assert bright[-1] == pytest.approx(MARGIN_PX + 0.6 * BODY_PX, abs=4)


def test_the_median_body_has_nothing_that_few_have_and_is_symmetric() -> None:
    mean = mean_bodies([body(), body(), body(arm=90)])["anterior"]
    assert np.allclose(mean, mean[:, ::-1])
    assert mean[MARGIN_PX + 200, 128 + 55] == 0


def test_colours_say_which_of_the_two_is_brighter() -> None:
    real = np.full((20, 60), 1.0, np.float32)
    simulated = real.copy()
    simulated[:, :20], simulated[:, 40:] = 9.0, 0.05
    colours = ratio_colours(real, simulated)
    assert colours[10, 5].tolist() == TOO_BRIGHT.tolist()
    assert colours[10, 30].tolist() == [255, 255, 255]
    assert colours[10, 55].tolist() == TOO_DARK.tolist()


def test_likeness_knows_a_dimmer_leg_and_a_shifted_pelvis() -> None:
    noise = np.random.default_rng(0).random((BODY_PX + 2 * MARGIN_PX, 256))
    real = np.exp(4 * noise).astype(np.float32)
    assert all(figures == pytest.approx((1.0, 1.0)) for figures in likeness(real, real).values())
    other = real.copy()
    other[MARGIN_PX + 630 :] *= 0.8
    other[MARGIN_PX + 360 : MARGIN_PX + 480] = np.roll(real[MARGIN_PX + 360 : MARGIN_PX + 480], 30, axis=1)
    found = likeness(real, other)
    assert found["shins and feet"] == pytest.approx((1.0, 0.8), abs=0.05)
    assert found["pelvis"][0] < 0.2
    assert found["head"] == pytest.approx((1.0, 1.0), abs=0.01)
