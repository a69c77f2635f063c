"""Disturb commands: `python -m tests.faults --count 50 --seed 0 convert measure`; exit code 1 if something is wrong."""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from tests.faults.checks import Tree, tree, wrong_after_fault, wrong_after_rerun
from tests.faults.fault_case import CASES, ROOT, FaultCase

FULL_BYTES: Final = 2000
"""Size at which every file of a command meets a full disk."""

SOURCELESS: Final = ("convert", "predict", "measure", "train", "adapt")
INTERPRETER_SECONDS: Final = 0.3
"""Until then Python itself starts, and prints what it likes."""

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
"""Of Linux's `prctl`: permissions do not hold root back unless this right is dropped."""

STOPPED: Final = (130, -signal.SIGINT)
"""Both are 130 for a shell. Python ends itself by the signal if Ctrl-C came in code that it ran by `exec`."""

SLOW_SECONDS: Final = 5.0
SLOW_SHARE: Final = 5
"""A command that takes longer is interrupted at a fifth of the instants; it is killed at all of them."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)} (default: all)")
    parser.add_argument("--count", type=int, default=5, help="instants at which each is killed (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the instants (%(default)s)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        parser.error(f"{unknown[0]}: is not one of {', '.join(CASES)}")
    faults = sum(run_case(CASES[name], options.count, options.seed) for name in options.cases or CASES)
    return 1 if faults else 0


def run_case(case: FaultCase, count: int, seed: int) -> int:
    """Disturb a command in every way, print what was wrong, and return how often."""
    rng = random.Random(f"{case.name} {seed}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "whole")
        case.prepare(folder)
        before = tree(folder)
        start = time.monotonic()
        done = run(case, folder)
        seconds = time.monotonic() - start
        if done.returncode:
            sys.stdout.write(f"{case.name}: fails undisturbed: {done.stderr[-300:]}\n")
            return 1
        whole = tree(folder)
        interrupts = count if seconds < SLOW_SECONDS else max(1, count // SLOW_SHARE)
        trials: list[tuple[str, Callable[[Path], None]]] = []
        for instant in (rng.uniform(0, seconds) for _ in range(count)):
            trials.append((f"killed after {instant:.2f} s", partial(kill_after, case, seconds=instant)))
        for instant in (rng.uniform(INTERPRETER_SECONDS, seconds) for _ in range(interrupts)):
            trials.append((f"interrupted after {instant:.2f} s", partial(interrupt_after, case, seconds=instant)))
        trials.append(("disk full", lambda folder: refused(run(case, folder, fill_disk))))
        trials.append(("read-only folder", partial(read_only, case)))
        if case.arguments[0] in SOURCELESS:
            trials.append(("source gone", lambda folder: source_gone(case, folder, seconds)))
        wrong = 0
        for number, (what, disturb) in enumerate(trials):
            reason = trial(case, Path(place, str(number)), before, whole, disturb)
            wrong += reason is not None
            if reason is not None:
                sys.stdout.write(f"{case.name}, {what}: {reason}\n")
    faults = f"{len(trials)} faults ({count} kills, {interrupts} interrupts in {seconds:.1f} s)"
    sys.stdout.write(f"{case.name}: {faults}, {wrong} wrong\n")
    sys.stdout.flush()
    return wrong


def trial(case: FaultCase, folder: Path, before: Tree, whole: Tree, disturb: Callable[[Path], None]) -> str | None:
    """Disturb one run and run it again; returns what was wrong, or None."""
    case.prepare(folder)
    try:
        disturb(folder)
    except AssertionError as error:
        return str(error)
    case.prepare(folder)  # a source that was gone is back
    reason = wrong_after_fault(case, folder, before, whole)
    if reason is None:
        done = run(case, folder)
        reason = f"the rerun fails: {done.stderr[-300:]}" if done.returncode else wrong_after_rerun(case, folder, whole)
    shutil.rmtree(folder)
    return reason


def run(case: FaultCase, folder: Path, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in its folder, after `before` in its process."""
    return subprocess.run(
        command_of(case), cwd=folder, env=environment(), text=True, capture_output=True, check=False,
        preexec_fn=before,
    )  # fmt: skip


def fill_disk() -> None:
    """Limit the size of files; a write beyond it is an error (EFBIG), as on a full disk, and no signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES, FULL_BYTES))


def read_only(case: FaultCase, folder: Path) -> None:
    """Run a command in a folder where it may not write."""
    folder.chmod(0o555)
    try:
        refused(run(case, folder, obey_permissions))
    finally:
        folder.chmod(0o755)


def obey_permissions() -> None:
    """Take from root the right to ignore the permissions of files; another user never had it."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)


def refused(done: subprocess.CompletedProcess[str]) -> None:
    """Make sure that a run failed in one line of an error."""
    errors = [line for line in done.stderr.splitlines() if line.startswith(("error:", "internal error:"))]
    assert done.returncode == 2, f"exit code {done.returncode}: {done.stderr[-300:]}"
    assert len(errors) == 1, f"{len(errors)} errors: {done.stderr[-300:]}"
    assert "Traceback" not in done.stderr, done.stderr[-300:]


def kill_after(case: FaultCase, folder: Path, seconds: float) -> None:
    """Start a command and kill it, with all its processes."""
    process = start(case, folder)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def interrupt_after(case: FaultCase, folder: Path, seconds: float) -> None:
    """Start a command and interrupt it as Ctrl-C does; it says so in one line."""
    process = subprocess.Popen(
        command_of(case), cwd=folder, env=environment(), start_new_session=True, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        process.wait(seconds)
        return
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode in (0, *STOPPED), f"exit code {process.returncode}: {errors[-300:]}"
    assert "Traceback" not in errors, errors[-600:]
    assert process.returncode == 0 or errors.splitlines()[-1] == "stopped", errors[-300:]


def source_gone(case: FaultCase, folder: Path, seconds: float) -> None:
    """Start a command and take its source away while it reads."""
    process = start(case, folder)
    time.sleep(0.7 * seconds)
    (folder / "in").rename(folder / "gone")
    process.wait()
    shutil.rmtree(folder / "gone")


def start(case: FaultCase, folder: Path) -> subprocess.Popen[bytes]:
    """Start a command as the leader of a group of processes."""
    return subprocess.Popen(
        command_of(case), cwd=folder, env=environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def command_of(case: FaultCase) -> list[str]:
    return [sys.executable, "-m", "bonescan_yolo", *case.arguments]


def environment() -> dict[str, str]:
    """Return the environment of a command; without coverage, whose own files would meet the full disk too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
