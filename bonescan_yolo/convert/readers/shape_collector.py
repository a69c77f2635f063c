"""Collecting the objects of one image: each becomes an annotation, or is counted by a problem."""

from __future__ import annotations

import dataclasses

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.source import UnreadableError
from bonescan_yolo.convert.survey import XYXY, Annotation, Kind, Problem


def with_fault(image: AnnotatedImage, fault: str | Exception) -> AnnotatedImage:
    """Return what is known of an image whose annotation cannot be read, with the fault as a problem."""
    kind = Kind.UNREADABLE_FILE if isinstance(fault, UnreadableError) else Kind.UNREADABLE_ANNOTATION
    which = "its scan is" if image.stem_names_image or image.image else "the scans in it are"
    problem = Problem(image.annotation, kind, f"{fault}; {which} left out, since the boxes are unknown")
    return dataclasses.replace(image, problems=(*image.problems, problem), fault=str(fault))


class ShapeCollector:
    """The objects that an annotation file has for one image, usable and not.

    Attributes:
        objects: What can be used so far.
        problems: What is wrong with the others, and what was done to these.
    """

    def __init__(self, file: str, what: str = "object") -> None:
        """Begin without objects.

        Args:
            file: The annotation file, for messages.
            what: What its format calls an object, such as `shape`; a number follows.
        """
        self.objects: list[Annotation] = []
        self.problems: list[Problem] = []
        self._file = file
        self._what = what
        self._count = 0

    def keep(self, name: str, xyxy: XYXY, shape: str | None = None) -> None:
        """Add an object; `shape` says what it was if it was no upright box, whose bounds are taken."""
        self._count += 1
        self.objects.append(Annotation(name, xyxy))
        if shape is not None:
            self._report(Kind.BOX_FROM_OUTLINE, f"is {shape}; its bounds are taken as box")

    def leave(self, reason: str, kind: Kind = Kind.MISSING_TAG) -> None:
        """Count an object that cannot be used."""
        self._count += 1
        self._report(kind, f"{reason}; left out", objects=1)

    def note(self, reason: str, kind: Kind, objects: int = 0) -> None:
        """Report something about the file that is not about one object."""
        self.problems.append(Problem(self._file, kind, reason, objects))

    def _report(self, kind: Kind, reason: str, objects: int = 0) -> None:
        self.problems.append(Problem(self._file, kind, f"{self._what} {self._count} {reason}", objects))
