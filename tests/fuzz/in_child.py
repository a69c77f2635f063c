"""Inputs read in a process of their own, so that one that hangs, crashes Python or fills the memory is told apart."""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Final

from tests.fuzz.fuzz_kind import MAX_SECONDS, Ending, FuzzKind, FuzzOutcome, run_seed

MAX_BYTES: Final = 1 << 30
"""Most memory of the process, what Python and all libraries take included."""

KIB: Final = 1 << 10
UNIT: Final = 1 if sys.platform == "darwin" else KIB
"""Of ru_maxrss, in bytes."""

FIRST_INPUT: Final = 60.0
"""Seconds for the first input: it imports the readers and builds the undamaged files."""


def run_seeds(kind: FuzzKind, seeds: range) -> Iterator[tuple[FuzzOutcome, int]]:
    """Yield what became of each seed, and the most bytes its process had until then.

    After a fault a new process reads the next seed.
    """
    context = multiprocessing.get_context("fork")  # needs no pickling of kinds; there is no fork on Windows
    rest = seeds
    while rest:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_read, args=(kind, rest, theirs), daemon=True)
        child.start()
        theirs.close()
        start, rest = rest, range(0)
        for done, seed in enumerate(start):
            outcome, peak = _receive(ours, kind.name, seed, MAX_SECONDS * 2 + FIRST_INPUT * (not done))
            yield outcome, peak
            if outcome.is_fault:
                rest = start[done + 1 :]
                break
        child.kill()
        child.join()


def _receive(connection: Connection, kind: str, seed: int, seconds: float) -> tuple[FuzzOutcome, int]:
    """Return what a process says of a seed, or that it says nothing."""
    if not connection.poll(seconds):
        return FuzzOutcome(kind, seed, "slow", "hangs where Python cannot stop it", seconds), 0
    try:
        outcome, peak = connection.recv()
    except EOFError:
        return FuzzOutcome(kind, seed, "crash", "its process ended", 0.0), 0
    if peak > MAX_BYTES and not outcome.is_fault:
        ending: Ending = "large"
        outcome = FuzzOutcome(kind, seed, ending, f"took {peak >> 20} MiB", outcome.seconds)
    return outcome, peak


def _read(kind: FuzzKind, seeds: range, connection: Connection) -> None:
    for seed in seeds:
        outcome = run_seed(kind, seed)
        connection.send((outcome, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT))
