"""The conversion: a survey of the source in, a data set and its report out."""

from __future__ import annotations

import dataclasses
import itertools
import re
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bonescan_yolo import cli, files
from bonescan_yolo.convert import dataset_writer
from bonescan_yolo.convert.checks.box_doubts import doubtful_corners
from bonescan_yolo.convert.checks.scan_checks import CheckedScan, check_scan, find_duplicates, leave_out_copies
from bonescan_yolo.convert.class_map import NO_MAP, ClassMap, class_table
from bonescan_yolo.convert.conversion_outcome import Outcome, require_balance
from bonescan_yolo.convert.conversion_report import report_json
from bonescan_yolo.convert.conversion_summary import report_text
from bonescan_yolo.convert.dataset_writer import ImageMode
from bonescan_yolo.convert.images import inspect_all
from bonescan_yolo.convert.source import Source
from bonescan_yolo.convert.split import DatasetScan, Fractions, fold_parts, place_scans
from bonescan_yolo.convert.survey import Kind, Problem, Survey
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.output.staging import staged_directory
from bonescan_yolo.scan.identity.identities import dated_prefix, numbered_prefix
from bonescan_yolo.scan.read import AS_STORED, ReadOptions

REPORT_NAME: Final = "convert_report.json"
OWN_ENTRIES: Final = frozenset(
    {"images", "labels", "folds", "dataset.yaml", "scans.csv", REPORT_NAME, "convert_report.txt"}
)
STRICT_SHOWN: Final = 3
GIVE_MAP: Final = '; say what they mean, such as --map "Malignant=abnormal,Benign=normal,other="'
WRITER_THREADS: Final = 4


@dataclass(frozen=True)
class Options:
    """How to convert. See `bonescan convert bs80k --help`."""

    seed: int
    split: str
    fractions: Fractions
    folds: int
    strict: bool
    fix_wrapped: bool
    images: ImageMode
    one_based: bool = False
    patient: re.Pattern[str] | None = None
    classes: ClassMap = NO_MAP
    reading: ReadOptions = AS_STORED


def convert(source: Source, source_format: str, survey: Survey, out: Path, options: Options) -> str:
    """Check, split and write a surveyed source; return the readable summary.

    Raises:
        DatasetError: `out` holds something else, no scan is left, objects were annotated and none can be used, or
            there is a problem under `strict`.
    """
    checked, problems = _check(source, survey, options)
    if options.strict and problems:
        raise DatasetError(_strict_message(source.name, problems))
    if not checked:
        worst = [problem for problem in problems if problem.objects] or problems
        why = f"; the first problem: {worst[0].line}" if worst else ""
        raise DatasetError(f"{source.name}: no usable scan is left to convert{why}{_advice(survey, problems)}")
    if survey.objects_read and not any(scan.boxes for scan in checked):
        first = next(problem.line for problem in problems if problem.objects)
        raise DatasetError(
            f"{source.name}: 0 of {survey.objects_read} annotated objects can be used, which leaves only background; "
            f"the first problem: {first}{_advice(survey, problems)}"
        )
    survey = dataclasses.replace(survey, warnings=(*survey.warnings, *_warnings(survey, checked, options)))
    scans = place_scans(checked, options.seed, options.fractions, options.fix_wrapped)
    with staged_directory(out) as staging:
        dataset_writer.write_folders(staging)
        written, hashes = _write_scans(staging, source, scans, options)
        (staging / "scans.csv").write_text(dataset_writer.scans_csv(scans, hashes), encoding="utf-8", newline="\n")
        _write_descriptions(staging, survey.title, scans, options)
        outcome = Outcome(
            source_format=source_format,
            source_name=source.name,
            options=_reported_options(options, source_format),
            survey=survey,
            scans=scans,
            problems=problems,
            objects_written=written,
            folds=options.folds,
            seed=options.seed,
            classes=options.classes,
        )
        require_balance(outcome)
        summary = report_text(outcome)
        (staging / REPORT_NAME).write_text(report_json(outcome), encoding="utf-8", newline="\n")
        (staging / "convert_report.txt").write_text(summary, encoding="utf-8", newline="\n")
    return summary


def require_replaceable(out: Path, source: Path) -> None:
    """Make sure that writing to `out` destroys nothing but an earlier conversion.

    Raises:
        DatasetError: `out` is a file, or a folder that holds something else, or the source is in it.
    """
    if files.real_path(source).is_relative_to(files.real_path(out)):
        raise DatasetError(f"{out}: holds the source, and would be replaced; choose another --out")
    files.require_replaceable(out, REPORT_NAME, OWN_ENTRIES, "conversion")


def _check(source: Source, survey: Survey, options: Options) -> tuple[list[CheckedScan], list[Problem]]:
    """Return the scans to write, in the survey's order, and all problems, sorted by file."""
    checked: list[CheckedScan] = []
    problems = list(survey.problems)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, on odd metadata; all that matters is reported as a problem
        scans = inspect_all(source, survey.scans, options.reading)
        inspected = list(cli.progress(scans, len(survey.scans), "checking"))
    for found, facts in inspected:
        scan, found_problems = check_scan(found, facts, survey)
        problems += found_problems
        if scan is None:
            continue
        checked.append(scan)
        if scan.wrapped_regions and not options.fix_wrapped:
            reason = f"grey levels wrapped past 255 in {scan.wrapped_regions} hot spots; kept unchanged"
            problems.append(Problem(scan.image, Kind.WRAPAROUND, reason))
    checked, copies = leave_out_copies(checked)
    problems += [*copies, *find_duplicates(checked)]
    problems.sort(key=lambda problem: (files.natural_key(problem.file), problem.kind.value, problem.reason))
    return checked, problems


def _write_scans(root: Path, source: Source, scans: Sequence[DatasetScan], options: Options) -> tuple[int, list[str]]:
    """Write all scans; return the number of boxes written and the hash of each image."""
    written = 0
    hashes: list[str] = []
    with ThreadPoolExecutor(max_workers=WRITER_THREADS) as pool:
        results = pool.map(
            dataset_writer.write_scan,
            itertools.repeat(root),
            itertools.repeat(source),
            scans,
            itertools.repeat(options.images),
            itertools.repeat(options.reading),
        )
        for boxes, sha256 in cli.progress(results, len(scans), "writing"):
            written += boxes
            hashes.append(sha256)
    return written, hashes


def _write_descriptions(root: Path, title: str, scans: Sequence[DatasetScan], options: Options) -> None:
    """Write dataset.yaml and, for cross-validation, a description and two lists for each fold."""
    text = dataset_writer.dataset_yaml(title, "images/train", "images/val", "images/test")
    (root / "dataset.yaml").write_text(text, encoding="utf-8", newline="\n")
    if not options.folds:
        return
    folder = root / "folds"
    folder.mkdir()
    parts = fold_parts(scans, options.seed, options.folds)
    for number, part in enumerate(parts):
        others = [item.image for other in parts if other is not part for item in other]
        for name, images in (("train", sorted(others)), ("val", sorted(item.image for item in part))):
            list_file = folder / f"fold-{number}-{name}.txt"
            list_file.write_text(dataset_writer.fold_list(images), encoding="utf-8", newline="\n")
        text = dataset_writer.dataset_yaml(
            title, f"fold-{number}-train.txt", f"fold-{number}-val.txt", "../images/test"
        )
        (folder / f"fold-{number}.yaml").write_text(text, encoding="utf-8", newline="\n")


def _warnings(survey: Survey, checked: Sequence[CheckedScan], options: Options) -> Iterator[str]:
    """Yield what a user has to know about the options and the boxes before anything else."""
    pattern = options.patient
    if pattern is not None and not any(pattern.search(scan.image) for scan in survey.scans):
        yield f"--patient {pattern.pattern} matches no image's path; each patient is taken from the name"
    dated = dated_prefix([scan.image for scan in survey.scans]) if pattern is None else None
    if dated is not None:
        yield (
            f"{dated.files} names have a date, such as {dated.example}: --patient '{dated.pattern}' would make "
            f"{dated.patients} patients of them; without it, scans of a patient may be on both sides of the split"
        )
    counted = numbered_prefix([scan.image for scan in survey.scans]) if pattern is None and dated is None else None
    if counted is not None:
        yield (
            f"{counted.files} names end with a number, such as {counted.example}: if it counts the scans of a patient, "
            f"--patient '{counted.pattern}' makes {counted.patients} patients of them; without it, scans of a patient "
            "may be on both sides of the split"
        )
    unused = options.classes.unused(survey.class_names)
    if unused:
        yield f"--map names classes that no object has: {', '.join(unused)}; {class_table(survey.class_names)}"
    unknown = {name: count for name, count in survey.class_names.items() if options.classes.class_of(name) is None}
    if unknown:
        count = sum(unknown.values())
        yield f"{count} objects are of an unknown class; {class_table(survey.class_names)}{GIVE_MAP}"
    yield from doubtful_corners(checked)


def _advice(survey: Survey, problems: Sequence[Problem]) -> str:
    """Return what to do about annotations of which none can be used, for the end of an error."""
    kinds = {problem.kind for problem in problems if problem.objects}
    if Kind.UNKNOWN_CLASS in kinds:
        return f"; {class_table(survey.class_names)}{GIVE_MAP}"
    if kinds & {Kind.ORPHAN_ANNOTATION, Kind.MISSING_IMAGE}:
        return "; check the names and ids of the images in the annotations, and the folder of the images (--images)"
    return "; check what wrote the annotations" if kinds else ""


def _reported_options(options: Options, source_format: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "seed": options.seed,
        "split": options.split,
        "folds": options.folds,
        "strict": options.strict,
        "unwrap": options.fix_wrapped,
        "images": options.images,
    }
    if source_format == "voc":
        shown["one_based"] = options.one_based
    if source_format != "bs80k":
        shown["patient"] = options.patient.pattern if options.patient is not None else None
    if options.reading.inverted is not None:
        shown["inverted"] = options.reading.inverted
    if options.classes.given:
        shown["map"] = dict(options.classes.targets)
    return shown


def _strict_message(name: str, problems: Sequence[Problem]) -> str:
    first = "; ".join(problem.line for problem in problems[:STRICT_SHOWN])
    more = f"; and {len(problems) - STRICT_SHOWN} more" if len(problems) > STRICT_SHOWN else ""
    return f"{name}: --strict allows no problem and there are {len(problems)}: {first}{more}; nothing was written"
