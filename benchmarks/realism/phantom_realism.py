"""How near simulated scans come to real ones, in numbers: grey levels, noise, detail, landmarks and boxes.

    python -m benchmarks.realism.phantom_realism --real path/to/BS-80K [--studies 200] [--resolution 97 385]

Simulates studies into a temporary folder and prints the same figures of both sets, percentiles 5, 50 and 95 and the
mean over scans or boxes. `ratio` is simulated over real, of the medians, of the means where boxes or scans are counted;
`apart` is the Kolmogorov-Smirnov distance, 0 to 1: a few real scans leave it at 0.2 to 0.4 by chance. The ratios come
last as JSON. `--resolution` first reduces the simulated scans to that many columns and rows, to match real scans taken
from blurred figures. Real scans are read and left alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.realism.body_places import (
    box_contrasts,
    box_contrasts_by_place,
    box_sizes_by_place,
    boxes_by_place,
    landmarks,
)
from benchmarks.realism.boxed_scans import BoxedScan, Image32, add_options, class_name, read_scans
from benchmarks.realism.crowding import crowding
from bonescan_yolo.phantom.generate import Order, default_workers, generate
from bonescan_yolo.phantom.parameters import read_parameters
from bonescan_yolo.scan.body import BODY_GREY

Figure = tuple[str, float]
"""A measure's name, and its value on one scan or box."""

PERCENTILES = (5, 50, 95)

HISTOGRAM = (5, 20, 50, 80, 95, 99)
"""Percentiles of the body's grey levels: soft tissue is below the middle, bone above, hot spots at the end."""

DETAIL_PX = (1.5, 3.0, 6.0, 12.0)
"""Detail is measured between these widths of blur."""

PARTS = {"head": (0.0, 0.12), "chest": (0.16, 0.36), "pelvis": (0.36, 0.52), "legs": (0.52, 0.97)}
"""Parts of the body, from the top row to the bottom row that hold any of it."""

RIBS = (0.18, 0.32)
"""No arm and no pelvis is in these rows."""

THIGHS = (0.57, 0.67)
"""Below the hands and above the knees most pixels are muscle."""

BLADDER = (0.42, 0.56)
MIDLINE_PX = 20
"""The bladder's box has its centre this near to the middle of the body."""

HIPS = (0.455, 0.53)
HALO_PX = 3
"""The bladder's surroundings are between these rows near the middle, without boxes and a rim this wide around them."""

BESIDE_SPINE_PX = (12, 36)
"""Distances from the middle of the body between which ribs are seen without the spine."""

RIB_PX = (1.5, 6.0)
"""Blur down the scan that keeps single ribs, and blur that merges them."""

WAVES_PX = ((2, 4), (4, 8), (8, 16))
COARSE_WAVES_PX = (16, 32)
"""Wavelengths of the spectrum's bands, and of the band they are compared with."""

SPECTRUM_PX = 64
"""Rows and columns of the square whose spectrum is taken."""

COUNTED = ("boxes", "scans without abnormal, %")
"""Ends of the names of counts and shares: their medians are 0 or 100, so their means are compared."""


def main() -> int:
    """Compare and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    real = figures(read_scans(options.real, None))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "phantom"
        order = Order(options.studies, options.seed, read_parameters())
        generate(out, order, default_workers(options.studies))
        simulated = figures(read_scans(out, options.resolution))
    print(json.dumps({"benchmark": "phantom_realism", "ratio": print_table(real, simulated)}))
    return 0


def print_table(
    real: dict[str, dict[str, list[float]]], simulated: dict[str, dict[str, list[float]]]
) -> dict[str, float | None]:
    """Print both sets' figures, subject by subject, and return the ratios by name; None where a set lacks one."""
    ratios: dict[str, float | None] = {}
    head = f"{'5 %':>8}{'50 %':>8}{'95 %':>8}{'mean':>8}"
    print(f"{'':42}{'real':^32} |{'simulated':^32}")
    for subject, measures in real.items():
        print(f"\n{subject:42}{head} |{head} |{'ratio':>6}{'apart':>6}")
        for name, theirs in measures.items():
            ours = simulated[subject].get(name, [np.nan])
            rows = [(*np.percentile(values, PERCENTILES), np.mean(values)) for values in (theirs, ours)]
            compared = 3 if name.endswith(COUNTED) else 1
            ratio = float(rows[1][compared] / rows[0][compared]) if rows[0][compared] else np.nan
            ratios[name] = round(ratio, 3) if np.isfinite(ratio) else None
            shown = " |".join("".join(f"{value:8.2f}" for value in row) for row in rows)
            print(f"{name:42}{shown} |{ratio:6.2f}{distance(theirs, ours):6.2f}")
    print()
    return ratios


def distance(one: list[float], other: list[float]) -> float:
    """Return the largest gap between the cumulative distributions of two sets of values."""
    values = np.array([*one, *other])
    shares = [np.searchsorted(np.sort(side), values, side="right") / len(side) for side in (one, other)]
    return float(np.abs(shares[0] - shares[1]).max())


def figures(scans: Iterator[BoxedScan]) -> dict[str, dict[str, list[float]]]:
    """Return lists of measures by subject and name, one value a scan or a box."""
    subjects = {
        "grey levels": grey_levels,
        "body in the frame": frame,
        "noise": noise,
        "detail": detail,
        "landmarks": landmarks,
        "boxes a scan": box_counts,
        "boxes a scan, by place": boxes_by_place,
        "each box": each_box,
        "size of boxes, by place": box_sizes_by_place,
        "peak of boxes over surroundings, by place": box_contrasts_by_place,
        "crowding": crowding,
    }
    found: dict[str, dict[str, list[float]]] = {subject: {} for subject in subjects}
    for scan in scans:
        for subject, measure in subjects.items():
            for name, value in measure(scan):
                found[subject].setdefault(name, []).append(value)
    return found


def grey_levels(scan: BoxedScan) -> Iterator[Figure]:
    """Yield the display window, and bone, soft tissue and bladder in body levels."""
    body = scan.pixels[scan.pixels > BODY_GREY]
    yield "99th percentile of grey levels", float(np.percentile(scan.pixels, 99))
    yield "brightest grey level", float(scan.pixels.max())
    yield "body, median grey level", float(np.median(body))
    yield "body, 90th percentile", float(np.percentile(body, 90))
    yield "body level (grey levels)", scan.level
    histogram = np.percentile(scan.pixels[scan.body], HISTOGRAM) / scan.level
    for share, value in zip(HISTOGRAM, histogram, strict=True):
        yield f"body, {share}th percentile in body levels", float(value)
    thighs = scan.part(THIGHS)
    muscle = scan.pixels[thighs][scan.body[thighs]]
    if muscle.size:  # beside the bones of a superscan they are too dark to count as body
        soft = float(np.median(muscle)) / scan.level
        yield "soft tissue (thighs) in body levels", soft
        yield "bone (95th percentile) over soft tissue", float(histogram[HISTOGRAM.index(95)]) / soft
    peak = bladder_peak(scan)
    if peak is not None:
        yield f"{scan.view} bladder, peak in body levels", peak / scan.level
    ground = ground_between_hips(scan)
    if ground is not None:
        yield f"{scan.view} ground between the hips, in body levels", ground / scan.level


def ground_between_hips(scan: BoxedScan) -> float | None:
    """Return the median grey level between the hips outside all boxes; None where these cover it."""
    rows, columns = scan.part(HIPS), scan.beside((0.0, MIDLINE_PX))
    near_boxes = cv2.dilate(scan.boxed.astype(np.uint8), np.ones((2 * HALO_PX + 1, 2 * HALO_PX + 1), np.uint8))
    clear = scan.pixels[rows][:, columns][near_boxes[rows][:, columns] == 0]
    return float(np.median(clear)) if clear.size else None


def bladder_peak(scan: BoxedScan) -> float | None:
    """Return the grey level of the hottest pixel in the bladder's box: the largest normal one at its place."""
    bladders = [
        (x1, y1, x2, y2)
        for is_abnormal, x1, y1, x2, y2 in scan.boxes
        if not is_abnormal
        and BLADDER[0] < scan.along((y1 + y2) / 2) < BLADDER[1]
        and abs((x1 + x2) / 2 - scan.place.middle) < MIDLINE_PX
    ]
    if not bladders:
        return None
    x1, y1, x2, y2 = max(bladders, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    return float(scan.pixels[y1:y2, x1:x2].max())


def frame(scan: BoxedScan) -> Iterator[Figure]:
    """Yield size and place of the body, in per cent of the frame."""
    yield "body, % of the frame", 100 * float((scan.pixels > BODY_GREY).mean())
    yield "body height, % of the frame", 100 * scan.place.height / scan.grey.shape[0]
    yield "head top, % of the frame", 100 * scan.place.top / scan.grey.shape[0]


def noise(scan: BoxedScan) -> Iterator[Figure]:
    """Yield the noise of neighbouring pixels in muscle, and the spectrum of chest and thighs."""
    thighs = scan.part(THIGHS)
    muscle, inside = scan.dull[thighs], scan.body[thighs]
    steps = np.abs(np.diff(muscle, axis=1))[inside[:, 1:] & inside[:, :-1]]
    if steps.size:
        deviation = float(steps.mean()) * np.sqrt(np.pi) / 2  # of normal noise, from the mean step between two draws
        yield "thighs: noise over root of grey level", float(deviation / np.sqrt(muscle[inside].mean()))
    for place, ends in (("chest", RIBS), ("thighs", THIGHS)):
        rows = scan.part(ends)
        first = (rows.start + rows.stop - SPECTRUM_PX) // 2
        left = round(scan.place.middle) - SPECTRUM_PX // 2
        amplitudes = spectrum(scan.dull[first : first + SPECTRUM_PX, left : left + SPECTRUM_PX])
        for (shortest, longest), amplitude in zip(WAVES_PX, amplitudes, strict=True):
            yield f"{place}: waves of {shortest}-{longest} px, % of coarse", 100 * amplitude


def spectrum(square: Image32) -> list[float]:
    """Return the radially averaged amplitude in each band of waves, over that of the coarse waves."""
    window = np.hanning(SPECTRUM_PX)
    power = np.abs(np.fft.fft2((square - square.mean()) * np.outer(window, window))) ** 2
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SPECTRUM_PX), np.fft.fftfreq(SPECTRUM_PX)))
    bands = [(frequency > 1 / longest) & (frequency <= 1 / shortest) for shortest, longest in WAVES_PX]
    coarse = (frequency > 1 / COARSE_WAVES_PX[1]) & (frequency <= 1 / COARSE_WAVES_PX[0])
    return [float(np.sqrt(power[band].mean() / power[coarse].mean())) for band in bands]


def detail(scan: BoxedScan) -> Iterator[Figure]:
    """Yield each part's brightness and its detail by size, and the contrast of the ribs.

    That is the span from the 10th to the 90th percentile of the ratio of single to merged ribs.
    """
    blurred = [cv2.GaussianBlur(scan.dull, (0, 0), width) for width in DETAIL_PX]
    for part, ends in PARTS.items():
        place = scan.part(ends)
        inside = blurred[-1][place] > BODY_GREY - 1
        level = float(blurred[-1][place][inside].mean())
        yield f"{scan.view} {part}: grey level", level
        for fine, coarse, width in zip(blurred, blurred[1:], DETAIL_PX, strict=False):
            yield f"{scan.view} {part}: detail from {width} px", float((fine - coarse)[place][inside].std() / level)
    chest = scan.part(RIBS)
    single, merged = (cv2.GaussianBlur(scan.dull, (0, 0), sigmaX=RIB_PX[0], sigmaY=down)[chest] for down in RIB_PX)
    beside = scan.body[chest] & scan.beside(BESIDE_SPINE_PX)
    low, high = np.percentile((single / np.maximum(merged, 1))[beside], (10, 90))
    yield f"{scan.view} ribs: contrast", float(high - low)


def box_counts(scan: BoxedScan) -> Iterator[Figure]:
    """Yield how many boxes a scan has."""
    abnormal = sum(box[0] for box in scan.boxes)
    yield f"{scan.view}: abnormal boxes", abnormal
    yield f"{scan.view}: normal boxes", len(scan.boxes) - abnormal
    yield f"{scan.view}: scans without abnormal, %", 100.0 * (abnormal == 0)


def each_box(scan: BoxedScan) -> Iterator[Figure]:
    """Yield the measures of each box of one scan."""
    for box in scan.boxes:
        is_abnormal, x1, y1, x2, y2 = box
        name = class_name(is_abnormal)
        yield f"{name} box: width", x2 - x1
        yield f"{name} box: height", y2 - y1
        for around, contrast in box_contrasts(scan, box):
            yield f"{name} box: peak over {around} around", contrast
        yield f"{name} box: place down the body, %", 100 * scan.along((y1 + y2) / 2)


if __name__ == "__main__":
    sys.exit(main())
