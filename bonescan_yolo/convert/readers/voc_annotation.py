"""Reading the VOC file of one scan, for the readers that have such files, with every object accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from bonescan_yolo.convert.readers.voc_xml import VocError, VocFile, parse_voc
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import Kind, Problem
from bonescan_yolo.errors import DatasetError


@dataclass(frozen=True)
class ReadAnnotation:
    """One annotation file of the source.

    Attributes:
        file: Its path inside the source.
        content: What it holds, or None when it cannot be read.
        problems: What was wrong with it; the objects that could not be read are counted here.
        fault: Why it cannot be read, or None.
    """

    file: str
    content: VocFile | None
    problems: tuple[Problem, ...]
    fault: str | None = None

    @property
    def objects_read(self) -> int:
        """Objects met, sound or not."""
        return 0 if self.content is None else len(self.content.objects) + len(self.content.broken)

    @property
    def objects_usable(self) -> int:
        """Objects with a name and four numbers."""
        return 0 if self.content is None else len(self.content.objects)


def read_annotation(source: Source, file: str, one_based: bool = False) -> ReadAnnotation:
    """Read one annotation file; what is wrong with it becomes problems, never an exception."""
    try:
        content = parse_voc(source.read(file), one_based)
    except UnreadableError as error:
        reason = f"{error}; its scan is left out, since its boxes are unknown"
        return ReadAnnotation(file, None, (Problem(file, Kind.UNREADABLE_FILE, reason),), str(error))
    except VocError as error:
        reason = f"{error}; its scan is left out, since its boxes are unknown"
        return ReadAnnotation(file, None, (Problem(file, Kind.UNREADABLE_ANNOTATION, reason),), str(error))
    broken = tuple(Problem(file, Kind.MISSING_TAG, f"{what}; left out", objects=1) for what in content.broken)
    return ReadAnnotation(file, content, broken)


def refuse_unusable(where: str, annotations: Sequence[ReadAnnotation]) -> NoReturn:
    """Raise the error for annotations of which none belongs to a scan: every scan would become background.

    Args:
        where: The folder or archive they are in, for the message.
        annotations: At least one, each unreadable or without an image.

    Raises:
        DatasetError: always.
    """
    unreadable = [item for item in annotations if item.fault is not None]
    orphans = [item for item in annotations if item.fault is None]
    found, fixes = [], []
    if unreadable:
        first = unreadable[0]
        found.append(f"{len(unreadable)} cannot be read, such as {first.file}, which {first.fault}")
        fixes.append("make them readable or export them again as Pascal VOC XML")
    if orphans:
        found.append(f"{len(orphans)} match no image or several, such as {orphans[0].file}")
        fixes.append("give each one its image, under the same name")
    raise DatasetError(
        f"{where}: 0 of {len(annotations)} annotation files can be used ({'; '.join(found)}); {', and '.join(fixes)}"
    )
