"""Measure a model on a split of a data set: `python -m bonescan_yolo.evaluate --data data/NAME/dataset.yaml`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.dataset.dataset_yaml import SPLITS, Dataset, read_dataset
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate.bootstrap import DRAWS, Weights, draw_weights, summarise
from bonescan_yolo.evaluate.evaluation import DataFacts, Evaluation, ModelResult
from bonescan_yolo.evaluate.figures.ultralytics_precision import ultralytics_precision
from bonescan_yolo.evaluate.matching.hits import HIT_RULE, MatchRule, parse_rule
from bonescan_yolo.evaluate.matching.pool import pool_scans
from bonescan_yolo.evaluate.measured import choose, measure
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE, open_model, read_split
from bonescan_yolo.evaluate.report import errors_csv, html, metrics_json
from bonescan_yolo.evaluate.report.tables import HEADLINE
from bonescan_yolo.files import write_text
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.temperature_store import require_onnx, store_temperature
from bonescan_yolo.third_party.trackers import log_figures, switched_on
from bonescan_yolo.version import package_versions

DEFAULT_OUT = Path("runs") / "evaluate"
CHOSEN_ON = "val"
"""The split on which thresholds, operating points and temperatures are chosen."""

MOST_MODELS = 2
PACKAGES = ("numpy", "faster-coco-eval", "onnxruntime", "onnxruntime-gpu", "ultralytics", "torch")


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parse(arguments)
    trackers = switched_on()
    dataset = read_dataset(options.data)
    detectors = [open_model(path) for path in options.model or [None]]
    if options.store_temperature:
        for detector in detectors:
            require_onnx(detector.path)
    evaluation = evaluate(dataset, detectors, options)
    description = metrics_json.describe(evaluation)
    write_text(options.out / "metrics.json", metrics_json.dump(description))
    write_text(options.out / "boxes.csv", errors_csv.dump_boxes(evaluation))
    write_text(options.out / "scans.csv", errors_csv.dump_scans(evaluation))
    write_text(options.out / "report.html", html.render(evaluation))
    _print_headline(evaluation)
    sys.stdout.write(f"{options.out / 'report.html'}  beside it metrics.json, boxes.csv and scans.csv\n")
    if options.store_temperature:
        _store_temperatures(evaluation)
    for model in evaluation.models:
        numbers = {key: figure.value for key, figure in model.figures.items() if figure.value is not None}
        log_figures(trackers, numbers, model.name, options.out)
    return 0


def evaluate(dataset: Dataset, detectors: Sequence[Detector], options: argparse.Namespace) -> Evaluation:
    """Read the scans with each model and measure it."""
    rule: MatchRule = options.match
    names = _names([detector.path for detector in detectors])
    models = []
    weights: Weights | None = None
    for name, detector in zip(names, detectors, strict=True):
        threshold = _threshold(options.conf, detector)
        records = read_split(dataset, options.split, detector, threshold)
        chosen_on = records if options.split == CHOSEN_ON else read_split(dataset, CHOSEN_ON, detector, threshold)
        pool = pool_scans(records, rule)
        if weights is None:
            weights = draw_weights(len(pool.patient_names), options.draws, options.seed)
        measured = measure(pool, choose(chosen_on, CHOSEN_ON, rule), threshold, weights)
        models.append(
            ModelResult(
                name=name,
                file=str(detector.path),
                sha256=detector.sha256,
                trained_on=detector.card.trained_on,
                measured=measured,
                ultralytics=ultralytics_precision([record.result for record in records]),
                figures={key: summarise(sampled) for key, sampled in measured.figures.items()},
            )
        )
    return Evaluation(
        data=DataFacts(str(options.data), dataset.source, dataset.sha256(), options.split),
        models=tuple(models),
        rule=rule,
        draws=options.draws,
        seed=options.seed,
        command=options.command,
        versions=package_versions(PACKAGES),
    )


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command's options; `match` is a rule, `command` what was typed."""
    parser = argparse.ArgumentParser(prog="python -m bonescan_yolo.evaluate", description="Measure a model.")
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml that `convert` wrote")
    parser.add_argument(
        "--model", type=Path, action="append", help="ONNX or .pt file (the project's own); twice to compare two"
    )
    parser.add_argument("--split", choices=SPLITS, default="test", help="(%(default)s)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for the report (%(default)s)")
    parser.add_argument("--conf", type=float, help="confidence above which boxes are shown (the model's own)")
    parser.add_argument(
        "--match", default=HIT_RULE.name, help=f"what hits: iou:0.2, iou:0.5, center, or hit: {HIT_RULE} (%(default)s)"
    )
    parser.add_argument("--draws", type=int, default=DRAWS, help="of the bootstrap over patients (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap (%(default)s)")
    parser.add_argument(
        "--store-temperature", action="store_true", help="write the fitted temperature into the ONNX file's description"
    )
    options = parser.parse_args(arguments)
    options.match = parse_rule(options.match)
    options.command = shlex.join([*parser.prog.split(), *arguments])
    if options.draws < 1 or options.seed < 0:
        raise BonescanError("draws and seed: are numbers from 1 and from 0 on; give such")
    if len(options.model or ()) > MOST_MODELS:
        raise BonescanError(f"model: was given {len(options.model)} times; give one, or two to compare")
    return options


def _threshold(given: float | None, detector: Detector) -> float:
    """Return the confidence above which boxes are shown."""
    threshold = detector.card.confidence if given is None else given
    if not LOWEST_CONFIDENCE <= threshold <= 1:
        raise BonescanError(f"confidence {threshold}: lies outside {LOWEST_CONFIDENCE} to 1; give another --conf")
    return threshold


def _names(paths: Sequence[Path]) -> list[str]:
    """Return what models are called: their files' names, with as many folders as tell them apart."""
    for parts in range(1, max(len(path.parts) for path in paths) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    raise BonescanError(f"{paths[0]}: was given twice; give another model to compare it with")


def _print_headline(evaluation: Evaluation) -> None:
    """Print the figures that matter most, a line each."""
    table = html.show_table(HEADLINE, evaluation, evaluation.difference())
    width = max(len(row.label) for row in table.rows)
    lines = [f"{'':<{width}}  {'  '.join(f'{head:>24}' for head in table.heads)}"] if table.heads else []
    for row in table.rows:
        cells = [f"{cell.value} ({cell.interval})" if cell.interval else cell.value for cell in row.cells]
        lines.append(f"{row.label:<{width}}  {'  '.join(f'{cell:>24}' for cell in cells)}")
    lines += table.notes
    pool = evaluation.models[0].measured.pool
    lines.append(
        f"{len(pool.records)} scans of {len(pool.patient_names)} patients, split {evaluation.data.split} of "
        f"{evaluation.data.path}; in brackets 95 % intervals over patients"
    )
    sys.stdout.write("\n".join(lines) + "\n")


def _store_temperatures(evaluation: Evaluation) -> None:
    """Write each model's temperature into its file."""
    for model in evaluation.models:
        temperature = model.measured.choices.temperature
        if temperature.value is None:
            raise BonescanError(f"{model.file}: no temperature stored, for on {CHOSEN_ON} {temperature.missing}")
        store_temperature(Path(model.file), temperature.value)
        sys.stdout.write(f"{model.file}  now names temperature {temperature.value:.3f}\n")


if __name__ == "__main__":
    cli.run(main)
