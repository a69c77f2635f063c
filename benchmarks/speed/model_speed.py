"""Measure the time per scan of a loaded model: detector around it, INT8, and rows below the feet left out.

All take turns on the same scans, on one thread; figures are medians of ratios. INT8 is faster if the processor
multiplies bytes (AVX512-VNNI and similar); the benchmark prints whether this one does. Leaving out rows is compared
with a copy of the file that computes all rows.

    python -m benchmarks.speed.model_speed [--studies 50] [--data data/NAME/dataset.yaml] [--rounds 3]

Prints a table, last a line of JSON. Exits with 1 if it misses a bar.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.ways import simulate_scans
from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.export.file_checks import lowered_thresholds, share_equivalent
from bonescan_yolo.model.app_layout import SCAN_INPUT, AppLayout
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.onnx_file import open_session, read_onnx
from bonescan_yolo.model.runtime import Shown
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.scan.record import Scan

APP, INT8 = (Path("weights") / f"bonescan-app{suffix}.onnx" for suffix in ("", "-int8"))

MOST_OVER_SESSION = 1.05
MOST_INT8 = 0.55
MOST_CROPPED = 0.80
LEAST_EQUIVALENT = 0.99
"""The bars; the one of INT8 applies to processors with VNNI."""

THREADS = 1
"""Threads per session; with more, threads of idle sessions would take time from the running one."""

CROPPED = "rows.cropped"
"""Output of the node that leaves out rows."""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=50, help="simulated studies, two scans each")
    parser.add_argument("--data", type=Path, help="read the scans of a data set instead, all splits")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scans = [read_scans(path)[0] for path in _paths(options.data, folder, options.studies)]
        whole = folder / "whole.onnx"
        _compute_all_rows(APP, whole)
        figures = measure(scans, whole, options.rounds)
    has_vnni = _has_vnni()
    print(f"this processor {'has' if has_vnni else 'lacks'} VNNI; {len(scans)} scans, {options.rounds} rounds")
    for key, value in figures.items():
        print(f"{key.replace('_', ' '):<40} {value:.3f}")
    print(json.dumps({"benchmark": "model_speed", "scans": len(scans), "processor_has_vnni": has_vnni, **figures}))
    return int(
        figures["detector_over_session"] > MOST_OVER_SESSION
        or (has_vnni and figures["int8_over_fp32"] > MOST_INT8)
        or figures["cropped_over_whole"] > MOST_CROPPED
        or figures["scans_with_the_same_boxes"] < LEAST_EQUIVALENT
    )


def _paths(data: Path | None, folder: Path, studies: int) -> list[Path]:
    if data is None:
        return simulate_scans(folder / "source", studies)
    return [path for images in read_dataset(data).images.values() for path in images]


def measure(scans: list[Scan], whole: Path, rounds: int) -> dict[str, float]:
    """Return ratios of times, and the share of scans with the same boxes without the rows below the feet."""
    card = Detector(APP).card
    shown = Shown(card.thresholds, card.iou, card.rescoring)
    app, eight, uncropped = (read_onnx(path) for path in (APP, INT8, whole))
    session = open_session(app, THREADS, {}).session
    ours, in_int8, whole_frame = (AppLayout(each, card, shown, THREADS) for each in (app, eight, uncropped))
    lowered = replace(shown, thresholds=lowered_thresholds(shown.thresholds))
    compared = [AppLayout(each, card, lowered, THREADS) for each in (uncropped, app)]
    ways: dict[str, Callable[[Scan], Any]] = {
        "session": lambda scan: session.run(None, {SCAN_INPUT: scan.pixels}),
        "detector": lambda scan: ours.find(scan.grey()),
        "int8": lambda scan: in_int8.find(scan.grey()),
        "whole": lambda scan: whole_frame.find(scan.grey()),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        for scan in scans if number else scans[:3]:
            for way, read in ways.items():
                began = time.perf_counter()
                read(scan)
                if number:
                    seconds[way].append(time.perf_counter() - began)
    greys: list[NDArray[np.uint8]] = [scan.grey() for scan in scans]
    return {
        "ms_a_scan": 1000 * median(seconds["detector"]),
        "ms_a_scan_int8": 1000 * median(seconds["int8"]),
        "detector_over_session": _ratio(seconds, "detector", "session"),
        "int8_over_fp32": _ratio(seconds, "int8", "detector"),
        "cropped_over_whole": _ratio(seconds, "detector", "whole"),
        "scans_with_the_same_boxes": share_equivalent(compared[0], compared[1], greys, card.thresholds),
    }


def _ratio(seconds: dict[str, list[float]], upper: str, lower: str) -> float:
    return median(above / below for above, below in zip(seconds[upper], seconds[lower], strict=True))


def _compute_all_rows(source: Path, target: Path) -> None:
    """Write a copy of a self-contained file in which the cut of rows does nothing."""
    import onnx

    model = onnx.load(source)
    (cut,) = (node for node in model.graph.node if list(node.output) == [CROPPED])
    cut.op_type = "Identity"
    del cut.input[1:]
    onnx.save(model, target)


def _has_vnni() -> bool:
    """Return whether the processor multiplies bytes; False if the system does not say."""
    path = Path("/proc/cpuinfo")
    return path.is_file() and "vnni" in path.read_text()


if __name__ == "__main__":
    sys.exit(main())
