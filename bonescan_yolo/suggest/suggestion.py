"""The suggested scans with their reasons, and the folder that is written of them for an annotation tool."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bonescan_yolo.errors import OutputError, ScanError
from bonescan_yolo.files import csv_text, unwritable, write_text
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.predict.formats.reading_json import path_text
from bonescan_yolo.predict.formats.result_format import ResultFormat
from bonescan_yolo.predict.output_names import ViewNames
from bonescan_yolo.scan.identity.names import date_of_path, identify, patient_names
from bonescan_yolo.scan.identity.pairing import patients_of_views, studies_of
from bonescan_yolo.scan.read import ReadOptions, read_scans
from bonescan_yolo.suggest.candidates import LeftOut, Pool, ScoredScan
from bonescan_yolo.suggest.scores import ScanFeatures
from bonescan_yolo.suggest.variety import choose, stands_for

SUGGESTED_NAME, LEFT_OUT_NAME = "suggested.csv", "left_out.csv"

COLUMNS = (
    "rank",
    "picture",
    "file",
    "frame",
    "view",
    "patient",
    "unsure_boxes",
    "expected_wrong",
    "changed_mirrored",
    "changed_displayed",
    "stands_for",
    "n_abnormal",
    "n_normal",
    "reasons",
)
LEFT_OUT_COLUMNS = ("file", "frame", "reason")

SCORE_DECIMALS = 2
ONE_CHANGES = 0.5
"""Boxes that change from which one is said to."""


@dataclass(frozen=True)
class Suggestion:
    """A scan to annotate.

    Attributes:
        rank: from 1, the most telling first.
        scored: the scan.
        patient: whose it is.
        stands_for: scans, itself included, that are more like it than like another suggested one.
        follows: whether it is the other view of the one before.
    """

    rank: int
    scored: ScoredScan
    patient: str
    stands_for: int
    follows: bool

    @property
    def reasons(self) -> str:
        """Why it is suggested, in plain words."""
        parts = ["other view of the scan before"] if self.follows else []
        parts += doubts_in_words(self.scored.features)
        alike = f"stands for {self.stands_for} scans" if self.stands_for > 1 else "stands for itself alone"
        return "; ".join([*parts, alike])


def doubts_in_words(features: ScanFeatures) -> list[str]:
    """Return what the model is in doubt about, a few words each; one entry if it is in no doubt."""
    found = [f"unsure of {_boxes(features.unsure_boxes)}"] if features.unsure_boxes else []
    for changed, when in ((features.mirrored, "when mirrored"), (features.displayed, "on another display")):
        if changed >= ONE_CHANGES:
            found.append(f"reads {_boxes(max(1, round(changed)))} otherwise {when}")
    return found or ["sure of all its boxes"]


def suggest(pool: Pool, number: int) -> list[Suggestion]:
    """Return the scans of a pool to annotate, the most telling study first, both views of it together."""
    scans, features = pool.candidates, [scan.features for scan in pool.candidates]
    patients = patients_of_views(scans)
    studies = studies_of(scans)
    chosen = choose(features, number, studies, [patient.casefold() for patient in patients], pool.annotated)
    counts = stands_for(features, [*chosen, *pool.annotated])
    study = {scan: number for number, group in enumerate(studies) for scan in group}
    return [
        Suggestion(
            rank=place + 1,
            scored=scans[scan],
            patient=patients[scan],
            stands_for=count,
            follows=place > 0 and study[chosen[place - 1]] == study[scan],
        )
        for place, (scan, count) in enumerate(zip(chosen, counts, strict=False))  # the rest are of annotated scans
    ]


def require_empty(out: Path) -> None:
    """Refuse a folder that has files: they may be boxes that somebody corrected.

    Raises:
        OutputError: it has any, or cannot be read.
    """
    if not out.exists():
        return
    try:
        files = any(out.iterdir())
    except OSError as error:
        raise unwritable(out, error) from error
    if files:
        raise OutputError(
            f"{out}: is not empty, and boxes corrected there would be replaced; choose another --out or move its "
            "contents away"
        )


def write_scans(
    suggestions: Sequence[Suggestion], writer: ResultFormat, detector: Detector, options: ReadOptions
) -> list[str]:
    """Write each scan with the model's boxes for an annotation tool; return the names of the pictures.

    Raises:
        BonescanError: a scan cannot be read any more, or the folder cannot be written to.
    """
    names, pictures = ViewNames(), []
    for each in suggestions:
        reading = _read_again(each.scored, detector, options)
        scan = reading.scan
        stem = names.next(named_path(each.scored.path, each.patient), scan.frame_count, scan.frame, scan.view)
        writer.add(reading, stem)
        pictures.append(f"{stem}.png")
    writer.close()
    return pictures


def write_tables(
    suggestions: Sequence[Suggestion], pictures: Sequence[str], left_out: Sequence[LeftOut], out: Path
) -> None:
    """Write `suggested.csv` and, if any scan is left out, `left_out.csv`."""
    rows = [_row(each, picture) for each, picture in zip(suggestions, pictures, strict=True)]
    write_text(out / SUGGESTED_NAME, csv_text(COLUMNS, rows))
    if left_out:
        lines = [(path_text(each.path), each.frame, each.reason) for each in left_out]
        write_text(out / LEFT_OUT_NAME, csv_text(LEFT_OUT_COLUMNS, lines))


def named_path(path: Path, patient: str) -> Path:
    """Return the path under whose name a scan is written: its own or, if only its folder names the patient, that.

    All scans are written into one folder, and `convert` finds the patient in their names.

    Examples:
        >>> from pathlib import Path
        >>> from bonescan_yolo.suggest.suggestion import named_path
        >>> named_path(Path("scans/7_ant.png"), "7").name, named_path(Path("n/WB_ANT001_DS.dcm"), "n").name
        ('7_ant.png', 'n.dcm')
    """
    own = identify(path.name).patient.casefold()
    folders = {found.name.casefold() for found in patient_names(PurePosixPath(path.as_posix()))} - {own}
    if patient.casefold() not in folders:
        return path
    date = date_of_path(path)
    return path.with_name(f"{patient}_{date}{path.suffix}" if date else f"{patient}{path.suffix}")


def _read_again(scored: ScoredScan, detector: Detector, options: ReadOptions) -> Reading:
    scans = read_scans(scored.path, options)
    if scored.frame >= len(scans):
        raise ScanError(f"{scored.path}: changed while it was read; start again")
    return detector.read(dataclasses.replace(scans[scored.frame], path=scored.path))


def _row(each: Suggestion, picture: str) -> tuple[object, ...]:
    scan, features = each.scored, each.scored.features
    scores = (features.unsure, features.mirrored, features.displayed)
    return (
        each.rank,
        picture,
        path_text(scan.path),
        scan.frame,
        scan.view,
        each.patient.encode("utf-8", "backslashreplace").decode("utf-8"),
        features.unsure_boxes,
        *(round(score, SCORE_DECIMALS) for score in scores),
        each.stands_for,
        features.n_abnormal,
        features.n_normal,
        each.reasons,
    )


def _boxes(number: int) -> str:
    return "1 box" if number == 1 else f"{number} boxes"
