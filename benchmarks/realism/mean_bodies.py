"""The median real body beside the median simulated one, and where the simulated one is too bright or too dark.

    python -m benchmarks.realism.mean_bodies --real path/to/BS-80K --simulated data/sources/NAME --out ../bodies.png
        [--resolution 97 385]

Bodies are brought to one height and laid upon each other with their mirror images; what a single patient has vanishes,
and bones that are elsewhere, or take up too much, stand out: vermilion is too bright, blue too dark. Lines mark tenths
of the height. For each part of the body the correlation of both bodies' structure (logarithms, less their surroundings)
is printed, and how bright the simulated one is beside the real one. The picture is made of patients' scans: it is
written outside the repository only.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.realism.boxed_scans import BoxedScan, Image32, add_both, read_scans
from benchmarks.realism.contact_sheet import require_outside
from bonescan_yolo.cli import run
from bonescan_yolo.scan.display import MAX_GREY, to_tones

BODY_PX = 900
WIDTH_PX = 256
MARGIN_PX = 20
"""Height of every body, width of the canvas, and what is kept above and below the body."""

HOTTEST = 6.0
"""Body levels above this are cut off."""

BLUR_PX = 1.5
FLOOR = 0.08
"""Body levels added before the ratio is taken, so that air counts as alike."""

MOST = 1.0
"""Natural logarithm of the ratio at which the colours are full: 2.7 times as bright."""

TOO_BRIGHT = np.array([0xFF, 0x5A, 0x36], np.float32)
TOO_DARK = np.array([0x2B, 0x5F, 0xD9], np.float32)
COARSE_PX = 15.0
"""Structure is what remains of a body less its own blur of this width."""

HELD = 0.15
"""Body levels above which a pixel of the real body is compared."""

PARTS = {
    "head": (0.0, 0.12),
    "shoulders": (0.12, 0.2),
    "chest": (0.2, 0.4),
    "pelvis": (0.4, 0.53),
    "thighs": (0.53, 0.7),
    "shins and feet": (0.7, 1.0),
}
"""First and last row in parts of the body's height."""

WHITE = np.float32(MAX_GREY)
LINE_COLOUR = (0x1F, 0x8A, 0x4C)


def main(arguments: Sequence[str]) -> int:
    """Write the picture; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_both(parser)
    parser.add_argument("--out", type=Path, required=True, help="PNG file, outside the repository")
    options = parser.parse_args(arguments)
    require_outside(options.out)
    real = mean_bodies(read_scans(options.real, None))
    simulated = mean_bodies(read_scans(options.simulated, options.resolution))
    panels = [panel for view, body in real.items() for panel in compared(body, simulated[view])]
    picture = np.hstack(panels)
    picture[MARGIN_PX : MARGIN_PX + BODY_PX : BODY_PX // 10, ::8] = LINE_COLOUR
    Image.fromarray(picture).save(options.out, format="PNG")
    print(f"{options.out}: {' and '.join(real)}; each real, simulated, and where they differ")
    for view, body in real.items():
        for part, (structure, brightness) in likeness(body, simulated[view]).items():
            print(f"{view + ' ' + part:28} structure {structure:5.2f}  brightness {brightness:5.2f}")
    return 0


def mean_bodies(scans: Iterable[BoxedScan]) -> dict[str, Image32]:
    """Return the median body of each view in body levels, shape (BODY_PX + 2 MARGIN_PX, WIDTH_PX), mirror-symmetric."""
    aligned: dict[str, list[Image32]] = {}
    for scan in scans:
        body = align(scan)
        aligned.setdefault(scan.view, []).extend((body, body[:, ::-1]))
    return {view: np.median(bodies, axis=0).astype(np.float32) for view, bodies in sorted(aligned.items())}


def align(scan: BoxedScan) -> Image32:
    """Return a scan in body levels, its body BODY_PX high and in the middle."""
    size = BODY_PX / scan.place.height
    across = (WIDTH_PX - 1) / 2 - size * scan.place.middle
    place = np.array([[size, 0.0, across], [0.0, size, MARGIN_PX - size * scan.place.top]])
    levels = np.minimum(scan.pixels / np.float32(scan.level), np.float32(HOTTEST))
    return np.asarray(cv2.warpAffine(levels, place, (WIDTH_PX, BODY_PX + 2 * MARGIN_PX)), np.float32)


def compared(real: Image32, simulated: Image32) -> list[np.ndarray]:
    """Return three RGB panels: both bodies, hot dark, and the simulated one over the real one in colours.

    These are medians in body levels, not scans, so that the display curve of `predict.drawing`, which takes grey
    levels, does not apply; hot is dark since white means alike in the third panel.
    """
    shown = [np.rint(MAX_GREY * (1 - to_tones(body, 1.0))).astype(np.uint8) for body in (real, simulated)]
    return [*(np.dstack([grey] * 3) for grey in shown), ratio_colours(real, simulated)]


def likeness(real: Image32, simulated: Image32) -> dict[str, tuple[float, float]]:
    """Return two numbers for each part of the body.

    The correlation of both bodies' structure, -1 to 1, and the geometric mean of their brightness' ratio, simulated
    over real.
    """
    logarithms = [logarithm(body) for body in (real, simulated)]
    fine = [body - cv2.GaussianBlur(body, (0, 0), COARSE_PX) for body in logarithms]
    found = {}
    for part, (first, last) in PARTS.items():
        rows = slice(MARGIN_PX + round(first * BODY_PX), MARGIN_PX + round(last * BODY_PX))
        held = real[rows] > HELD
        structure = np.corrcoef(fine[0][rows][held], fine[1][rows][held])[0, 1]
        found[part] = (float(structure), float(np.exp((logarithms[1] - logarithms[0])[rows][held].mean())))
    return found


def logarithm(body: Image32) -> Image32:
    """Return the logarithm of a body's brightness, a little blurred, air lifted to FLOOR."""
    return np.asarray(np.log(cv2.GaussianBlur(body, (0, 0), BLUR_PX) + np.float32(FLOOR)), np.float32)


def ratio_colours(real: Image32, simulated: Image32) -> np.ndarray:
    """Return white where both are alike, else a colour that grows with the logarithm of their ratio; RGB uint8."""
    part = np.clip((logarithm(simulated) - logarithm(real)) / MOST, -1.0, 1.0)[..., None]
    colour = np.where(part > 0, TOO_BRIGHT, TOO_DARK)
    return np.rint(WHITE + np.abs(part) * (colour - WHITE)).astype(np.uint8)


if __name__ == "__main__":
    run(main)
