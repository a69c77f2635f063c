"""The report of a conversion for people, convert_report.txt, which is printed too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bonescan_yolo.convert.conversion_outcome import (
    PUBLISHED_BS80K,
    Outcome,
    by_kind,
    clean,
    is_sample,
    rewritten_counts,
    shows_names,
    tally,
)
from bonescan_yolo.convert.split import SPLITS, fold_parts
from bonescan_yolo.convert.survey import ANTERIOR, POSTERIOR, VIEWS, Problem, ViewCounts
from bonescan_yolo.errors import one_line

SHOWN_PER_KIND: Final = 5

COUNT_NAMES: Final = {
    "images": "scans",
    "annotation_files": "annotated scans",
    "abnormal_objects": "Abnormal objects",
    "normal_objects": "Normal objects",
    "labelled_abnormal": "labelled abnormal",
    "labelled_normal": "labelled normal",
}


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
    return clean("\n".join(lines)) + "\n"


def _name_lines(outcome: Outcome) -> list[str]:
    """Return what each class name was taken for, if that is of interest."""
    if not shows_names(outcome):
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
        numbers = tally([item for item in outcome.scans if split in (item.split, "all")])
        lines.append(f"  {split:<8}" + _tally_row(numbers))
    empty = [s for s in SPLITS[:2] if not any(item.split == s for item in outcome.scans)]
    if empty:
        named = " and ".join(empty)
        lines.append(f"  No scan fell into {named}: training needs both; try another --seed or --split.")
    return lines


def _fold_lines(outcome: Outcome) -> list[str]:
    parts = fold_parts(outcome.scans, outcome.seed, outcome.folds)
    rows = [f"  {number:<8}" + _tally_row(tally(part)) for number, part in enumerate(parts)]
    return ["Folds (validation part; train and val are dealt out anew, test stays apart)", *rows]


def _tally_row(numbers: Mapping[str, int]) -> str:
    widths = (11, 7, 15, 12, 16, 14)
    return "".join(f"{value:>{width},}" for value, width in zip(numbers.values(), widths, strict=True))


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
    for kind, count in by_kind(problems).items():
        of_kind = [problem for problem in problems if problem.kind.value == kind]
        lines.append(f"  {kind}: {count}")
        lines += [f"    {problem.line}" for problem in of_kind[:SHOWN_PER_KIND]]
        if count > SHOWN_PER_KIND:
            lines.append(f"    and {count - SHOWN_PER_KIND} more")
    return lines
