"""How bright bodies are from their middle outwards, at thirteen heights, real scans beside simulated ones.

    python -m benchmarks.body_profiles --real path/to/BS-80K --simulated data/sources/NAME [--resolution 97 385]

Prints medians over scans in body levels, both sides of a body averaged: too bright a column says that a bone takes up
too much, a peak in another column that it lies elsewhere. Percentiles of all grey levels, which phantom_realism
compares, see neither. `--resolution` reduces the simulated scans as there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.body_places import Profile
from benchmarks.boxed_scans import BoxedScan, add_options, read_scans
from bonescan_yolo.cli import run

HEIGHTS = {
    "face": (0.08, 0.11),
    "neck": (0.13, 0.155),
    "shoulders": (0.165, 0.185),
    "chest": (0.22, 0.28),
    "loin": (0.34, 0.38),
    "crests": (0.42, 0.45),
    "pelvis": (0.46, 0.48),
    "hips": (0.49, 0.51),
    "groin": (0.52, 0.54),
    "thighs": (0.585, 0.645),
    "knees": (0.715, 0.735),
    "shins": (0.80, 0.86),
    "ankles": (0.90, 0.94),
}
"""Rows in parts of the body's height."""

STEP_PX = 10
REACH_PX = 100
"""Columns of one value, and how far aside the last ends: hands lie there."""


def main(arguments: Sequence[str]) -> int:
    """Compare and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--simulated", type=Path, required=True, help="a folder that the simulator wrote")
    options = parser.parse_args(arguments)
    sets = {
        "real": median_profiles(read_scans(options.real, None)),
        "simulated": median_profiles(read_scans(options.simulated, options.resolution)),
    }
    print(f"{'pixels from the middle':32}" + "".join(f"{first:6}" for first in range(0, REACH_PX, STEP_PX)))
    for place in sets["real"]:
        for name, profiles in sets.items():
            shown = "".join(f"{value:6.2f}" for value in profiles.get(place, ()))
            print(f"{place if name == 'real' else '':22}{name:10}{shown}")
    return 0


def median_profiles(scans: Iterable[BoxedScan]) -> dict[str, Profile]:
    """Return the median over scans of the profile of each view and height, REACH_PX / STEP_PX values each."""
    found: dict[str, list[Profile]] = {}
    for scan in scans:
        for name, ends in HEIGHTS.items():
            found.setdefault(f"{scan.view} {name}", []).append(profile(scan, ends))
    return {name: np.median(profiles, axis=0) for name, profiles in sorted(found.items())}


def profile(scan: BoxedScan, ends: tuple[float, float]) -> Profile:
    """Return the brightness of some rows in body levels from the middle outwards; beyond the frame it is 0."""
    bands = [scan.beside((first, first + STEP_PX)) for first in range(0, REACH_PX, STEP_PX)]
    row = scan.pixels[scan.part(ends)].mean(axis=0) / scan.level
    return np.array([float(row[band].mean()) if band.any() else 0.0 for band in bands])


if __name__ == "__main__":
    run(main)
