"""How well a model reads a set of scans, with intervals, and a picture of its worst readings.

    python -m benchmarks.shipped_model --data data/NAME/dataset.yaml [--model weights/bonescan.onnx] [--picture out.png]

All scans of the data set's test split are read, or with `--all-splits` every scan of a set that the model was not
trained on. Prints average precision, and hits at the model's own threshold, with 95 % intervals by bootstrap over
patients (both views of a patient together); last as JSON. The picture shows the four scans with the most misses and
inventions; of patients it is written outside the repository only.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.realism.boxed_scans import BoxedScan
from benchmarks.realism.contact_sheet import ZOOM, boxed, require_outside, shown_rows
from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.cli import run
from bonescan_yolo.dataset import simulated
from bonescan_yolo.dataset.dataset_yaml import SPLITS, Dataset, read_dataset
from bonescan_yolo.evaluate.bootstrap import draw_weights, summarise
from bonescan_yolo.evaluate.figures.hit_figures import hit_figures
from bonescan_yolo.evaluate.matching.average_precision import average_precision
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, NO_MATCH, best_threshold, hit_scores, match_scan
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.evaluate.matching.scan_result import ScanRecord, ScanResult
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE, read_split
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.predict.drawing import Panel, draw_box, draw_circle, in_palette, show_rows
from bonescan_yolo.scan.read import read_scans

DRAWS = 2000
"""Bootstrap samples; the ends of the intervals then vary by less than 0.01."""

WORST = 4

MISSED_MARGIN_PX, MISSED_WIDTH_PX = 6, 5
INVENTED_MARGIN_PX, INVENTED_WIDTH_PX = 8, 3
"""Of marks in the picture, in its pixels: they lie around the plain boxes."""


def main(arguments: Sequence[str]) -> int:
    """Measure and print; returns 0."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml that `convert` wrote")
    parser.add_argument("--model", type=Path, help="ONNX model (the project's own)")
    parser.add_argument("--all-splits", action="store_true", help="read all scans, not those of the test split alone")
    parser.add_argument("--conf", type=float, help="threshold (the model's own)")
    parser.add_argument("--picture", type=Path, help="PNG file for the worst scans")
    options = parser.parse_args(arguments)
    dataset = read_dataset(options.data)
    if options.picture is not None and dataset.source != simulated.TITLE:
        require_outside(options.picture)
    detector = Detector(options.model, confidence=LOWEST_CONFIDENCE)
    threshold = detector.card.confidence if options.conf is None else options.conf
    splits = [split for split in SPLITS if dataset.images.get(split) and (options.all_splits or split == "test")]
    paths = [path for split in splits for path in dataset.images[split]]
    records = [record for split in splits for record in read_split(dataset, split, detector, threshold)]
    report(dataset, records, threshold)
    if options.picture is not None:
        picture = worst_scans(paths, [record.result for record in records], threshold)
        in_palette(picture).save(options.picture, format="PNG")
    return 0


def report(dataset: Dataset, records: Sequence[ScanRecord], threshold: float) -> None:
    """Print the table and the JSON."""
    results = [record.result for record in records]
    precision, best = average_precision(results), best_threshold(results, LOWEST_CONFIDENCE)
    pool = pool_scans(records, HIT_RULE)
    figures = hit_figures(pool, draw_weights(len(pool.patient_names), DRAWS, 0), threshold)
    found: dict[str, dict[str, float | None]] = {}
    for name, score in hit_scores(results, threshold).items():
        f1 = summarise(figures[f"hits/f1/{name}"])
        found[name] = {"ap50": precision[name].ap50, "f1_low": f1.low, "f1_high": f1.high, **score.as_record()}
    print(f"{len(results)} scans of {dataset.source}; hits at confidence {threshold:g}, best here {best}")
    print(f"{'class':<9}" + "".join(f"{key:>16}" for key in found[CLASS_NAMES[0]]))
    for name, row in found.items():
        cells = ("none" if value is None else f"{value:.4g}" for value in row.values())
        print(f"{name:<9}" + "".join(f"{cell:>16}" for cell in cells))
    record = {"benchmark": "shipped_model", "data": dataset.source, "threshold": threshold, "best_threshold": best}
    print(json.dumps({**record, "classes": found}))


def worst_scans(paths: Sequence[Path], results: Sequence[ScanResult], threshold: float) -> Image.Image:
    """Return the scans with the most errors side by side: boxes are the truth, thick where missed; circles are
    inventions."""
    errors = [sum(s.false_positives + s.misses for s in hit_scores([r], threshold).values()) for r in results]
    chosen = np.argsort(errors, kind="stable")[::-1][:WORST]
    scans = [_boxed(paths[index], results[index]) for index in chosen]
    rows = shown_rows(scans)
    tiles = []
    for index, scan in zip(chosen, scans, strict=True):
        panel = show_rows(scan.grey, rows, ZOOM)
        image = boxed(panel, scan)
        _mark_errors(ImageDraw.Draw(image), panel, results[index], threshold)
        tiles.append(image)
    canvas = Image.new("RGB", (sum(image.width for image in tiles), tiles[0].height))
    for number, image in enumerate(tiles):
        canvas.paste(image, (number * image.width, 0))
    return canvas


def _boxed(path: Path, result: ScanResult) -> BoxedScan:
    scan = read_scans(path)[0]
    boxes = [
        (bool(class_id == ABNORMAL), *(round(float(edge)) for edge in box))
        for box, class_id in zip(result.true_boxes, result.true_classes, strict=True)
    ]
    return BoxedScan(scan.grey(), str(scan.view), boxes)


def _mark_errors(pen: ImageDraw.ImageDraw, panel: Panel, result: ScanResult, threshold: float) -> None:
    """Thicken the missed boxes, and circle what was invented."""
    taken = np.where(result.confidences > threshold, match_scan(result), NO_MATCH)
    for number, (box, class_id) in enumerate(zip(result.true_boxes, result.true_classes, strict=True)):
        if number not in taken:
            draw_box(pen, panel.place(box, MISSED_MARGIN_PX), int(class_id), MISSED_WIDTH_PX)
    for box, class_id, confidence, match in zip(result.boxes, result.classes, result.confidences, taken, strict=True):
        if match == NO_MATCH and confidence > threshold:
            draw_circle(pen, panel.place(box, INVENTED_MARGIN_PX), int(class_id), INVENTED_WIDTH_PX)


if __name__ == "__main__":
    run(main)
