"""A kind of input, and what became of one input."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from bonescan_yolo.errors import BonescanError

MAX_SECONDS: Final = 20.0
"""Longest time for one input."""

Ending = Literal["read", "refused", "crash", "slow", "large"]


@dataclass(frozen=True)
class FuzzKind:
    """One kind of input.

    Attributes:
        name: As typed on the command line.
        mutate: Returns the input of a seed: the same for the same seed.
        run: Reads an input. It returns, or raises BonescanError for an input that it refuses; anything else is a fault.
    """

    name: str
    mutate: Callable[[int], Any]
    run: Callable[[Any], None]


@dataclass(frozen=True)
class FuzzOutcome:
    """What became of one input.

    Attributes:
        kind: Name of the kind.
        seed: Of the input.
        ending: `read` and `refused` are right; `crash`, `slow` and `large` (too much memory) are faults of the package.
        detail: The error or traceback.
        seconds: How long it took.
    """

    kind: str
    seed: int
    ending: Ending
    detail: str
    seconds: float

    @property
    def is_fault(self) -> bool:
        """Whether the package is at fault."""
        return self.ending in ("crash", "slow", "large")


class TooSlowError(BaseException):
    """Raised in a run that takes too long; not an Exception, so that no reader catches it."""


def run_seed(kind: FuzzKind, seed: int) -> FuzzOutcome:
    """Make and read the input of one seed."""
    data = kind.mutate(seed)
    start = time.perf_counter()
    ending: Ending = "read"
    detail = ""
    try:
        with time_limit(MAX_SECONDS):
            kind.run(data)
    except BonescanError as error:
        ending, detail = "refused", str(error)
    except TooSlowError:
        ending, detail = "slow", traceback.format_exc()
    except Exception:  # what is looked for
        ending, detail = "crash", traceback.format_exc()
    seconds = time.perf_counter() - start
    if ending == "refused" and len(detail.splitlines()) != 1:
        ending, detail = "crash", f"the error is not one line: {detail!r}"
    return FuzzOutcome(kind.name, seed, "slow" if seconds > MAX_SECONDS else ending, detail, seconds)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooSlowError in the block after this time, where the system has such a timer."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
