"""How bright bodies are, real scans beside simulated ones.

Brightness is taken from the middle outwards at thirteen heights, and from jaw to crests along four columns.

    python -m benchmarks.realism.body_profiles --real path/to/BS-80K --simulated data/sources/NAME [--resolution 97 385]

Prints medians over scans in body levels, both sides of a body averaged: a column that is too bright means that a bone
takes up too much, a peak in another column that the bone is elsewhere. Percentiles of all grey levels, which
phantom_realism compares, see neither. `--resolution` reduces the simulated scans as there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.realism.body_places import Profile
from benchmarks.realism.boxed_scans import BoxedScan, add_both, read_scans
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

COLUMNS_PX = {"midline": (0, 5), "beside it": (8, 15), "kidneys": (23, 34), "lungs": (38, 54)}
"""Distances from the middle."""

TRUNK = (0.11, 0.45)
TRUNK_STEP = 0.02
"""Rows from the jaw to the crests in parts of the body's height, and those of one value: 35 mm."""

STEP_PX = 10
REACH_PX = 100
"""Columns of one value, and how far aside the last ends: hands are there."""


def main(arguments: Sequence[str]) -> int:
    """Compare and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_both(parser)
    options = parser.parse_args(arguments)
    sets = {
        "real": list(read_scans(options.real, None)),
        "simulated": list(read_scans(options.simulated, options.resolution)),
    }
    print(f"{'pixels from the middle':32}" + "".join(f"{first:6}" for first in range(0, REACH_PX, STEP_PX)))
    print_profiles({name: across(scans) for name, scans in sets.items()})
    print(f"\n{'% of the height':32}" + "".join(f"{100 * first:6.0f}" for first in trunk_rows()))
    print_profiles({name: down(scans) for name, scans in sets.items()})
    return 0


def print_profiles(sets: dict[str, dict[str, Profile]]) -> None:
    """Print each profile of the real scans, and the simulated ones' below it."""
    for place in sets["real"]:
        for name, profiles in sets.items():
            shown = "".join(f"{value:6.2f}" for value in profiles.get(place, ()))
            print(f"{place if name == 'real' else '':22}{name:10}{shown}")


def across(scans: Iterable[BoxedScan]) -> dict[str, Profile]:
    """Return the median over scans of the profile of each view and height, REACH_PX / STEP_PX values each."""
    found: dict[str, list[Profile]] = {}
    for scan in scans:
        for name, ends in HEIGHTS.items():
            found.setdefault(f"{scan.view} {name}", []).append(profile(scan, ends))
    return {name: np.median(profiles, axis=0) for name, profiles in sorted(found.items())}


def down(scans: Iterable[BoxedScan]) -> dict[str, Profile]:
    """Return the median over scans of the brightness down each view's trunk, for each of COLUMNS_PX, in body levels."""
    found: dict[str, list[Profile]] = {}
    for scan in scans:
        rows = [scan.pixels[scan.part((first, first + TRUNK_STEP))] / scan.level for first in trunk_rows()]
        for name, aside_px in COLUMNS_PX.items():
            columns = scan.beside(aside_px)
            means = np.array([row[:, columns].mean() for row in rows])
            found.setdefault(f"{scan.view} {name}", []).append(means)
    return {name: np.median(profiles, axis=0) for name, profiles in sorted(found.items())}


def trunk_rows() -> Profile:
    """Return the first row of each value down the trunk, in parts of the body's height."""
    return np.arange(*TRUNK, TRUNK_STEP)


def profile(scan: BoxedScan, ends: tuple[float, float]) -> Profile:
    """Return the brightness of some rows in body levels from the middle outwards; beyond the frame it is 0."""
    bands = [scan.beside((first, first + STEP_PX)) for first in range(0, REACH_PX, STEP_PX)]
    row = scan.pixels[scan.part(ends)].mean(axis=0) / scan.level
    return np.array([float(row[band].mean()) if band.any() else 0.0 for band in bands])


if __name__ == "__main__":
    run(main)
