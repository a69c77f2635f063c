"""What a conversion came to, and its counts: what both reports are made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bonescan_yolo.classes import ABNORMAL, NORMAL, parse_class_name
from bonescan_yolo.convert.class_map import NO_MAP, ClassMap
from bonescan_yolo.convert.readers.bs80k import TITLE as BS80K_TITLE
from bonescan_yolo.convert.split import DatasetScan
from bonescan_yolo.convert.survey import ANTERIOR, POSTERIOR, Kind, Problem, Survey, ViewCounts

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


def shows_names(outcome: Outcome) -> bool:
    """Return whether the names of classes are of interest: some name is not simply that of its class."""
    return any(parse_class_name(name) is None for name in outcome.survey.class_names)


def tally(items: Sequence[DatasetScan]) -> dict[str, int]:
    """Return how many patients, scans and boxes there are."""
    return {
        "patients": len({item.patient for item in items}),
        "scans": len(items),
        "scans_with_abnormal": sum(item.count(ABNORMAL) > 0 for item in items),
        "background_scans": sum(not item.boxes for item in items),
        "abnormal": sum(item.count(ABNORMAL) for item in items),
        "normal": sum(item.count(NORMAL) for item in items),
    }


def by_kind(problems: Sequence[Problem]) -> dict[str, int]:
    """Return how many problems there are of each kind that occurs."""
    counts = Counter(problem.kind for problem in problems)
    return {kind.value: counts[kind] for kind in Kind if counts[kind]}


def clean(text: str) -> str:
    """Escape characters that UTF-8 cannot encode: from file names of another encoding."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
