"""Whether fixing grey levels that wrapped past 255 helps the model, on simulated scans whose true levels are known.

    python -m benchmarks.realism.wrapped_levels [--studies 150] [--seeds 301 302 303] [--model weights/bonescan.onnx]

Each simulated scan is displayed twice, from the same counts: its levels cut off at 255, as they should be, and wrapped
(modulo 256), as in some scans of BS-80K; both as PNG and as JPEG. The model reads the scan as it should be, wrapped,
and wrapped and then fixed. Average precision, false boxes and the boxes at the wrapped spots are compared in pairs,
with intervals by bootstrap over patients. Then the finder is tried on scans that did not wrap: saturated, in a narrow
window, with few counts; what it finds there is a false alarm, and the scan is read before and after. Prints tables,
last as JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.realism.wrapped_figures import STATES, ReadScan, States, compare
from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.evaluate.matching.evaluated_scan import BoxPlaces, EvaluatedScan, ScanResult
from bonescan_yolo.evaluate.read_split import open_model
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.phantom.body.anatomy import load_skeleton
from bonescan_yolo.phantom.parameters import read_parameters
from bonescan_yolo.phantom.study import ViewOfStudy, simulate
from bonescan_yolo.scan.display import MAX_GREY
from bonescan_yolo.scan.record import Scan
from bonescan_yolo.scan.wraparound import find_wraparound, fix_wraparound

GREY_PER_COUNT = (0.85, 1.2)
"""As in `configs/phantom.yaml`."""

JPEG_QUALITY = 90
WINDOWS = {"saturated at 255": 1.0, "window twice as narrow": 2.0, "window four times as narrow": 4.0}
"""Factors of the grey levels before they are cut off."""

THINNED = {"a quarter of the counts": 4, "a sixteenth of the counts": 16}
"""Divisors of the expected counts; grey levels per count grow alike, so that the scan is as bright and noisier."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class DisplayedScan:
    """A simulated scan whose true levels are known.

    Attributes:
        patient: by seed and id.
        view: with the true boxes.
        levels: (1024, 256) float64 each, true grey levels, not limited, by what the counts were divided by.
    """

    patient: str
    view: ViewOfStudy
    levels: Mapping[int, NDArray[np.float64]]

    @property
    def hot(self) -> NDArray[np.bool_]:
        """Where the true level is above 255, (1024, 256)."""
        return np.asarray(self.levels[1] > MAX_GREY)

    def clipped(self, factor: float = 1.0, thinning: int = 1) -> Grey:
        """Return the levels, times a factor, cut off at 255."""
        return np.minimum(np.floor(self.levels[thinning] * factor), MAX_GREY).astype(np.uint8)

    def wrapped(self) -> Grey:
        """Return the levels modulo 256."""
        return (self.levels[1] % (MAX_GREY + 1)).astype(np.uint8)


@dataclass(frozen=True)
class Alarm:
    """What the finder did on a scan that did not wrap.

    Attributes:
        display: how the scan was displayed.
        pixels: that it took for wrapped.
        readings: of the scan before and after; None where nothing was found.
    """

    display: str
    pixels: int
    readings: tuple[ReadScan, ReadScan] | None


def main() -> int:
    """Simulate, read, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=150, help="per seed; each gives two scans")
    parser.add_argument("--seeds", type=int, nargs="+", default=[301, 302, 303])
    parser.add_argument("--model", type=Path, help="ONNX model (default: the shipped one)")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    detector = open_model(options.model)
    record: dict[str, Any] = {"benchmark": "wrapped_levels", "studies": options.studies}
    together: dict[str, States] = {}
    alarms: list[Alarm] = []
    for seed in options.seeds:
        began = time.perf_counter()
        scans = list(simulated(seed, options.studies))
        for encoding, encode in ENCODINGS.items():
            states = read_states(scans, encode, detector)
            record[f"{encoding}, seed {seed}"] = compare(f"{encoding}, seed {seed}", states, detector.card.thresholds)
            together[encoding] = {state: together.get(encoding, {}).get(state, []) + states[state] for state in STATES}
        alarms += [alarm for scan in scans for alarm in false_alarms(scan, detector)]
        print(f"({time.perf_counter() - began:.0f} s)", flush=True)
    for encoding, states in together.items():
        record[f"{encoding}, all seeds"] = compare(f"{encoding}, all seeds", states, detector.card.thresholds)
    record["scans that did not wrap"] = compare_alarms(alarms, detector.card.thresholds)
    print(json.dumps(record))
    return 0


def simulated(seed: int, studies: int) -> Iterator[DisplayedScan]:
    """Yield both views of each study, in simulated counts of its own, times a number of grey levels per count."""
    skeleton, config = load_skeleton(), read_parameters()
    for identifier in range(1, studies + 1):
        study = simulate(skeleton, config, seed, identifier)
        rng = np.random.default_rng([seed, identifier, 1])
        grey_per_count = rng.uniform(*GREY_PER_COUNT)
        for view in study.views.values():
            levels = {
                thinning: np.floor(rng.poisson(view.expected / thinning) * (grey_per_count * thinning) + 0.5)
                for thinning in (1, *THINNED.values())
            }
            yield DisplayedScan(f"{seed}-{identifier}", view, levels)


def through_png(pixels: Grey) -> Grey:
    """Return the pixels as PNG keeps them: as they are."""
    return pixels


def through_jpeg(pixels: Grey) -> Grey:
    """Return the pixels as they come back out of a JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=JPEG_QUALITY)
    return np.asarray(Image.open(file))


ENCODINGS: Mapping[str, Callable[[Grey], Grey]] = {"PNG": through_png, "JPEG": through_jpeg}


def read_states(scans: Sequence[DisplayedScan], encode: Callable[[Grey], Grey], detector: Detector) -> States:
    """Return the readings of each scan as it should be, wrapped, and fixed."""
    states: dict[str, list[ReadScan]] = {state: [] for state in STATES}
    for scan in scans:
        clean = read(scan, encode(scan.clipped()), detector)
        wrapped = fixed = clean
        if scan.hot.any():
            pixels = encode(scan.wrapped())
            found = find_wraparound(pixels)
            wrapped = read(scan, pixels, detector)
            fixed = read(scan, fix_wraparound(pixels, found), detector) if found.regions else wrapped
        for state, reading in zip(STATES, (clean, wrapped, fixed), strict=True):
            states[state].append(reading)
    return states


def read(scan: DisplayedScan, pixels: Grey, detector: Detector) -> ReadScan:
    """Return what the model finds on a scan, displayed in some way, beside its true boxes."""
    marks = scan.view.marks
    true_boxes = np.array([mark.box for mark in marks], np.float32) if marks else empty_boxes()
    found = detector.read(Scan(pixels=pixels))
    result = ScanResult(
        width=pixels.shape[1],
        height=pixels.shape[0],
        true_boxes=true_boxes,
        true_classes=np.array([mark.label for mark in marks], np.int64),
        boxes=found.boxes,
        confidences=found.confidences,
        classes=found.classes,
    )
    hot = scan.hot
    spots = np.array([hot[y1:y2, x1:x2].any() for x1, y1, x2, y2 in (mark.box for mark in marks)], bool)
    evaluated = EvaluatedScan(
        image=Path(scan.patient),
        patient=scan.patient,
        view=scan.view.view,
        result=result,
        abnormal_confidence=found.scan_abnormal_confidence,
        true_places=_no_places(len(true_boxes)),
        places=_no_places(len(found.boxes)),
    )
    return ReadScan(evaluated, spots, bool(hot.any()))


def _no_places(number: int) -> BoxPlaces:
    """Return places that are not known: no figure here needs them."""
    return BoxPlaces(None, np.zeros(number, np.float32))


def false_alarms(scan: DisplayedScan, detector: Detector) -> Iterator[Alarm]:
    """Yield what the finder does on displays that did not wrap; both readings where it finds anything."""
    displays = {name: scan.clipped(factor) for name, factor in WINDOWS.items()}
    displays |= {name: scan.clipped(thinning=thinning) for name, thinning in THINNED.items()}
    for name, pixels in displays.items():
        for encoding, encode in ENCODINGS.items():
            stored = encode(pixels)
            found = find_wraparound(stored)
            pair = None
            if found.regions:
                fixed = fix_wraparound(stored, found)
                pair = (read(scan, stored, detector), read(scan, fixed, detector))
            yield Alarm(f"{name}, {encoding}", int(np.count_nonzero(found.core)), pair)


def compare_alarms(alarms: Sequence[Alarm], thresholds: Thresholds) -> dict[str, Any]:
    """Print and return how often the finder was wrong on each display, and what that cost on those scans."""
    record: dict[str, Any] = {}
    for display in dict.fromkeys(alarm.display for alarm in alarms):
        of_display = [alarm for alarm in alarms if alarm.display == display]
        wrong = [alarm for alarm in of_display if alarm.readings]
        pixels = float(np.median([alarm.pixels for alarm in wrong])) if wrong else 0.0
        print(f"{display}: {len(wrong)} false alarms on {len(of_display)} scans, {pixels:.0f} pixels in the median")
        record[display] = {"scans": len(of_display), "false_alarms": len(wrong), "pixels": pixels}
        if wrong:
            states = {
                state: [ReadScan(r.evaluated, r.spots, True) for r in (a.readings[i] for a in wrong if a.readings)]
                for i, state in enumerate(("not wrapped", "not wrapped, yet fixed"))
            }
            record[display]["cost"] = compare(f"  {display}, where it was wrong", states, thresholds)
    return record


if __name__ == "__main__":
    sys.exit(main())
