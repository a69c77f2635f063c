"""`bonescan fit-rescoring --data data/NAME/dataset.yaml`: fit the two numbers of the rescoring."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.commands.trust_option import add_trust_option
from bonescan_yolo.dataset.dataset_yaml import SPLITS
from bonescan_yolo.evaluate.read_split import ALL
from bonescan_yolo.evaluate.rescoring_fit import DEFAULT_WEIGHTS, MOST_FALSE, FitOptions, RescoringFit, fit_rescoring


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parsed = build_parser().parse_args(arguments)
    options = FitOptions(parsed.data, parsed.weights, parsed.split, parsed.trust)
    sys.stdout.write(format_fit(fit_rescoring(options)))
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan fit-rescoring",
        description="Fit the two numbers of the rescoring (`export --rescoring`) on annotated scans. Then compare the "
        "F1 of abnormal boxes without rescoring, with the weights' own numbers and with the fitted ones, each at its "
        f"best threshold with at most {MOST_FALSE} false boxes per scan.",
    )
    parser.add_argument("--data", type=Path, required=True, help="dataset.yaml that `convert` wrote")
    parser.add_argument("--weights", type=Path, default=DEFAULT_WEIGHTS, help=".pt file (%(default)s)")
    parser.add_argument("--split", choices=(*SPLITS, ALL), default="val", help="scans to fit on (%(default)s)")
    add_trust_option(parser)
    return parser


def format_fit(fit: RescoringFit) -> str:
    """Return a table of the comparison with line ends, and the option that exports the fitted numbers."""
    lines = [f"{fit.scans} scans; abnormal boxes at the best threshold"]
    lines.append(f"{'rescoring':<10}{'weight':>8}{'lone':>8}{'threshold':>11}{'F1':>8}{'false per scan':>16}")
    for name, row in (("off", fit.off), ("own", fit.own), ("fitted", fit.fitted)):
        shares = "".join(
            f"{'-' if value is None else f'{value:.3f}':>{width}}"
            for value, width in ((row.score.f1, 8), (row.score.false_per_scan, 16))
        )
        numbers = f"{row.rescoring.weight:>8.3f}{row.rescoring.lone:>8.3f}{row.threshold:>11.2f}"
        lines.append(f"{name:<10}{numbers}{shares}")
    fitted = fit.fitted.rescoring
    lines.append(
        f"export with --rescoring {fitted.weight:.3g} {fitted.lone:.3g}"
        if fitted.is_valid
        else "The fitted weight is below 0: do without rescoring, or give more scans."
    )
    return "\n".join(lines) + "\n"
