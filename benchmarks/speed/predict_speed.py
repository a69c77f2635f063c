"""Measure `python -m bonescan_yolo.predict` as a whole process, against Ultralytics and against the floor.

Measures one scan from a cold start, a folder of 500, and how time and memory grow with the folder. The floor is Python
with numpy and onnxruntime, one session, one run, and nothing else. Ultralytics reads the same weights, as .pt and as
the stock ONNX file; the faster one is compared. Figures are ratios of medians of processes that take turns. Compare
the ratios, because times depend on the machine.

    python -m benchmarks.speed.predict_speed [--rounds 9] [--folder 500] [--largest 10000]

Prints a table, last a line of JSON. Exits with 1 if it misses a bar.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.speed.processes import Cost, run, take_turns
from benchmarks.speed.ways import simulate_scans

STOCK, APP, WEIGHTS = (Path("weights") / name for name in ("bonescan.onnx", "bonescan-app.onnx", "bonescan.pt"))

LEAST_FASTER_COLD = 12.0
MOST_MEMORY = 0.25
MOST_OVER_FLOOR = 1.3
LEAST_FASTER_FOLDER = 4.0
"""The bars: speed relative to Ultralytics and share of its memory for one scan; time relative to the floor; scans per
second relative to Ultralytics in a folder."""

MOST_GROWTH = 1.2
"""The bar: memory, and time per scan, of the largest folder relative to a folder a tenth as large."""

DISTINCT_STUDIES = 25

FLOOR = """
import os, sys
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = os.cpu_count()
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
session.run(None, {"scan": numpy.full((1024, 256), 9, numpy.uint8)})
"""

ULTRALYTICS = """
import sys
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
prepare_ultralytics()
from ultralytics import YOLO
for result in YOLO(sys.argv[1], task="detect").predict(
    sys.argv[2], imgsz=(1024, 256), conf=0.3, iou=0.3, stream=True, verbose=False, save=False
):
    text = result.to_json()
"""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of the cold start")
    parser.add_argument("--folder", type=int, default=500)
    parser.add_argument("--largest", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scans = simulate_scans(folder / "source", DISTINCT_STUDIES)
        cold, cold_missed = measure_cold(scans[0], folder / "out", options.rounds)
        many, many_missed = measure_folder(link(scans, folder / "many", options.folder), folder / "out", options.folder)
        growth, growth_missed = measure_growth(scans, folder, options.largest)
    print(json.dumps({"benchmark": "predict_speed", "cold": cold, "folder": many, "growth": growth}))
    return int(cold_missed or many_missed or growth_missed)


def ours(source: Path, out: Path, *more: str) -> list[str]:
    """Return a command that reads with this package."""
    return [sys.executable, "-m", "bonescan_yolo.predict", str(source), "--out", str(out), *more]


def theirs(model: Path, source: Path) -> list[str]:
    """Return a command that reads with Ultralytics, as quiet and offline as it can be made."""
    return [sys.executable, "-c", ULTRALYTICS, str(model), str(source)]


def link(scans: list[Path], folder: Path, number: int) -> Path:
    """Return a folder of this number of scans, links to a few files."""
    folder.mkdir()
    for index in range(number):
        os.link(scans[index % len(scans)], folder / f"{index}.jpg")
    return folder


def measure_cold(scan: Path, out: Path, rounds: int) -> tuple[dict[str, float], bool]:
    """Compare one scan from a cold start, including writing picture and JSON."""
    costs = take_turns(
        {
            "floor": [sys.executable, "-c", FLOOR, str(APP)],
            "predict": ours(scan, out),
            "without a picture": ours(scan, out, "--no-picture"),
            "Ultralytics, .onnx": theirs(STOCK, scan),
            "Ultralytics, .pt": theirs(WEIGHTS, scan),
        },
        rounds,
    )
    for name, cost in costs.items():
        print(f"{name:<20} {1000 * cost.seconds:7.0f} ms  {cost.megabytes:6.0f} MB")
    predict, floor = costs["predict"], costs["floor"]
    fastest = _fastest(costs)
    figures = {
        "times_as_fast_as_ultralytics": fastest.seconds / predict.seconds,
        "of_its_memory": predict.megabytes / fastest.megabytes,
        "over_floor": predict.seconds / floor.seconds,
        "over_floor_without_picture": costs["without a picture"].seconds / floor.seconds,
    }
    _show("one scan, cold", figures)
    missed = (
        figures["times_as_fast_as_ultralytics"] < LEAST_FASTER_COLD
        or figures["of_its_memory"] > MOST_MEMORY
        or figures["over_floor"] > MOST_OVER_FLOOR
    )
    return figures, missed


def measure_folder(folder: Path, out: Path, number: int) -> tuple[dict[str, float], bool]:
    """Compare a folder of scans, from decoding to JSON; the comparison is without pictures."""
    costs = take_turns(
        {
            "predict": ours(folder, out, "--no-picture", "--quiet"),
            "predict, pictures": ours(folder, out, "--quiet"),
            "predict, INT8": ours(folder, out, "--no-picture", "--quiet", "--model", "weights/bonescan-app-int8.onnx"),
            "Ultralytics, .onnx": theirs(STOCK, folder),
            "Ultralytics, .pt": theirs(WEIGHTS, folder),
        },
        2,
    )
    for name, cost in costs.items():
        print(f"{name:<20} {number / cost.seconds:7.1f} scans/s  {cost.megabytes:6.0f} MB")
    ratio = _fastest(costs).seconds / costs["predict"].seconds
    figures = {"scans_per_s": number / costs["predict"].seconds, "times_ultralytics": ratio}
    _show(f"a folder of {number}", figures)
    return figures, ratio < LEAST_FASTER_FOLDER


def measure_growth(scans: list[Path], folder: Path, largest: int) -> tuple[dict[str, list[float]], bool]:
    """Print time per scan and memory in folders of growing size."""
    sizes = [size for size in (10, 100, 1000, 10_000) if size <= largest]
    costs = []
    for size in sizes:
        costs.append(
            run(ours(link(scans, folder / f"of{size}", size), folder / f"out{size}", "--no-picture", "--quiet"))
        )
        print(f"{size:>6} scans  {1000 * costs[-1].seconds / size:7.1f} ms per scan  {costs[-1].megabytes:6.0f} MB")
    a_scan = [1000 * cost.seconds / size for cost, size in zip(costs, sizes, strict=True)]
    missed = a_scan[-1] > MOST_GROWTH * a_scan[-2] or costs[-1].megabytes > MOST_GROWTH * costs[-2].megabytes
    return {"scans": [*map(float, sizes)], "ms_a_scan": a_scan, "mb": [cost.megabytes for cost in costs]}, missed


def _fastest(costs: dict[str, Cost]) -> Cost:
    return min((cost for name, cost in costs.items() if name.startswith("Ultralytics")), key=lambda cost: cost.seconds)


def _show(title: str, figures: dict[str, float]) -> None:
    print(f"{title}: " + ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
