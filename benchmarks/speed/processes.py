"""Timing whole processes, in turns."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Cost:
    """Cost of a process from start to end: wall time in seconds, peak resident memory in MB."""

    seconds: float
    megabytes: float


def run(command: Sequence[str]) -> Cost:
    """Run a command and discard its output.

    Raises:
        RuntimeError: it fails.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: ended with {process.returncode}")
    return Cost(time.perf_counter() - began, usage.ru_maxrss / 1000)


def take_turns(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Cost]:
    """Return the median costs of commands that take turns, after one warm-up round that is not counted."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            cost = run(command)
            if number:
                costs[name].append(cost)
    return {
        name: Cost(median(cost.seconds for cost in each), median(cost.megabytes for cost in each))
        for name, each in costs.items()
    }
