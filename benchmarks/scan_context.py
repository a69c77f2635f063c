"""How much the other abnormal boxes of a scan should count: fits the weight of `bonescan_yolo.model.rescoring`.

    python -m benchmarks.scan_context --data data/NAME/dataset.yaml [--weights weights/bonescan.pt] [--split val]
        [--resolution COLUMNS ROWS]

Reads a split with boxes by themselves, and fits by logistic regression how their own logit and the logarithm of one
plus the number of others decide whether they hit: weight and lone are what makes 0.5 the even chance. Then prints what
F1 the class abnormal has without context, with that of the weights' own description, and with the fitted one, each at
its best threshold of at most 1.5 false boxes a scan. `--resolution` first reduces the scans to so many columns and
rows, as scans out of figures are. Last as JSON.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression

from benchmarks.realism.boxed_scans import reduced
from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.cli import run
from bonescan_yolo.dataset.dataset_yaml import SPLITS, Dataset, read_dataset
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, HitScore, hit_scores, match_scan
from bonescan_yolo.evaluate.matching.scan_result import ScanResult
from bonescan_yolo.evaluate.read_split import compare, images_of
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.rescoring import FLOOR, Context, in_context
from bonescan_yolo.model.torch_network import TorchDetector
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.train.run_record import read_card

LOWEST_CONFIDENCE = 0.02
"""Of boxes that are read at all; context lifts none from below into view."""

MOST_FALSE = 1.5
"""False abnormal boxes a scan that a reader puts up with."""

THRESHOLDS = np.arange(0.05, 0.95, 0.01)


def main(arguments: Sequence[str]) -> int:
    """Measure and print; returns 0."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml that `convert` wrote")
    parser.add_argument("--weights", type=Path, default=Path("weights") / "bonescan.pt", help=".pt file (%(default)s)")
    parser.add_argument("--split", choices=(*SPLITS, "all"), default="val", help="(%(default)s)")
    parser.add_argument("--resolution", type=int, nargs=2, metavar=("COLUMNS", "ROWS"))
    options = parser.parse_args(arguments)
    dataset = read_dataset(options.data)
    splits = [split for split in SPLITS if dataset.images.get(split)] if options.split == "all" else [options.split]
    card = read_card(options.weights)
    alone = replace(card, context_weight=0.0, context_lone=1.0)
    detector = TorchDetector(options.weights, LOWEST_CONFIDENCE, alone)
    results = list(read_alone(dataset, splits, detector, options.resolution))
    fitted = fit_context(results)
    found: dict[str, dict[str, float | None]] = {}
    for name, context in [("none", Context()), ("own", card.context), ("fitted", fitted)]:
        score, threshold = best_score([together(result, context) for result in results])
        found[name] = {"weight": context.weight, "lone": context.lone, "threshold": threshold, **score.as_record()}
    print(f"{len(results)} scans of {dataset.source} by {options.weights}")
    for name, row in found.items():
        print(f"{name:<8}" + "  ".join(f"{key} {value:.4g}" for key, value in row.items() if value is not None))
    print(json.dumps({"benchmark": "scan_context", "data": dataset.source, **found}))
    return 0


def read_alone(
    dataset: Dataset, splits: Sequence[str], detector: Detector, resolution: tuple[int, int] | None
) -> Iterator[ScanResult]:
    """Yield truth and boxes of each scan of some splits, reduced to `resolution` if given."""
    for path in (path for split in splits for path in images_of(dataset, split)):
        scan = read_scans(path)[0]
        pixels = np.asarray(reduced(Image.fromarray(scan.grey()), resolution))
        yield compare(dataset, detector.read(replace(scan, pixels=pixels)))


def fit_context(results: Sequence[ScanResult]) -> Context:
    """Return the context by which hits and false boxes of the class abnormal are most likely."""
    features, hits = [], []
    for result in results:
        chosen = (result.classes == ABNORMAL) & (result.confidences > FLOOR)
        own = result.confidences[chosen].astype(np.float64)
        features.append(np.stack([np.log(own / (1 - own)), np.log1p(own.sum() - own)], axis=1))
        hits.append(match_scan(result)[chosen] != NO_MATCH)
    model = LogisticRegression(C=100.0).fit(np.concatenate(features), np.concatenate(hits))
    alone, others = model.coef_[0]
    return Context(float(others / alone), float(np.exp(model.intercept_[0] / alone)))


def together(result: ScanResult, context: Context) -> ScanResult:
    """Return a scan's boxes in the light of each other, best first."""
    confidences = in_context(result.confidences, result.classes, context)
    order = np.argsort(-confidences, kind="stable")
    return replace(result, boxes=result.boxes[order], confidences=confidences[order], classes=result.classes[order])


def best_score(results: Sequence[ScanResult]) -> tuple[HitScore, float]:
    """Return the best score of the class abnormal with no more false boxes than allowed, and its threshold."""
    scores = [(hit_scores(results, threshold)[CLASS_NAMES[ABNORMAL]], float(threshold)) for threshold in THRESHOLDS]
    allowed = [pair for pair in scores if (pair[0].false_per_scan or 0.0) <= MOST_FALSE]
    return max(allowed, key=lambda pair: pair[0].f1 or 0.0)


if __name__ == "__main__":
    run(main)
