"""Whether pixels can be a whole-body bone scan at all, judged before the model speaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Doubt:
    """One reason to doubt that pixels are a whole-body bone scan that can be read.

    Attributes:
        code: a fixed word for programs, such as `two_views`.
        message: one sentence part for people: what is wrong and what to do.
        refuses: whether nothing can be read from such a scan; the others are read with a word of warning.
    """

    code: str
    message: str
    refuses: bool


@dataclass(frozen=True)
class Quality:
    """The doubts about one scan, worst first; none if it looks like a whole-body bone scan."""

    doubts: tuple[Doubt, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the scan is not to be read unless the user insists."""
        return any(doubt.refuses for doubt in self.doubts)


def assess(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> Quality:
    """Return the doubts about pixels (height, width), grey levels or counts, hot is high."""
    return Quality()
