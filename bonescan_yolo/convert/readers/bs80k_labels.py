"""BS-80K's label files, one per view, with a line `{id}.jpg 0|1` per scan: 1 if the scan has an Abnormal box.

Models are trained on the boxes, so if the two disagree the boxes are taken and the disagreement is reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bonescan_yolo.classes import ABNORMAL, parse_class_name
from bonescan_yolo.convert.naming import file_id
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import FoundScan, Kind, Problem


@dataclass(frozen=True)
class LabelFile:
    """A label file as read.

    Attributes:
        file: Its path inside the source, or where it should be.
        by_id: For each id, whether the scan is labelled abnormal.
        problems: Lines that cannot be read, or the file not being there.
    """

    file: str
    by_id: dict[str, bool]
    problems: tuple[Problem, ...]
    is_there: bool = True


def read_labels(source: Source, file: str | None, folder: str) -> LabelFile:
    """Read a view's label file; errors in it become problems."""
    if file is None:
        expected = f"{folder}/{PurePosixPath(folder).name}.txt"
        problem = Problem(expected, Kind.LABEL_MISSING, "is not there; the boxes alone are used")
        return LabelFile(expected, {}, (problem,), is_there=False)
    try:
        text = source.read(file).decode("utf-8-sig", "replace")
    except UnreadableError as error:
        problem = Problem(file, Kind.UNREADABLE_FILE, f"{error}; the boxes alone are used")
        return LabelFile(file, {}, (problem,), is_there=False)
    by_id: dict[str, bool] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parsed = _parse_line(line)
        if parsed is None:
            reason = f"line {number} is not `id.jpg 0` or `id.jpg 1`: {line.strip()[:40]!r}; ignored"
            problems.append(Problem(file, Kind.LABEL_LINE, reason))
            continue
        stem, abnormal = parsed
        if by_id.setdefault(stem, abnormal) != abnormal:
            reason = f"line {number} contradicts an earlier line on {stem}.jpg; the earlier is kept"
            problems.append(Problem(file, Kind.LABEL_LINE, reason))
    return LabelFile(file, by_id, tuple(problems))


def label_problems(labels: LabelFile, scans: Iterable[FoundScan]) -> list[Problem]:
    """Return where the label file and the boxes of the scans disagree, and which scans it leaves out."""
    if not labels.is_there:
        return []
    problems = []
    for scan in scans:
        has_abnormal = any(parse_class_name(item.name) == ABNORMAL for item in scan.objects)
        labelled = labels.by_id.get(scan.patient)
        if labelled is None:
            reason = f"is not listed in {PurePosixPath(labels.file).name}; the boxes alone are used"
            problems.append(Problem(scan.image, Kind.LABEL_MISSING, reason))
        elif labelled != has_abnormal:
            said = "abnormal" if labelled else "normal"
            boxes = "an abnormal box" if has_abnormal else "no abnormal box"
            reason = f"is labelled {said} but has {boxes}; the boxes are believed"
            problems.append(Problem(scan.image, Kind.LABEL_DISAGREES, reason))
    return problems


def _parse_line(line: str) -> tuple[str, bool] | None:
    parts = line.rsplit(maxsplit=1)
    if len(parts) != 2 or parts[1] not in {"0", "1"}:
        return None
    return file_id(parts[0].strip()), parts[1] == "1"
