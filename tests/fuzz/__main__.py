"""Run kinds of damaged input: `python -m tests.fuzz --count 1000 --seed 0 voc coco`; exit code 1 if one is at fault."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from tests.fuzz.fuzz_kind import FuzzKind, FuzzOutcome
from tests.fuzz.in_child import run_seeds
from tests.fuzz.kinds import all_kinds


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    kinds = all_kinds()
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(kinds)} (default: all)")
    parser.add_argument("--count", type=int, default=100, help="inputs of each kind (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first input; the others follow (%(default)s)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.kinds if name not in kinds]
    if unknown:
        parser.error(f"{unknown[0]}: is not one of {', '.join(kinds)}")
    chosen = [kinds[name] for name in options.kinds or kinds]
    faults = sum(run_kind(kind, range(options.seed, options.seed + options.count)) for kind in chosen)
    return 1 if faults else 0


def run_kind(kind: FuzzKind, seeds: range) -> int:
    """Run the inputs of some seeds, print what became of them, and return how many are at fault."""
    endings: Counter[str] = Counter()
    slowest, faults, most = 0.0, 0, 0
    for outcome, peak in run_seeds(kind, seeds):
        most = max(most, peak)
        endings[outcome.ending] += 1
        slowest = max(slowest, outcome.seconds)
        if outcome.is_fault:
            faults += 1
            print_fault(outcome)
    counts = ", ".join(f"{count} {ending}" for ending, count in sorted(endings.items()))
    sys.stdout.write(f"{kind.name}: {counts}; the slowest took {slowest:.2f} s; {most >> 20} MiB at most\n")
    sys.stdout.flush()
    return faults


def print_fault(outcome: FuzzOutcome) -> None:
    """Print a fault, and how to see it again."""
    again = f"python -m tests.fuzz {outcome.kind} --seed {outcome.seed} --count 1"
    sys.stdout.write(f"{outcome.detail}\n{outcome.ending}: {again}\n\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
