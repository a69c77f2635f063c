"""The four files of an evaluation: report.html, metrics.json, boxes.csv and scans.csv."""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo.evaluate.evaluation import Evaluation
from bonescan_yolo.evaluate.report import errors_csv, html, metrics_json
from bonescan_yolo.files import write_text


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """Write an evaluation to a folder, which is made if it is missing; returns the path of report.html.

    Raises:
        BonescanError: the folder cannot be written to.
    """
    write_text(folder / "metrics.json", metrics_json.dump(metrics_json.describe(evaluation)))
    write_text(folder / "boxes.csv", errors_csv.dump_boxes(evaluation))
    write_text(folder / "scans.csv", errors_csv.dump_scans(evaluation))
    report = folder / "report.html"
    write_text(report, html.render(evaluation))
    return report
