"""`bonescan measure scan.png`: outline and measure the hot spots on bone scans."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.commands.scan_options import SCAN_HELP, add_read_options, read_options
from bonescan_yolo.commands.threshold_option import EACH, add_threshold_options
from bonescan_yolo.files import write_bytes, write_text
from bonescan_yolo.measure import masks, measurements_json
from bonescan_yolo.measure.hot_spots import ScanMeasures, measure
from bonescan_yolo.measure.outline_picture import draw
from bonescan_yolo.measure.region_table import regions_csv
from bonescan_yolo.measure.studies import Study, ViewSummary, pair_views, studies_csv, summarise, without_names
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.output.growing_file import GrowingFile
from bonescan_yolo.output.holding import hold_folder
from bonescan_yolo.predict.batch import (
    Failures,
    find_all,
    keep_readings,
    protect_scans,
    read_files,
    say_doubts,
    threads_for,
)
from bonescan_yolo.predict.formats import reading_json
from bonescan_yolo.predict.formats.boxes_coco import CocoFile
from bonescan_yolo.predict.neutral_names import DEIDENTIFY_HELP, NeutralNames
from bonescan_yolo.predict.output_names import OutputNames

DEFAULT_OUT = Path("runs") / "measure"
MASK_SUFFIX = "_mask.png"
PICTURE_SUFFIX = "_outlines.png"
COCO_NAME = "hot_spots.coco.json"
STUDIES_NAME = "studies.csv"
REGIONS_NAME = "regions.csv"
"""Only if the model gives sites."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = build_parser().parse_args(arguments)
    failures = Failures()
    files = find_all(options.sources, options.out, failures)
    detector = Detector(
        options.model,
        options.conf,
        threads=threads_for(len(files)),
        operating_point=options.operating_point,
        regions=True,
    )
    protect_scans(files, options.out)
    found = read_files(files, detector, read_options(options), force=options.force)
    shown = found if options.quiet else cli.progress(found, len(files), "measuring")
    readings = keep_readings(shown, failures)
    if not options.quiet:
        readings = say_doubts(readings)
    neutral = NeutralNames(files) if options.deidentify else None
    with hold_folder(options.out):
        views = _write_scans(readings, detector, files, neutral, options)
    if views and not options.quiet:
        _print_table(_studies(views, neutral), options.out)
    return cli.EXIT_USER_MISTAKE if failures.count else 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan measure",
        description=f"Outline and measure the hot spots on whole-body bone scans. {NOTICE}",
    )
    parser.add_argument("sources", nargs="+", metavar="SCAN", help=SCAN_HELP)
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for the results (%(default)s)")
    parser.add_argument("--model", type=Path, help="ONNX model (default: the shipped one)")
    add_threshold_options(parser, f"lowest confidence measured, 0 to 1, {EACH} (default: the model's)")
    add_read_options(parser)
    parser.add_argument("--force", action="store_true", help="read scans that the quality check refuses too")
    parser.add_argument("--deidentify", action="store_true", help=DEIDENTIFY_HELP)
    parser.add_argument("--quiet", action="store_true", help="print no table, no progress and no notes")
    return parser


def _write_scans(
    readings: Iterator[Reading],
    detector: Detector,
    files: Sequence[Path],
    neutral: NeutralNames | None,
    options: argparse.Namespace,
) -> list[ViewSummary]:
    """Write the measurements of each scan, all outlines as one COCO file, studies and regions; return all scans."""
    views: list[ViewSummary] = []
    coco = CocoFile()
    growing = (
        GrowingFile(options.out / COCO_NAME, partial(coco.dump, indent=None)),
        GrowingFile(options.out / STUDIES_NAME, lambda: studies_csv(_studies(views, neutral))),
    )
    by_region = GrowingFile(options.out / REGIONS_NAME, lambda: regions_csv(_studies(views, neutral)))
    names = OutputNames(files if neutral is None else neutral.files)
    try:
        for found in readings:
            measures = measure(found)
            summary = summarise(measures)  # pairs by the true names
            if neutral is not None:
                measures = dataclasses.replace(measures, reading=neutral.replace(found))
            scan = measures.reading.scan
            stem = names.next(scan.path or Path("array"), scan.frame_count, scan.frame)
            _write_scan(measures, detector, options.out, stem)
            masks.add_outlines(coco.add(measures.reading), measures)
            views.append(summary)
            for file in growing if summary.regions is None else (*growing, by_region):
                file.grow()
    finally:  # what was measured stays
        for file in (*growing, by_region):
            file.finish()
    return views


def _write_scan(measures: ScanMeasures, detector: Detector, out: Path, stem: str) -> None:
    """Write the measurements of one scan, its mask and its picture."""
    description = measurements_json.describe(measures, detector)
    write_text(out / f"{stem}.json", reading_json.dump(description))
    write_bytes(out / f"{stem}{MASK_SUFFIX}", masks.mask_png(measures))
    write_bytes(out / f"{stem}{PICTURE_SUFFIX}", draw(measures))


def _studies(views: Sequence[ViewSummary], neutral: NeutralNames | None) -> list[Study]:
    """Return the studies of scans, without names if they are to be left out."""
    studies = pair_views(views)
    return studies if neutral is None else without_names(studies, neutral.path)


def _print_table(studies: Sequence[Study], out: Path) -> None:
    """Print one line per study, and the folder of the results."""
    cli.say(f"{'abnormal':>8}  {'area mm2':>9}  {'area px':>7}  {'burden':>8}  {'views':<19}  patient", sys.stdout)
    for study in studies:
        area, burden = study.area_mm2(ABNORMAL), study.planar_burden
        shown_area = "-" if area is None else f"{area:.0f}"
        shown_burden = "-" if burden is None else f"{100 * burden:.2f} %"
        views = " + ".join(view.view or "-" for view in study.views)
        cli.say(
            f"{study.n(ABNORMAL):>8}  {shown_area:>9}  {study.area_px(ABNORMAL):>7}  {shown_burden:>8}  "
            f"{views:<20} {study.patient}",
            sys.stdout,
        )
    cli.say(
        "burden: share of the body's counts in abnormal hot spots; a planar index, not the clinical Bone Scan Index",
        sys.stdout,
    )
    cli.say(f"results in {out}; {NOTICE[0].lower()}{NOTICE[1:]}", sys.stdout)
