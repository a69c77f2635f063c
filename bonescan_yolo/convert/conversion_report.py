"""The report of a conversion: convert_report.json for programs, convert_report.txt for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bonescan_yolo.classes import ABNORMAL, NORMAL, parse_class_name
from bonescan_yolo.convert.class_map import NO_MAP, ClassMap
from bonescan_yolo.convert.readers.bs80k import TITLE as BS80K_TITLE
from bonescan_yolo.convert.split import SPLITS, DatasetScan, fold_parts
from bonescan_yolo.convert.survey import ANTERIOR, POSTERIOR, VIEWS, Kind, Problem, Survey, ViewCounts
from bonescan_yolo.errors import one_line
from bonescan_yolo.version import __version__

SCHEMA_VERSION: Final = 1
SHOWN_PER_KIND: Final = 5

PUBLISHED_BS80K: Final = {
    ANTERIOR: ViewCounts(
        images=3247,
        annotation_files=2924,
        abnormal_objects=4194,
        normal_objects=9629,
        labelled_abnormal=1183,
        labelled_normal=2064,
    ),
    POSTERIOR: ViewCounts(images=3247, annotation_files=2555, labelled_abnormal=1053, labelled_normal=2194),
}
"""Counts of the whole BS-80K (Huang et al. 2022); the posterior objects were not published (0 here)."""

COUNT_NAMES: Final = {
    "images": "scans",
    "annotation_files": "annotated scans",
    "abnormal_objects": "Abnormal objects",
    "normal_objects": "Normal objects",
    "labelled_abnormal": "labelled abnormal",
    "labelled_normal": "labelled normal",
}


@dataclass(frozen=True)
class Outcome:
    """Everything a report is made from."""

    source_format: str
    source_name: str
    options: Mapping[str, object]
    survey: Survey
    scans: Sequence[DatasetScan]
    problems: Sequence[Problem]
    objects_written: int
    folds: int
    seed: int
    classes: ClassMap = NO_MAP

    @property
    def is_bs80k(self) -> bool:
        """Whether the source is BS-80K itself, not another set in its layout, which would carry a title of its own."""
        return self.source_format == "bs80k" and self.survey.title == BS80K_TITLE

    @property
    def objects_reported(self) -> int:
        """Objects that were left out, each counted by a problem."""
        return sum(problem.objects for problem in self.problems)


def require_balance(outcome: Outcome) -> None:
    """Make sure that no object was lost without a report.

    Raises:
        RuntimeError: objects read are not objects written plus objects reported: a fault of this package.
    """
    read, written, reported = outcome.survey.objects_read, outcome.objects_written, outcome.objects_reported
    if read != written + reported:
        raise RuntimeError(f"{read} objects were read, {written} written and {reported} reported as left out")


def report_json(outcome: Outcome) -> str:
    """Return the report as JSON; the same input gives the same bytes."""
    survey = outcome.survey
    wrapped = [item for item in outcome.scans if item.wrapped_regions]
    content: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "package_version": __version__,
        "source": {"format": outcome.source_format, "name": outcome.source_name, "title": survey.title},
        "options": dict(outcome.options),
        "counts": {
            "scans": len(outcome.scans),
            "patients": len({item.patient for item in outcome.scans}),
            "objects_read": survey.objects_read,
            "objects_written": outcome.objects_written,
            "objects_reported": outcome.objects_reported,
            "source_by_view": {view: asdict(counts) for view, counts in survey.counts.items()},
            "written_by_view": {
                view: _tally([item for item in outcome.scans if item.view == view])
                for view in VIEWS
                if any(item.view == view for item in outcome.scans)
            },
        },
        "splits": {split: _tally([i for i in outcome.scans if i.split == split]) for split in SPLITS},
        "folds": [_tally(part) for part in fold_parts(outcome.scans, outcome.seed, outcome.folds)],
        "wraparound": {
            "scans": len(wrapped),
            "regions": sum(item.wrapped_regions for item in wrapped),
            "mended": bool(wrapped) and all(item.fix_wrapped for item in wrapped),
            "files": [item.source_image for item in wrapped],
        },
        "box_edges": edge_counts(outcome.scans),
        "ignored": dict(survey.ignored),
        "problem_counts": _by_kind(outcome.problems),
        "problems": [
            {"file": p.file, "kind": p.kind.value, "reason": p.reason, "objects": p.objects} for p in outcome.problems
        ],
    }
    if outcome.is_bs80k:
        content["published_by_view"] = {view: asdict(counts) for view, counts in PUBLISHED_BS80K.items()}
        content["is_sample"] = is_sample(survey)
    if survey.warnings:
        content["warnings"] = list(survey.warnings)
    if _shows_names(outcome):
        content["class_names"] = {
            name: {"objects": count, "class": outcome.classes.class_of(name)}
            for name, count in survey.class_names.items()
        }
    if rewritten := rewritten_counts(outcome.scans):
        content["rewritten"] = rewritten
    return _clean(json.dumps(content, indent=2, ensure_ascii=False)) + "\n"


def report_text(outcome: Outcome) -> str:
    """Return the readable summary."""
    survey = outcome.survey
    lines = [one_line(f"Converted {outcome.source_name}: {survey.title}"), ""]
    if survey.warnings:
        lines += ["Warnings", *(f"  {one_line(warning)}" for warning in survey.warnings), ""]
    lines += _view_lines(outcome)
    lines += [
        f"Objects: {survey.objects_read} read = {outcome.objects_written} written "
        f"+ {outcome.objects_reported} left out (each reported below)",
        *_name_lines(outcome),
        "",
        *_split_lines(outcome),
    ]
    if outcome.folds:
        lines += ["", *_fold_lines(outcome)]
    lines += ["", *_wrap_lines(outcome), *_rewritten_lines(outcome)]
    if survey.ignored:
        lines.append("Ignored: " + ", ".join(f"{count} {what}" for what, count in survey.ignored.items()))
    lines += _problem_lines(outcome.problems)
    return _clean("\n".join(lines)) + "\n"


def is_sample(survey: Survey) -> bool:
    """Return whether a BS-80K source holds fewer scans or annotations than the whole set."""
    return any(
        survey.counts.get(view, ViewCounts()).images < whole.images
        or survey.counts.get(view, ViewCounts()).annotation_files < whole.annotation_files
        for view, whole in PUBLISHED_BS80K.items()
    )


def edge_counts(scans: Sequence[DatasetScan]) -> dict[str, int]:
    """Return how many boxes, as the source has them, begin or end at the image's edge.

    A set that counts from 1 never begins at 0; one of edges, or that counts from 1, ends at the image's size,
    one that counts from 0 with both ends included ends a pixel before it.
    """
    counts = dict.fromkeys(("begin_at_0", "begin_at_1", "end_at_size_minus_1", "end_at_size"), 0)
    for scan in scans:
        for x1, y1, x2, y2 in (annotation.xyxy for annotation in scan.objects):
            counts["begin_at_0"] += 0 in (x1, y1)
            counts["begin_at_1"] += 1 in (x1, y1)
            counts["end_at_size_minus_1"] += x2 == scan.width - 1 or y2 == scan.height - 1
            counts["end_at_size"] += x2 == scan.width or y2 == scan.height
    return counts


def rewritten_counts(scans: Sequence[DatasetScan]) -> dict[str, int]:
    """Return how many scans are written as a PNG of what prediction sees, by reason, the most frequent first."""
    return dict(Counter(scan.rewritten for scan in scans if scan.rewritten is not None).most_common())


def _shows_names(outcome: Outcome) -> bool:
    """Return whether the names of classes are of interest: some name is not simply that of its class."""
    return any(parse_class_name(name) is None for name in outcome.survey.class_names)


def _name_lines(outcome: Outcome) -> list[str]:
    """Return what each class name was taken for, if that is of interest."""
    if not _shows_names(outcome):
        return []
    lines = ["Class names found          objects  taken for"]
    for name, count in outcome.survey.class_names.items():
        meant = outcome.classes.class_of(name)
        taken = "unknown, left out" if meant is None else meant or "left out"
        lines.append(f"  {one_line(name)[:24]:<24} {count:>7,}  {taken}")
    return lines


def _rewritten_lines(outcome: Outcome) -> list[str]:
    """Return how many scans are not the bytes of their files, and why."""
    counts = rewritten_counts(outcome.scans)
    if not counts:
        return []
    why = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return [f"Written as 8-bit grey PNG, as prediction sees them: {sum(counts.values())} scans ({why})"]


def _tally(items: Sequence[DatasetScan]) -> dict[str, int]:
    return {
        "patients": len({item.patient for item in items}),
        "scans": len(items),
        "scans_with_abnormal": sum(item.count(ABNORMAL) > 0 for item in items),
        "background_scans": sum(not item.boxes for item in items),
        "abnormal": sum(item.count(ABNORMAL) for item in items),
        "normal": sum(item.count(NORMAL) for item in items),
    }


def _view_lines(outcome: Outcome) -> list[str]:
    """Return the counts of the source by view and, for BS-80K, the published ones."""
    survey = outcome.survey
    published = PUBLISHED_BS80K if outcome.is_bs80k else {}
    views = [view for view in VIEWS if view in survey.counts or view in published]
    header = "In the source".ljust(20) + "".join(f"{view:>12}" for view in views)
    lines = [header + ("" if not published else "      published (anterior, posterior)")]
    for field, name in COUNT_NAMES.items():
        row = [getattr(survey.counts.get(view, ViewCounts()), field) for view in views]
        if not published and field.startswith("labelled"):
            continue
        line = f"  {name}".ljust(20) + "".join(f"{value:>12,}" for value in row)
        if published:
            known = [getattr(published[view], field) for view in (ANTERIOR, POSTERIOR)]
            line += "      " + ", ".join(f"{value:,}" if value else "not given" for value in known)
        lines.append(line)
    if published and is_sample(survey):
        lines.append("  The source is a sample of BS-80K, so its counts are below the published ones.")
    return [*lines, ""]


def _split_lines(outcome: Outcome) -> list[str]:
    lines = ["Written    patients  scans  with abnormal  background  abnormal boxes  normal boxes"]
    for split in (*SPLITS, "all"):
        tally = _tally([item for item in outcome.scans if split in (item.split, "all")])
        lines.append(f"  {split:<8}" + _tally_row(tally))
    empty = [s for s in SPLITS[:2] if not any(item.split == s for item in outcome.scans)]
    if empty:
        named = " and ".join(empty)
        lines.append(f"  No scan fell into {named}: training needs both; try another --seed or --split.")
    return lines


def _fold_lines(outcome: Outcome) -> list[str]:
    parts = fold_parts(outcome.scans, outcome.seed, outcome.folds)
    rows = [f"  {number:<8}" + _tally_row(_tally(part)) for number, part in enumerate(parts)]
    return ["Folds (validation part; train and val are dealt out anew, test stays apart)", *rows]


def _tally_row(tally: Mapping[str, int]) -> str:
    widths = (11, 7, 15, 12, 16, 14)
    return "".join(f"{value:>{width},}" for value, width in zip(tally.values(), widths, strict=True))


def _wrap_lines(outcome: Outcome) -> list[str]:
    wrapped = [item for item in outcome.scans if item.wrapped_regions]
    if not wrapped:
        return ["Grey levels wrapped past 255: on no scan"]
    fixed = all(item.fix_wrapped for item in wrapped)
    fate = "fixed and written as PNG (see --keep-wrapped)" if fixed else "left as they are (--keep-wrapped)"
    return [f"Grey levels wrapped past 255: on {len(wrapped)} scans, {fate}"]


def _problem_lines(problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return ["Problems: none"]
    lines = [f"Problems: {len(problems)} (all of them in convert_report.json)"]
    for kind, count in _by_kind(problems).items():
        of_kind = [problem for problem in problems if problem.kind.value == kind]
        lines.append(f"  {kind}: {count}")
        lines += [f"    {problem.line}" for problem in of_kind[:SHOWN_PER_KIND]]
        if count > SHOWN_PER_KIND:
            lines.append(f"    and {count - SHOWN_PER_KIND} more")
    return lines


def _by_kind(problems: Sequence[Problem]) -> dict[str, int]:
    counts = Counter(problem.kind for problem in problems)
    return {kind.value: counts[kind] for kind in Kind if counts[kind]}


def _clean(text: str) -> str:
    """Escape characters that UTF-8 cannot encode: from file names of another encoding."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
