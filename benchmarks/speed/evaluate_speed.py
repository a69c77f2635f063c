"""Measure the time of an evaluation without reading the scans: figures, bootstrap and outputs for 10,000 scans.

    python -m benchmarks.speed.evaluate_speed [--scans 10000]

The scans are made up, with as many true boxes and detections per scan as the shipped model has on simulated scans; the
report shows the worst twelve. Prints the seconds of each part, wall time and processor time (sum over threads), last as
JSON. Exits with 1 if the wall time exceeds the bar.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bonescan_yolo.evaluate.bootstrap import DRAWS, draw_weights, summarise
from bonescan_yolo.evaluate.evaluation import DataFacts, Evaluation, ModelResult
from bonescan_yolo.evaluate.figures.ultralytics_precision import ultralytics_precision
from bonescan_yolo.evaluate.matching.evaluated_scan import NO_BONE, BoxPlaces, EvaluatedScan, ScanResult
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.evaluate.measured import choose, measure
from bonescan_yolo.evaluate.report import errors_csv, html, metrics_json
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.regions.region_names import REGIONS
from bonescan_yolo.scan.identity.names import VIEWS
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
from bonescan_yolo.version import __version__

MOST_SECONDS = 180.0
"""The bar for 10,000 scans on two cores; proportionally less for fewer scans."""

BAR_SCANS = 10_000
DETECTIONS = 44
"""Per scan, down to a confidence of 0.001: the shipped model's on 218 simulated scans."""

TRUE_BOXES = 3.5
"""Per scan, on the same scans."""

ILL = 0.4
"""Share of patients with boxes; the others have none."""


def main() -> int:
    """Measure and print; returns 1 above the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scans", type=int, default=BAR_SCANS)
    options = parser.parse_args()
    prepare_ultralytics()
    import torch  # noqa: F401 its import is not part of the measurement

    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "scan_anterior.png"
        Image.fromarray(np.random.default_rng(0).poisson(8, (1024, 256)).astype(np.uint8)).save(image)
        records = make_records(options.scans, image)
        stopwatch.start()
        pool = pool_scans(records, HIT_RULE)
        choices = choose(records[: len(records) // 10], "val", HIT_RULE)
        weights = draw_weights(len(pool.patient_names), DRAWS, 0)
        stopwatch.lap("matching")
        measured = measure(pool, choices, Thresholds.both(0.3), weights)
        figures = {key: summarise(sampled) for key, sampled in measured.figures.items()}
        stopwatch.lap("figures")
        theirs = ultralytics_precision([record.result for record in records])
        stopwatch.lap("ultralytics")
        evaluation = Evaluation(
            DataFacts("dataset.yaml", "made up", "0" * 64, "test"),
            (ModelResult("model.onnx", "model.onnx", "0" * 64, "nothing", None, measured, theirs, figures),),
            HIT_RULE,
            DRAWS,
            0,
            "python -m benchmarks.speed.evaluate_speed",
            {"bonescan_yolo": __version__},
        )
        metrics_json.dump(metrics_json.describe(evaluation))
        errors_csv.dump_boxes(evaluation)
        errors_csv.dump_scans(evaluation)
        html.render(evaluation)
        stopwatch.lap("outputs")
    for part, (clock, processor) in stopwatch.laps.items():
        print(f"{part:<12}{clock:7.1f} s, processor {processor:7.1f} s")
    total, busy = (sum(lap[column] for lap in stopwatch.laps.values()) for column in (0, 1))
    bar = MOST_SECONDS * options.scans / BAR_SCANS
    print(f"{'in all':<12}{total:7.1f} s, processor {busy:7.1f} s; {options.scans} scans, bar {bar:.0f} s")
    result = {"benchmark": "evaluate_speed", "scans": options.scans, "figures": len(figures), "draws": DRAWS}
    print(json.dumps({**result, "seconds": round(total, 1), "processor_seconds": round(busy, 1), "bar_s": bar}))
    return int(total > bar)


class Stopwatch:
    """Takes laps: wall time, and processor time of all threads, in seconds."""

    def __init__(self) -> None:
        """Start the first lap."""
        self.laps: dict[str, tuple[float, float]] = {}
        self.start()

    def start(self) -> None:
        """Begin a lap."""
        self._began = time.perf_counter(), time.process_time()

    def lap(self, name: str) -> None:
        """End a lap and begin the next."""
        self.laps[name] = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
        self.start()


def make_records(scans: int, image: Path) -> list[EvaluatedScan]:
    """Return scans, two views per patient; only patients with disease have boxes."""
    random = np.random.default_rng(0)
    return [_make_record(random, image, number) for number in range(scans)]


def _make_record(random: np.random.Generator, image: Path, number: int) -> EvaluatedScan:
    """Return a scan on which most true boxes are found, with many faint false detections."""
    is_ill = number // 2 % 10 < 10 * ILL
    n_true = random.poisson(TRUE_BOXES / ILL) if is_ill else 0
    corners = random.uniform([0, 0], [240, 1000], (n_true, 2))
    true = np.concatenate([corners, corners + random.uniform(4, 20, corners.shape)], axis=1)
    n_vain = max(0, DETECTIONS - n_true)
    places = random.uniform([0, 0], [240, 1000], (n_vain, 2))
    vain = np.concatenate([places, places + random.uniform(4, 20, places.shape)], axis=1)
    found = true + random.normal(0, 1.2, true.shape)
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    boxes = np.concatenate([found, vain]).astype(np.float32)
    true_classes = random.integers(0, 2, n_true)
    classes = np.concatenate([true_classes, random.integers(0, 2, n_vain)])
    confidences = np.concatenate([random.beta(2, 2, n_true), random.beta(0.3, 8, n_vain)]).astype(np.float32)
    result = ScanResult(256, 1024, true.astype(np.float32), true_classes, boxes, confidences, classes)
    return EvaluatedScan(
        image=image,
        patient=str(number // 2),
        view=VIEWS[number % 2],
        result=result,
        abnormal_confidence=float(confidences[classes == 0].max(initial=0)),
        true_places=_places(random, n_true),
        places=_places(random, len(boxes)),
    )


def _places(random: np.random.Generator, count: int) -> BoxPlaces:
    return BoxPlaces(random.integers(NO_BONE, len(REGIONS), count), random.gamma(4, 0.5, count).astype(np.float32))


if __name__ == "__main__":
    sys.exit(main())
