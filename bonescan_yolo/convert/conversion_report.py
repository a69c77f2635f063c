"""The report of a conversion for programs, convert_report.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from bonescan_yolo.convert.conversion_outcome import (
    PUBLISHED_BS80K,
    Outcome,
    by_kind,
    clean,
    edge_counts,
    is_sample,
    rewritten_counts,
    shows_names,
    tally,
)
from bonescan_yolo.convert.split import SPLITS, fold_parts
from bonescan_yolo.convert.survey import VIEWS
from bonescan_yolo.version import __version__

SCHEMA_VERSION: Final = 1


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
                view: tally([item for item in outcome.scans if item.view == view])
                for view in VIEWS
                if any(item.view == view for item in outcome.scans)
            },
        },
        "splits": {split: tally([i for i in outcome.scans if i.split == split]) for split in SPLITS},
        "folds": [tally(part) for part in fold_parts(outcome.scans, outcome.seed, outcome.folds)],
        "wraparound": {
            "scans": len(wrapped),
            "regions": sum(item.wrapped_regions for item in wrapped),
            "mended": bool(wrapped) and all(item.fix_wrapped for item in wrapped),
            "files": [item.source_image for item in wrapped],
        },
        "box_edges": edge_counts(outcome.scans),
        "ignored": dict(survey.ignored),
        "problem_counts": by_kind(outcome.problems),
        "problems": [
            {"file": p.file, "kind": p.kind.value, "reason": p.reason, "objects": p.objects} for p in outcome.problems
        ],
    }
    if outcome.is_bs80k:
        content["published_by_view"] = {view: asdict(counts) for view, counts in PUBLISHED_BS80K.items()}
        content["is_sample"] = is_sample(survey)
    if survey.warnings:
        content["warnings"] = list(survey.warnings)
    if shows_names(outcome):
        content["class_names"] = {
            name: {"objects": count, "class": outcome.classes.class_of(name)}
            for name, count in survey.class_names.items()
        }
    if rewritten := rewritten_counts(outcome.scans):
        content["rewritten"] = rewritten
    return clean(json.dumps(content, indent=2, ensure_ascii=False)) + "\n"
