"""Measure a model on a split of a data set: `python -m bonescan_yolo.evaluate --data data/NAME/dataset.yaml`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.dataset_yaml import SPLITS, Dataset, read_dataset
from bonescan_yolo.detector import Detector
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import write_text
from bonescan_yolo.hits import HIT_IOU, RULE, HitScore, best_threshold, hit_scores
from bonescan_yolo.metrics import ClassMetrics, ScanResult, average_precision
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.scan.view import VIEWS, View
from bonescan_yolo.yolo_labels import read_labels

DEFAULT_OUT = Path("runs") / "evaluate"
LOWEST_CONFIDENCE = 0.001
"""Average precision needs the whole curve, down to predictions nobody would show; Ultralytics takes the same."""

SCHEMA_VERSION = 1


def read_split(dataset: Dataset, split: str, detector: Detector) -> list[tuple[View | None, ScanResult]]:
    """Return truth and prediction of every scan of a split, with its view."""
    results = []
    images = dataset.images[split]
    for path in cli.progress(images, len(images), f"reading {split}"):
        scan = read_scans(path)[0]
        reading = detector.read(scan)
        true_boxes, true_classes = read_labels(dataset.label_path(path), scan.width, scan.height)
        result = ScanResult(
            width=scan.width,
            height=scan.height,
            true_boxes=true_boxes,
            true_classes=true_classes,
            boxes=reading.boxes,
            confidences=reading.confidences,
            classes=reading.classes,
        )
        results.append((scan.view, result))
    return results


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    dataset = read_dataset(options.data)
    if not dataset.images.get(options.split):
        raise BonescanError(f"{options.data}: split `{options.split}` has no scans; choose another --split")
    detector = Detector(options.model, confidence=LOWEST_CONFIDENCE)
    threshold = detector.card.confidence if options.conf is None else options.conf
    if not LOWEST_CONFIDENCE <= threshold <= 1:
        raise BonescanError(f"confidence {threshold}: lies outside {LOWEST_CONFIDENCE} to 1; give another --conf")
    views_and_results = read_split(dataset, options.split, detector)
    results = [result for _, result in views_and_results]
    metrics = {"all": average_precision(results)}
    for view in VIEWS:
        metrics[view] = average_precision([result for seen, result in views_and_results if seen == view])
    hits = hit_scores(results, threshold)
    best = best_threshold(results, LOWEST_CONFIDENCE)
    content = {
        "schema_version": SCHEMA_VERSION,
        "model": {"file": str(detector.path), "sha256": detector.sha256, "trained_on": detector.card.trained_on},
        "data": {"path": str(options.data), "sha256": dataset.sha256(), "split": options.split, "scans": len(results)},
        "average_precision": {
            view: {name: asdict(metric) for name, metric in classes.items()} for view, classes in metrics.items()
        },
        "hits": {"rule": RULE, "threshold": threshold, "best_threshold": best}
        | {name: score.as_record() for name, score in hits.items()},
    }
    write_text(options.out / "metrics.json", json.dumps(content, indent=2) + "\n")
    _print_table(metrics)
    _print_hits(hits, threshold, best)
    sys.stdout.write(f"{len(results)} scans of {options.data}, split {options.split}; {options.out / 'metrics.json'}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(prog="python -m bonescan_yolo.evaluate", description="Measure a model.")
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml that `convert` wrote")
    parser.add_argument("--model", type=Path, help="ONNX model (the project's own)")
    parser.add_argument("--split", choices=SPLITS, default="test", help="(%(default)s)")
    parser.add_argument("--conf", type=float, help="confidence above which hits are counted (the model's own)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for metrics.json (%(default)s)")
    return parser


def _print_table(metrics: dict[str, dict[str, ClassMetrics]]) -> None:
    """Print a line for each view and class."""
    sys.stdout.write(f"{'view':<10} {'class':<9} {'boxes':>6} {'AP50':>6} {'AP50-95':>8}\n")
    for view, classes in metrics.items():
        for name, metric in classes.items():
            cells = [f"{value:.3f}" if value is not None else "no box" for value in (metric.ap50, metric.ap50_95)]
            sys.stdout.write(f"{view:<10} {name:<9} {metric.true_boxes:>6} {cells[0]:>6} {cells[1]:>8}\n")


def _print_hits(hits: dict[str, HitScore], threshold: float, best: float | None) -> None:
    """Print a line for each class, and the threshold that would have been best."""
    sys.stdout.write(
        f"\nhits above confidence {threshold} (IoU of at least {HIT_IOU}, or centre inside the true box)\n"
    )
    shares = f"{'precision':>9} {'recall':>6} {'F1':>6} {'false/scan':>10}"
    sys.stdout.write(f"{'class':<9} {'hit':>6} {'missed':>6} {'false':>6} {shares}\n")
    for name, score in hits.items():
        cells = [f"{value:.3f}" if value is not None else "-" for value in (score.precision, score.recall, score.f1)]
        sys.stdout.write(
            f"{name:<9} {score.true_positives:>6} {score.misses:>6} {score.false_positives:>6} "
            f"{cells[0]:>9} {cells[1]:>6} {cells[2]:>6} {score.false_per_scan:>10.2f}\n"
        )
    sys.stdout.write(f"best threshold on this split: {best if best is not None else 'none, as nothing is hit'}\n\n")


if __name__ == "__main__":
    cli.run(main)
