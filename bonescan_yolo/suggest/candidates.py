"""The scans among which suggestions are chosen: read once, scored, and kept without their pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.scan.identity.names import View
from bonescan_yolo.scan.read import ReadOptions, read_scans
from bonescan_yolo.scan.record import Scan
from bonescan_yolo.suggest.scores import ScanFeatures, score_scan

IS_ANNOTATED = "is annotated already"


@dataclass(frozen=True, eq=False)
class ScoredScan:
    """A scan that may be suggested.

    Attributes:
        path: its file.
        frame: its index in the file, from 0.
        frame_count: scans in the file.
        view: None where unknown.
        study_uid: its DICOM study; None if the file does not say.
        digest: of what it shows, see `digest_of`.
        features: its scores and its look.
    """

    path: Path
    frame: int
    frame_count: int
    view: View | None
    study_uid: str | None
    digest: str
    features: ScanFeatures


@dataclass(frozen=True)
class LeftOut:
    """A scan or file that cannot be suggested, and why: `frame` is None for a file as a whole."""

    path: Path
    frame: int | None
    reason: str


Examined = ScoredScan | LeftOut | BonescanError
"""An error is that of a file or frame that cannot be read."""


@dataclass
class Pool:
    """All scans of a run.

    Attributes:
        candidates: those that may be suggested and, among them, those that are annotated.
        annotated: which of them are, as indices.
        left_out: all others.
    """

    candidates: list[ScoredScan] = field(default_factory=list)
    annotated: list[int] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add_annotated(self, scan: ScoredScan) -> None:
        """Add a scan that is annotated already."""
        self.annotated.append(len(self.candidates))
        self.candidates.append(scan)

    def add(self, scan: ScoredScan | LeftOut) -> None:
        """Add a scan; one that shows the same as another is left out."""
        if isinstance(scan, LeftOut):
            self.left_out.append(scan)
            return
        first = next((other for other in self.candidates if other.digest == scan.digest), None)
        if first is None:
            self.candidates.append(scan)
        else:
            self.left_out.append(LeftOut(scan.path, scan.frame, f"shows the same pixels as {first.path}"))


def examine(
    path: Path, detector: Detector, options: ReadOptions, annotated: Collection[str] = frozenset()
) -> list[Examined]:
    """Read a file and score its scans; what the quality check refuses, and what is annotated, is not scored.

    Args:
        path: of the file.
        detector: that is in doubt, opened with `scores.SEEN`.
        options: what the user says about the files.
        annotated: digests of scans that are not to be suggested.
    """
    try:
        scans = read_scans(path, options)
    except BonescanError as error:
        return [error]
    return [_examine_frame(scan, path, detector, annotated) for scan in scans]


def _examine_frame(scan: Scan, path: Path, detector: Detector, annotated: Collection[str]) -> Examined:
    if scan.quality.refusal is not None:
        return LeftOut(path, scan.frame, scan.quality.refusal)
    grey = scan.grey()
    digest = digest_of(grey)
    if digest in annotated:
        return LeftOut(path, scan.frame, IS_ANNOTATED)
    try:
        features = score_scan(detector, grey)
    except BonescanError as error:
        return error
    return ScoredScan(path, scan.frame, scan.frame_count, scan.view, scan.study_uid, digest, features)


def digest_of(grey: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of (height, width) grey levels, 64 hexadecimal digits.

    A DICOM file and the PNG that was written of it for an annotation tool have the same.
    """
    return hashlib.sha256(repr(grey.shape).encode() + np.ascontiguousarray(grey).tobytes()).hexdigest()
