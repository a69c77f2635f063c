"""A source in memory, and the files that other programs wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bonescan_yolo.convert.annotation_formats import ParseOptions
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.source import UnreadableError
from bonescan_yolo.convert.survey import Problem

FILES = Path(__file__).with_name("files")
OPTIONS = ParseOptions()


@dataclass
class MemorySource:
    """Files by name; a file without content cannot be read."""

    content: Mapping[str, bytes | str | None]
    name: str = "source"
    problems: tuple[Problem, ...] = ()
    junk: int = 0
    files: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.files = tuple(sorted(self.content))

    def read(self, file: str) -> bytes:
        data = self.content[file]
        if data is None:
            raise UnreadableError("cannot be read (permission denied)")
        return data.encode() if isinstance(data, str) else data

    def path(self, file: str) -> Path | None:
        return None


def written_by(tool: str, *more: str) -> MemorySource:
    """Return the files of a folder of `files`, with the names of further files, such as the images."""
    folder = FILES / tool
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return MemorySource({**found, **dict.fromkeys(more, b"")})


def boxes_of(image: AnnotatedImage) -> list[tuple[object, ...]]:
    """Return name and corners of each object, rounded to a hundredth of a pixel (or of a per cent of the image)."""
    digits = 4 if image.normalised else 2
    return [(item.name, *(round(edge, digits) for edge in item.xyxy)) for item in image.objects]


def reasons(image: AnnotatedImage) -> list[str]:
    """Return what is said of the image's objects."""
    return [problem.reason for problem in image.problems]
