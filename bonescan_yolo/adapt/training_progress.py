"""Progress of the trainings on standard error: one bar over all their steps, a line when one ends, the time left."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Protocol

from tqdm import tqdm

from bonescan_yolo import cli

SECONDS_PER_MINUTE = 60


class Progress(Protocol):
    """Is called after every step of a training."""

    def __call__(self, step: int, loss: float) -> None:
        """Take the number of steps done, and the loss of the last one per scan."""


class TrainingProgress:
    """Counts the steps of all trainings, whether one after the other or side by side.

    Use it in a `with` statement, which shows the bar.
    """

    def __init__(self, trainings: int, steps: int) -> None:
        """Take the number of trainings to do, and the steps of each."""
        self._total = trainings * steps
        self._done = 0
        self._started = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> TrainingProgress:
        """Begin to count the time."""
        self._started = time.monotonic()
        self._bar = tqdm(
            total=self._total,
            desc="training",
            unit="step",
            file=sys.stderr,
            leave=False,
            disable=None,  # tqdm: no bar without a terminal, so that a log keeps whole lines
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the bar."""
        self._bar.close()

    def advance(self) -> None:
        """Count a step."""
        self._done += 1
        self._bar.update()

    def ended(self, label: str) -> None:
        """Say that a training has ended, and how long the others will take at the pace so far."""
        left = (self._total - self._done) * (time.monotonic() - self._started) / max(1, self._done)
        cli.say(f"{label}: trained{f'; about {_in_words(left)} left' if self._done < self._total else ''}", sys.stderr)


def _in_words(seconds: float) -> str:
    """Return a time in words."""
    if seconds < SECONDS_PER_MINUTE:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / SECONDS_PER_MINUTE:.1f} min"
