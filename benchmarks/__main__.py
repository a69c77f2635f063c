"""Run every benchmark: `make bench`. Tables go to standard output, the JSON lines to runs/bench/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "speed.read_speed",
    "speed.convert_speed",
    "speed.phantom_speed",
    "speed.evaluate_speed",
    "speed.train_speed",
    "speed.model_speed",
    "speed.predict_speed",
    "realism.measured_area",
    "quality",
)
OUT = Path("runs") / "bench"


def main() -> int:
    """Run the benchmarks one after the other; returns 1 if one of them missed a bar."""
    OUT.mkdir(parents=True, exist_ok=True)
    missed = 0
    for name in BENCHMARKS:
        print(f"== {name}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True, check=False
        )
        lines = done.stdout.splitlines()
        print("\n".join(lines[:-1]), flush=True)
        (OUT / f"{name}.json").write_text(f"{lines[-1]}\n" if lines else "")
        missed |= done.returncode
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
