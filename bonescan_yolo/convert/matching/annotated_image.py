"""What an annotation file says of one image, before the image is looked for: the same for every format."""

from __future__ import annotations

from dataclasses import dataclass

from bonescan_yolo.convert.survey import Annotation, Problem


@dataclass(frozen=True)
class AnnotatedImage:
    """One image as an annotation file describes it.

    Attributes:
        annotation: Path of the annotation file inside the source.
        image: The image as the file names it, with folders and slashes of any system, or None if it names none.
        stem_names_image: Whether the annotation file is named like its image, as in VOC, LabelMe and YOLO.
        size: Width and height that the file states in pixels, or None.
        frame: Index of the scan in its file, from 0; None if the file does not say, or the image has one.
        objects: Objects with a name and four numbers; corners in any order.
        normalised: Whether the objects' corners are fractions of the image's width and height, as in YOLO, instead of
            pixels. They are scaled once the image has been found and read.
        problems: What is wrong with the rest; each object that cannot be used is counted by one.
        fault: Why nothing of the description can be read, or None. Such an image is not background.
    """

    annotation: str
    image: str | None = None
    stem_names_image: bool = False
    size: tuple[int, int] | None = None
    frame: int | None = None
    objects: tuple[Annotation, ...] = ()
    normalised: bool = False
    problems: tuple[Problem, ...] = ()
    fault: str | None = None

    @property
    def objects_lost(self) -> int:
        """Objects that cannot be used."""
        return sum(problem.objects for problem in self.problems)

    @property
    def objects_read(self) -> int:
        """Objects in the file, usable or not; 0 if it cannot be read."""
        return len(self.objects) + self.objects_lost
