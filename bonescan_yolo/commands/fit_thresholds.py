"""`bonescan fit-thresholds --data data/NAME/dataset.yaml`: choose a model's operating points."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.commands.trust_option import add_trust_option
from bonescan_yolo.dataset.dataset_yaml import SPLITS
from bonescan_yolo.evaluate.bootstrap import DRAWS
from bonescan_yolo.evaluate.operating_point_fit import PointOptions, fit_operating_points, format_points
from bonescan_yolo.evaluate.point_choice import SENSITIVE_RATIO, SPECIFIC_RATIO
from bonescan_yolo.evaluate.read_split import ALL
from bonescan_yolo.files import require_writable
from bonescan_yolo.model.card_file import store_operating_points
from bonescan_yolo.model.operating_points import POINT_NAMES
from bonescan_yolo.model.points_file import write_points


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parsed = build_parser().parse_args(arguments)
    options = PointOptions(
        data=tuple(parsed.data),
        model=parsed.model,
        split=parsed.split,
        false_per_scan=None if parsed.false_per_scan is None else tuple(parsed.false_per_scan),
        draws=parsed.draws,
        seed=parsed.seed,
        store=parsed.store,
        trust=parsed.trust,
    )
    if parsed.out is not None:
        require_writable(parsed.out.parent)
    fit = fit_operating_points(options)
    sys.stdout.write(format_points(fit, options.false_per_scan))
    if parsed.out is not None:
        write_points(parsed.out, fit.chosen.points)
        sys.stdout.write(f"{parsed.out}  for `export --operating-points` and `release --operating-points`\n")
    if parsed.store:
        store_operating_points(fit.model, fit.chosen.points)
        sys.stdout.write(f"{fit.model}  now has these operating points\n")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan fit-thresholds",
        description="Choose the operating points of a model on annotated scans: balanced has the threshold with the "
        f"highest F1 of each class, sensitive and specific the thresholds with {SENSITIVE_RATIO:g} and "
        f"{SPECIFIC_RATIO:g} times as many false abnormal boxes. Of several data sets each counts the same.",
    )
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="dataset.yaml that `convert` wrote, one or several"
    )
    parser.add_argument("--model", type=Path, help="ONNX or .pt file (default: the shipped one)")
    parser.add_argument(
        "--split",
        choices=(*SPLITS, ALL),
        default="val",
        help=f"scans to choose on; {ALL} is for data sets that the model was not trained on (%(default)s)",
    )
    parser.add_argument(
        "--false-per-scan",
        type=float,
        nargs=len(POINT_NAMES),
        metavar=tuple(name.upper() for name in POINT_NAMES),
        help="choose each point by false abnormal boxes per scan instead, at most these, such as 2 1 0.3; for scans "
        "of the hospital that the model is for",
    )
    parser.add_argument("--draws", type=int, default=DRAWS, help="of the bootstrap over patients (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap (%(default)s)")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="file to write the points to")
    parser.add_argument("--store", action="store_true", help="write the points into the ONNX file")
    add_trust_option(parser)
    return parser
