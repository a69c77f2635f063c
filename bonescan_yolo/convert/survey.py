"""What a reader found in a source: scans with their annotations, and problems. The same for every format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from bonescan_yolo.classes import ABNORMAL, NORMAL, parse_class_name

ANTERIOR: Final = "anterior"
POSTERIOR: Final = "posterior"
UNKNOWN_VIEW: Final = "unknown"
VIEWS: Final = (ANTERIOR, POSTERIOR, UNKNOWN_VIEW)

XYXY = tuple[float, float, float, float]
"""Pixel edges x1, y1, x2, y2, counted from 0 at the top left corner; width = x2 - x1."""


class Kind(str, Enum):
    """What a problem is about. The values are in the report."""

    UNSAFE_MEMBER = "unsafe_member"
    UNREADABLE_FILE = "unreadable_file"
    DOWNLOAD_COPY = "download_copy"
    DUPLICATE_FILE = "duplicate_file"
    DUPLICATE_PATIENT = "duplicate_patient"
    LABEL_LINE = "label_line"
    LABEL_MISSING = "label_missing"
    LABEL_DISAGREES = "label_disagrees"
    ORPHAN_ANNOTATION = "orphan_annotation"
    MISSING_IMAGE = "missing_image"
    UNREADABLE_ANNOTATION = "unreadable_annotation"
    FILENAME_DISAGREES = "filename_disagrees"
    IMAGE_NAME = "image_name"
    MAYBE_ANNOTATED = "maybe_annotated"
    MISSING_TAG = "missing_tag"
    UNKNOWN_CLASS = "unknown_class"
    CLASS_LEFT_OUT = "class_left_out"
    BOX_NOT_FINITE = "box_not_finite"
    BOX_INVERTED = "box_inverted"
    BOX_EMPTY = "box_empty"
    BOX_OUTSIDE = "box_outside"
    BOX_CLIPPED = "box_clipped"
    BOX_DUPLICATE = "box_duplicate"
    BOX_CROWD = "box_crowd"
    BOX_FROM_OUTLINE = "box_from_outline"
    NO_SOUND_BOX = "no_sound_box"
    UNDECODABLE_IMAGE = "undecodable_image"
    OTHER_SIZE = "other_size"
    SIZE_DISAGREES = "size_disagrees"
    JPEG_TAIL = "jpeg_tail"
    NOT_A_SCAN = "not_a_scan"
    WRAPAROUND = "wraparound"


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong with the source.

    Attributes:
        file: Path inside the source.
        kind: What it is about.
        reason: What was found and what was done about it, in one line.
        objects: Annotated objects that were left out because of it.
    """

    file: str
    kind: Kind
    reason: str
    objects: int = 0

    @property
    def line(self) -> str:
        """File and reason for people: one line whatever the file's name holds."""
        return "".join(char if char.isprintable() else "?" for char in f"{self.file}: {self.reason}")


@dataclass(frozen=True)
class Annotation:
    """One object as its file has it, unchecked: its class name, and its corners as pixel edges."""

    name: str
    xyxy: XYXY


@dataclass(frozen=True)
class Box:
    """One valid object: a class id, and pixel edges inside the image."""

    class_id: int
    xyxy: XYXY


@dataclass(frozen=True)
class FoundScan:
    """One scan of the source with what was annotated on it, as a reader found it.

    Attributes:
        image: Path of the image inside the source.
        name: File name without suffix in the converted data set, unique there.
        patient: Scans of the same patient share it and stay on one side of the split.
        study: The source's own id for the views taken together.
        view: `anterior`, `posterior` or `unknown`.
        annotation: Path of the annotation file inside the source, or None for a background scan.
        labelled_size: Width and height that the annotation states, or None.
        objects: What was annotated; empty for a background scan.
        objects_lost: Objects on it that the reader could not use and reported.
        normalised: Whether the objects' corners are fractions of the image's width and height instead of pixels.
        frame: Index of the scan in its file, from 0.
        frame_count: Scans in the file.
        bones: Path of the file of its bones inside the source, which simulated scans may have, or None.
    """

    image: str
    name: str
    patient: str
    study: str
    view: str
    annotation: str | None = None
    labelled_size: tuple[int, int] | None = None
    objects: tuple[Annotation, ...] = ()
    objects_lost: int = 0
    normalised: bool = False
    frame: int = 0
    frame_count: int = 1
    bones: str | None = None


@dataclass(frozen=True)
class ViewCounts:
    """Counts of one view in the source, before anything is left out."""

    images: int = 0
    annotation_files: int = 0
    abnormal_objects: int = 0
    normal_objects: int = 0
    labelled_abnormal: int = 0
    labelled_normal: int = 0


@dataclass(frozen=True)
class Survey:
    """Everything a reader found.

    Attributes:
        title: The source data set, for people.
        scans: Scans to check and write, in natural order.
        problems: What was wrong when it was read.
        objects_read: Annotated objects in all annotation files, valid or not.
        counts: What the source holds, by view.
        ignored: Files passed over on purpose, by reason.
        expected_size: Width and height every scan of this source should have, or None.
        class_names: How many objects each class name in the annotation files has, as they have it.
        warnings: What a user has to know before anything else; a line each, on top of the report.
    """

    title: str
    scans: tuple[FoundScan, ...]
    problems: tuple[Problem, ...]
    objects_read: int
    counts: dict[str, ViewCounts]
    ignored: dict[str, int] = field(default_factory=dict)
    expected_size: tuple[int, int] | None = None
    class_names: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def count_views(scans: Iterable[FoundScan]) -> dict[str, ViewCounts]:
    """Return the counts of each view that occurs, for sources without label files."""
    scans = list(scans)
    counts: dict[str, ViewCounts] = {}
    for view in VIEWS:
        of_view = [scan for scan in scans if scan.view == view]
        classes = [parse_class_name(item.name) for scan in of_view for item in scan.objects]
        if of_view:
            counts[view] = ViewCounts(
                images=len(of_view),
                annotation_files=sum(scan.annotation is not None for scan in of_view),
                abnormal_objects=classes.count(ABNORMAL),
                normal_objects=classes.count(NORMAL),
            )
    return counts
