"""`bonescan evaluate --data data/NAME/dataset.yaml`: measure a model, or compare two, on annotated scans."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.commands.threshold_option import EACH, add_threshold_options
from bonescan_yolo.commands.trust_option import add_trust_option
from bonescan_yolo.dataset.dataset_yaml import SPLITS
from bonescan_yolo.evaluate.bootstrap import DRAWS
from bonescan_yolo.evaluate.evaluation import EvaluationOptions, evaluate, store_temperatures
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, parse_rule
from bonescan_yolo.evaluate.read_split import ALL
from bonescan_yolo.evaluate.report.report_files import write_report
from bonescan_yolo.evaluate.report.shown_tables import format_headline
from bonescan_yolo.files import require_writable
from bonescan_yolo.output.holding import hold_folder
from bonescan_yolo.third_party.trackers import log_figures, switched_on

DEFAULT_OUT = Path("runs") / "evaluate"


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = build_parser()
    parsed = parser.parse_args(arguments)
    options = EvaluationOptions(
        data=parsed.data,
        models=tuple(parsed.model or [None]),
        split=parsed.split,
        thresholds=parsed.conf,
        operating_point=parsed.operating_point,
        rule=parse_rule(parsed.match),
        draws=parsed.draws,
        seed=parsed.seed,
        store_temperature=parsed.store_temperature,
        command=shlex.join([*parser.prog.split(), *arguments]),
        trust=parsed.trust,
    )
    require_writable(parsed.out)
    trackers = switched_on()
    evaluation = evaluate(options)
    with hold_folder(parsed.out):
        report = write_report(evaluation, parsed.out)
    sys.stdout.write(format_headline(evaluation))
    sys.stdout.write(f"{report}  beside it metrics.json, boxes.csv and scans.csv\n")
    if options.store_temperature:
        store_temperatures(evaluation.models)
        for model in evaluation.models:
            temperature = model.measured.choices.temperature.value
            sys.stdout.write(f"{model.file}  now has temperature {temperature:.3f}\n")
    for model in evaluation.models:
        numbers = {key: figure.value for key, figure in model.figures.items() if figure.value is not None}
        log_figures(trackers, numbers, model.name, parsed.out)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan evaluate", description="Measure one model, or compare two, on annotated scans."
    )
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml that `convert` wrote")
    parser.add_argument(
        "--model", type=Path, action="append", help="ONNX or .pt file (default: the shipped one); twice to compare two"
    )
    parser.add_argument(
        "--split",
        choices=(*SPLITS, ALL),
        default="test",
        help=f"scans to measure on; {ALL} is for data sets that the model was not trained on (%(default)s)",
    )
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for the report (%(default)s)")
    add_threshold_options(parser, f"confidence above which boxes are shown, {EACH} (the model's own)")
    parser.add_argument(
        "--match",
        default=HIT_RULE.name,
        help=f"what is a hit: iou:0.2, iou:0.5, center, or hit: {HIT_RULE} (%(default)s)",
    )
    parser.add_argument("--draws", type=int, default=DRAWS, help="of the bootstrap over patients (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap (%(default)s)")
    parser.add_argument(
        "--store-temperature", action="store_true", help="write the fitted temperature into the card of the ONNX file"
    )
    add_trust_option(parser)
    return parser
