"""Progress of several trainings on standard error: a bar for the one that runs, a line when it ends, the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from tqdm import tqdm

from bonescan_yolo import cli

SECONDS_PER_MINUTE = 60


class Progress(Protocol):
    """Is called after every step."""

    def __call__(self, step: int, loss: float) -> None:
        """Take the number of steps done, and the loss of the last one per window."""


class TrainingProgress:
    """Counts steps of all trainings, so that the time left can be said from the first one on."""

    def __init__(self, trainings: int, steps: int) -> None:
        """Take the number of trainings to do, and the steps of each."""
        self._left = trainings
        self._steps = steps

    @contextmanager
    def training(self, label: str) -> Iterator[Progress]:
        """Show a training; yields what is to be called after each step."""
        started = time.monotonic()
        bar: Any = tqdm(
            total=self._steps,
            desc=label,
            unit="step",
            file=sys.stderr,
            leave=False,
            disable=None,  # tqdm: no bar without a terminal, so that a log keeps whole lines
        )

        def advance(step: int, loss: float) -> None:  # noqa: ARG001 the protocol's signature
            bar.update()
            bar.set_postfix(loss=f"{loss:.2f}", refresh=False)

        with bar:
            yield advance
        self._left -= 1
        seconds = time.monotonic() - started
        left = f"; about {_minutes(self._left * seconds)} left" if self._left > 0 else ""
        cli.say(f"{label}: {self._steps} steps in {seconds:.0f} s{left}", sys.stderr)


def _minutes(seconds: float) -> str:
    """Return a time in words."""
    if seconds < SECONDS_PER_MINUTE:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / SECONDS_PER_MINUTE:.1f} min"
