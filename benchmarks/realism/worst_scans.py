"""The scans that a model reads worst, side by side: the picture docs/failures.png.

    python -m benchmarks.realism.worst_scans --data data/NAME/dataset.yaml --out docs/failures.png
        [--model weights/bonescan.onnx] [--conf 0.45] [--split test]

Shows the four scans with the most misses and inventions. Boxes are the truth, thick if missed, and circles
are inventions; vermilion is abnormal, green normal. Pictures of patients are only written outside the repository. All
figures of a model are in the report of `bonescan evaluate`.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.realism.boxed_scans import BoxedScan
from benchmarks.realism.contact_sheet import ZOOM, boxed, require_outside, shown_rows
from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.cli import run
from bonescan_yolo.commands.threshold_option import EACH, thresholds_of
from bonescan_yolo.dataset import simulated
from bonescan_yolo.dataset.dataset_yaml import SPLITS, read_dataset
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, hit_scores, match_scan
from bonescan_yolo.evaluate.read_split import ALL, open_model, read_results, splits_of
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.predict.colours import in_palette
from bonescan_yolo.predict.drawing import Panel, draw_box, draw_circle, show_rows
from bonescan_yolo.scan.read import read_scans

WORST = 4
MISSED_MARGIN_PX, MISSED_LINE_PX = 6, 5
CIRCLE_MARGIN_PX, CIRCLE_LINE_PX = 8, 3
"""Of the enlarged picture."""


def main(arguments: Sequence[str]) -> int:
    """Write the picture; returns 0."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml that `convert` wrote")
    parser.add_argument("--out", type=Path, required=True, help="PNG file; of patients outside the repository")
    parser.add_argument("--model", type=Path, help="ONNX or .pt file (default: the shipped one)")
    parser.add_argument("--split", choices=(*SPLITS, ALL), default="test", help="(%(default)s)")
    parser.add_argument("--conf", type=thresholds_of, help=f"threshold, {EACH} (the model's own)")
    options = parser.parse_args(arguments)
    dataset = read_dataset(options.data)
    if dataset.source != simulated.TITLE:
        require_outside(options.out)
    detector = open_model(options.model)
    thresholds = options.conf or detector.card.thresholds
    results = read_results(dataset, options.split, detector)
    paths = [path for split in splits_of(dataset, options.split) for path in dataset.images[split]]
    in_palette(worst_scans(paths, results, thresholds)).save(options.out, format="PNG")
    print(f"{options.out}: the {min(WORST, len(results))} worst of {len(results)} scans")
    return 0


def worst_scans(paths: Sequence[Path], results: Sequence[ScanResult], thresholds: Thresholds) -> Image.Image:
    """Return the scans with the most errors side by side.

    Args:
        paths: of the scans.
        results: their true and predicted boxes.
        thresholds: confidence above which boxes of each class are shown.
    """
    errors = [sum(s.false_positives + s.misses for s in hit_scores([r], thresholds).values()) for r in results]
    chosen = np.argsort(errors, kind="stable")[::-1][:WORST]
    scans = [_boxed(paths[index], results[index]) for index in chosen]
    rows = shown_rows(scans)
    tiles = []
    for index, scan in zip(chosen, scans, strict=True):
        panel = show_rows(scan.grey, rows, ZOOM)
        image = boxed(panel, scan)
        _mark_errors(ImageDraw.Draw(image), panel, results[index], thresholds)
        tiles.append(image)
    canvas = Image.new("RGB", (sum(image.width for image in tiles), tiles[0].height))
    for number, image in enumerate(tiles):
        canvas.paste(image, (number * image.width, 0))
    return canvas


def _boxed(path: Path, result: ScanResult) -> BoxedScan:
    """Return a scan with its true boxes, in whole pixels."""
    scan = read_scans(path)[0]
    boxes = []
    for box, class_id in zip(result.true_boxes, result.true_classes, strict=True):
        x1, y1, x2, y2 = (round(float(edge)) for edge in box)
        boxes.append((bool(class_id == ABNORMAL), x1, y1, x2, y2))
    return BoxedScan(scan.grey(), str(scan.view), boxes)


def _mark_errors(pen: ImageDraw.ImageDraw, panel: Panel, result: ScanResult, thresholds: Thresholds) -> None:
    """Draw missed boxes thicker, and circle inventions."""
    shown = thresholds.above(result.confidences, result.classes)
    taken = np.where(shown, match_scan(result), NO_MATCH)
    for number, (box, class_id) in enumerate(zip(result.true_boxes, result.true_classes, strict=True)):
        if number not in taken:
            draw_box(pen, panel.place(box, MISSED_MARGIN_PX), int(class_id), MISSED_LINE_PX)
    for box, class_id, is_shown, match in zip(result.boxes, result.classes, shown, taken, strict=True):
        if match == NO_MATCH and is_shown:
            draw_circle(pen, panel.place(box, CIRCLE_MARGIN_PX), int(class_id), CIRCLE_LINE_PX)


if __name__ == "__main__":
    run(main)
