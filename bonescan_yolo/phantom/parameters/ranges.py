"""The kinds of values that parameters have: ranges, counts, shares, normal draws."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bonescan_yolo.config import Config

MOST = 1e9
"""Of any number, in its unit: far above every useful value, and far from what overflows when it is squared."""


def _ordered_span(pair: tuple[float, float]) -> tuple[float, float]:
    """Return the pair if its first number is not above its second."""
    if pair[0] > pair[1]:
        raise ValueError(f"a range goes from low to high, [{pair[1]:g}, {pair[0]:g}]")
    return pair


def _ordered_counts(pair: tuple[int, int]) -> tuple[int, int]:
    """Return the pair if its first number is not above its second."""
    _ordered_span(pair)
    return pair


Number = Annotated[float, Field(ge=-MOST, le=MOST)]

Share = Annotated[float, Field(ge=0.0, le=1.0)]
"""A probability or a part of a whole."""

Positive = Annotated[float, Field(gt=0.0, le=MOST)]

NotNegative = Annotated[float, Field(ge=0.0, le=MOST)]

Span = Annotated[tuple[Number, Number], AfterValidator(_ordered_span)]
"""Low and high end of a uniform draw: of angles and places, which may be below 0."""

PositiveSpan = Annotated[tuple[Positive, Positive], AfterValidator(_ordered_span)]
"""Low and high end of a draw of sizes and of what is drawn by its logarithm."""

NotNegativeSpan = Annotated[tuple[NotNegative, NotNegative], AfterValidator(_ordered_span)]
"""Low and high end of a uniform draw of what may be 0, not less."""

MOST_COUNT = 10_000
"""Of anything: a scan has under a hundred hot spots."""

Count = Annotated[int, Field(ge=1, le=MOST_COUNT)]

Counts = Annotated[tuple[Count, Count], AfterValidator(_ordered_counts)]
"""Fewest and most of something, both included."""


class NormalDraw(Config):
    """A normal draw: its mean and its standard deviation."""

    mean: Number
    spread: NotNegative
