"""Reading the VOC file of one scan, for the readers that have such files, with every object accounted for."""

from __future__ import annotations

from dataclasses import dataclass

from bonescan_yolo.convert.readers.voc_xml import VocError, VocFile, parse_voc
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import Kind, Problem


@dataclass(frozen=True)
class ReadAnnotation:
    """One annotation file of the source.

    Attributes:
        file: Its path inside the source.
        content: What it holds, or None when it cannot be read.
        problems: What was wrong with it; the objects that could not be read are counted here.
    """

    file: str
    content: VocFile | None
    problems: tuple[Problem, ...]

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
        return ReadAnnotation(file, None, (Problem(file, Kind.UNREADABLE_FILE, reason),))
    except VocError as error:
        reason = f"{error}; its scan is left out, since its boxes are unknown"
        return ReadAnnotation(file, None, (Problem(file, Kind.UNREADABLE_ANNOTATION, reason),))
    broken = tuple(Problem(file, Kind.MISSING_TAG, f"{what}; left out", objects=1) for what in content.broken)
    return ReadAnnotation(file, content, broken)
