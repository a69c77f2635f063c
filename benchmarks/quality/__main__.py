"""Measure how well the check of a scan's quality knows whole-body scans from other pictures.

    python -m benchmarks.quality [--studies 25] [--seeds 1 2 3]

Simulated scans, with the simulator's own parameters and with shifted ones, each under every shift of
`benchmarks.quality.shifts`: how many are refused and how many doubted, by seed and in all. Then each other picture:
what is said. Pictures of scikit-image are among them where it is installed (pip install scikit-image); DICOM files are
those of pydicom. Last, how far the scans stay from each limit, and the time it takes.

Prints tables, last a line of JSON. Exits with 1 if it misses a bar.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.quality.drawn import DRAWN
from benchmarks.quality.from_scans import CHANGES
from benchmarks.quality.others import dicom_pictures, photographs
from benchmarks.quality.shifts import SHIFTS, Pixels
from benchmarks.speed.processes import run
from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.quality.block_outline import outline_of
from bonescan_yolo.scan.quality.pixel_facts import counts_by_grain
from bonescan_yolo.scan.quality.quality import Quality, assess
from bonescan_yolo.scan.record import normalise_pixels

MOST_REFUSED = 0.002
"""The bar: share of the simulated scans under shift that are refused, with the simulator's own parameters."""

LEAST_KINDS = 50
"""The bar: kinds of other pictures that are refused or doubted."""

KNOWN_SHARE = 0.9
"""A kind made from scans counts as known when this share of its pictures is refused or doubted."""

FRONT, BACK = "wholeBodyANT", "wholeBodyPOST"

SHIFTED = """
camera:
  pixel_mm: [1.9, 2.9]
  counts_per_study: [400000, 6000000]
  grey_per_count: [0.5, 2.5]
  scatter_share: 0.2
  wraparound_share: 0.1
patient:
  child_share: 0.15
  height_mm: [1350.0, 1900.0]
  fat_mm: [-12.0, 45.0]
  arm_abduction_deg: [0.0, 22.0]
  leg_spread_deg: [-1.0, 7.0]
  roll_deg: [-15.0, 15.0]
  tilt_deg: [-5.0, 5.0]
  scoliosis_share: 0.3
  head_top: [0.0, 0.15]
  off_centre_px: [-25.0, 25.0]
uptake:
  poor_share: 0.4
  poor_soft_tissue: [0.03, 0.4]
"""
"""Bodies, doses and places beyond what the simulator draws by itself."""

Pair = tuple[Pixels, Pixels]


@dataclass
class Tally:
    """What was said of the scans under one shift, or of the pictures of one kind."""

    said: Counter[str] = field(default_factory=Counter)

    def add(self, quality: Quality) -> None:
        """Count one."""
        first = quality.doubts[0] if quality.doubts else None
        self.said["passed" if first is None else f"{'refused' if first.refuses else 'doubted'}: {first.code}"] += 1

    @property
    def number(self) -> int:
        """All of them."""
        return self.said.total()

    def count(self, word: str) -> int:
        """Return how many were passed, doubted or refused."""
        return sum(count for said, count in self.said.items() if said.startswith(word))


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=25, help="per seed and kind of parameters; two scans each")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        config = Path(name) / "shifted.yaml"
        config.write_text(SHIFTED, encoding="utf-8")
        plain = {seed: simulate(Path(name) / f"plain{seed}", options.studies, seed) for seed in options.seeds}
        shifted = {seed: simulate(Path(name) / f"far{seed}", options.studies, seed, config) for seed in options.seeds}
    share, far_share = measure_scans("the simulator's own parameters", plain), measure_scans("shifted", shifted)
    kinds = tally_kinds([pair for pairs in (*plain.values(), *shifted.values()) for pair in pairs])
    known = print_kinds(kinds)
    milliseconds = time_of(plain[options.seeds[0]][0][0])
    figures = {"refused": share, "refused_shifted": far_share, "kinds": len(kinds), "known": known, "ms": milliseconds}
    print(json.dumps({"benchmark": "quality", **figures}))
    return int(share > MOST_REFUSED or known < LEAST_KINDS)


def simulate(folder: Path, studies: int, seed: int, config: Path | None = None) -> list[Pair]:
    """Return both views of simulated studies."""
    command = [sys.executable, "-m", "bonescan_yolo.phantom", "--studies", str(studies), "--seed", str(seed)]
    run([*command, "--out", str(folder), *(["--config", str(config)] if config else [])])
    fronts = sorted((folder / FRONT).glob("*.jpg"), key=lambda path: int(path.stem))
    return [(_load(front), _load(folder / BACK / front.name)) for front in fronts]


def measure_scans(name: str, pairs: Mapping[int, Sequence[Pair]]) -> float:
    """Print what is said of scans under every shift; return the share that is refused."""
    tallies = {(seed, shift.__name__): Tally() for seed in pairs for shift in SHIFTS}
    limits: dict[str, list[float]] = {}
    for seed, studies in pairs.items():
        rng = np.random.default_rng(seed)
        for pixels in (view for pair in studies for view in pair):
            for shift in SHIFTS:
                shown = as_read(shift(pixels, rng))
                tallies[seed, shift.__name__].add(assess(shown))
                note_limits(limits, shown)
    print(f"\n{name}: {'':<20} refused  doubted  of")
    for shift in SHIFTS:
        same = [tallies[seed, shift.__name__] for seed in pairs]
        numbers = [sum(tally.count(word) for tally in same) for word in ("refused", "doubted", "")]
        print(f"  {shift.__name__:<40} {numbers[0]:>5} {numbers[1]:>8} {numbers[2]:>6}")
    for seed in pairs:
        own = [tally for (number, _), tally in tallies.items() if number == seed]
        print(f"  seed {seed}: {sum(tally.count('refused') for tally in own)} of {sum(t.number for t in own)} refused")
    refused = sum(tally.count("refused") for tally in tallies.values())
    number = sum(tally.number for tally in tallies.values())
    low, high = wilson(refused, number)
    print(f"  refused {100 * refused / number:.2f} % ({100 * low:.2f} to {100 * high:.2f}) of {number}")
    for key, values in limits.items():
        least, first, last, most = np.percentile(values, [0, 1, 99, 100])
        print(f"  {key:<12} least {least:10.4g}   1 % {first:10.4g}   99 % {last:10.4g}   most {most:10.4g}")
    return refused / number


def note_limits(limits: dict[str, list[float]], pixels: Pixels) -> None:
    """Note what the limits of `scan.quality` are held against."""
    outline = outline_of(pixels)
    if outline is None:
        return
    names = ("air", "elongation", "centre", "top_cut", "bottom_cut", "side_cut", "both_sides", "empty_rows", "changes")
    for name in names:
        limits.setdefault(name, []).append(getattr(outline, name))
    limits.setdefault("counts", []).append(counts_by_grain(pixels))


def tally_kinds(pairs: Sequence[Pair]) -> dict[str, Tally]:
    """Return what is said of each kind of other picture."""
    tallies: dict[str, Tally] = {}
    for name, pixels in _others(pairs):
        tally = tallies.setdefault(name, Tally())
        try:
            tally.add(assess(as_read(pixels)))
        except ScanError:  # the reader itself refuses what is one grey level
            tally.said["refused: blank"] += 1
    return tallies


def _others(pairs: Sequence[Pair]) -> Iterator[tuple[str, Pixels]]:
    for change in CHANGES:
        for front, back in pairs:
            yield f"scan: {change.__name__}", change(front, back)
    for draw in DRAWN:
        yield f"drawn: {draw.__name__}", draw()
    yield from dicom_pictures()
    yield from photographs()


def print_kinds(tallies: Mapping[str, Tally]) -> int:
    """Print what is said of each kind; return how many kinds are refused or doubted."""
    print("\nother pictures")
    known = 0
    for name, tally in tallies.items():
        known += tally.count("passed") <= (1 - KNOWN_SHARE) * tally.number
        print(f"  {name:<40} " + ", ".join(f"{said} {count}" for said, count in tally.said.most_common()))
    print(f"  {known} of {len(tallies)} kinds are refused or doubted")
    return known


def time_of(pixels: Pixels) -> float:
    """Print and return how long it takes for one scan, in milliseconds: the median of many."""
    times = []
    for _ in range(200):
        start = time.perf_counter()
        assess(pixels)
        times.append(1000 * (time.perf_counter() - start))
    print(f"\n{float(np.median(times)):.2f} ms for {pixels.shape[1]} x {pixels.shape[0]} pixels")
    return float(np.median(times))


def as_read(pixels: Pixels) -> Pixels:
    """Return a picture as the reader gives it: hot is high."""
    return normalise_pixels(np.ascontiguousarray(pixels), "made")[0]


def wilson(hits: int, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's method."""
    z = 1.96
    share, spread = hits / number, z / number
    middle = (share + z * spread / 2) / (1 + z * spread)
    half = z / (1 + z * spread) * float(np.sqrt(share * (1 - share) / number + (spread / 2) ** 2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _load(path: Path) -> Pixels:
    return np.asarray(Image.open(path))


if __name__ == "__main__":
    sys.exit(main())
