"""Whole-body scans under shift: every one of these is still a whole-body bone scan and has to pass."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[Any]
Shift = Callable[[Pixels, np.random.Generator], Pixels]

FEW_COUNTS = 250_000
"""A fifth of what guidelines ask of one view; such scans are still recognised."""

MARGIN_PX = 6
"""Of a scan cut close to the body."""


def as_simulated(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return the scan as it is."""
    return grey


def counts(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it as counts of a DICOM file."""
    return grey.astype(np.float32)


def few_counts(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return it with a quarter of a million counts in all."""
    kept = min(1.0, FEW_COUNTS / grey.sum(dtype=np.float64))
    return rng.binomial(grey, kept).astype(np.float32)


def few_counts_shown(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the same as an 8-bit picture as bright as any."""
    thin = few_counts(grey, rng)
    return np.minimum(np.rint(thin * (grey.sum(dtype=np.float64) / max(1.0, float(thin.sum())))), 255).astype(np.uint8)


def bright_window(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it with a display window of a third: bone and bladder are white."""
    return _shown(grey, 3.0)


def dark_window(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it with a display window set on the bladder: soft tissue has two or three levels."""
    return _shown(grey, 0.3)


def raised_window(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it with the lower end of the window raised to soft tissue."""
    return _shown(np.maximum(grey.astype(np.float64) - 4, 0), 2.0)


def logarithmic(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it on a logarithmic display."""
    return np.rint(255 * np.log1p(grey / 8.0) / np.log1p(255 / 8.0)).astype(np.uint8)


def square_root(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it on a display of square roots."""
    return np.rint(np.sqrt(grey * 255.0)).astype(np.uint8)


def white_background(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return it dark on white, as prints show it."""
    return np.asarray(255 - bright_window(grey, rng))


def grey_air(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return it with air that is not black: half as bright as the soft tissue."""
    air = float(np.median(grey[grey > 1])) / 2
    return np.minimum(grey.astype(np.int64) + rng.poisson(air, grey.shape), 255).astype(np.uint8)


def cut_close(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it cut to a few pixels around the body."""
    body = grey > 4
    rows, columns = np.flatnonzero(body.sum(axis=1) > 3), np.flatnonzero(body.sum(axis=0) > 3)
    top, left = max(0, int(rows[0]) - MARGIN_PX), max(0, int(columns[0]) - MARGIN_PX)
    return grey[top : int(rows[-1]) + MARGIN_PX, left : int(columns[-1]) + MARGIN_PX]


def padded_wide(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return it on a wide black frame."""
    return np.pad(grey, ((0, 0), (int(rng.integers(20, 500)), int(rng.integers(20, 500)))))


def padded_high(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return it on a high black frame."""
    return np.pad(grey, ((int(rng.integers(20, 400)), int(rng.integers(20, 400))), (0, 0)))


def larger(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it at 512 x 2048 pixels, smoothed as workstations enlarge."""
    return resized(grey, 512, 2048)


def smaller(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it at 128 x 512 pixels."""
    return resized(grey, 128, 512)


def shorter(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it at 256 x 900 pixels: 12 % less high."""
    return resized(grey, 256, 900)


def wider(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it at 300 x 1024 pixels: 17 % wider."""
    return resized(grey, 300, 1024)


def strong_jpeg(grey: Pixels, _: np.random.Generator) -> Pixels:
    """Return it from a JPEG file of quality 30."""
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, format="JPEG", quality=30)
    return np.asarray(Image.open(buffer))


def shifted_aside(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return it moved to one side, so that an arm may leave the frame."""
    by = int(rng.integers(-30, 31))
    moved = np.zeros_like(grey)
    moved[:, max(0, by) : 256 + min(0, by)] = grey[:, max(0, -by) : 256 - max(0, by)]
    return moved


def leaning(grey: Pixels, rng: np.random.Generator) -> Pixels:
    """Return it turned by up to 8 degrees."""
    return np.asarray(Image.fromarray(grey).rotate(float(rng.uniform(-8, 8)), Image.Resampling.BILINEAR))


def resized(grey: Pixels, width: int, height: int) -> Pixels:
    """Return a picture at another size."""
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC))


def _shown(values: Pixels, gain: float) -> Pixels:
    return np.minimum(np.rint(values.astype(np.float64) * gain), 255).astype(np.uint8)


SHIFTS: tuple[Shift, ...] = (
    as_simulated,
    counts,
    few_counts,
    few_counts_shown,
    bright_window,
    dark_window,
    raised_window,
    logarithmic,
    square_root,
    white_background,
    grey_air,
    cut_close,
    padded_wide,
    padded_high,
    larger,
    smaller,
    shorter,
    wider,
    strong_jpeg,
    shifted_aside,
    leaning,
)
