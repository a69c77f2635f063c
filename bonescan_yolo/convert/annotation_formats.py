"""The formats that `bonescan convert` reads besides BS-80K: a row each, with the function that parses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from bonescan_yolo.convert.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.coco import parse_coco
from bonescan_yolo.convert.readers.voc import parse_voc_files
from bonescan_yolo.convert.source import Source


@dataclass(frozen=True)
class ParseOptions:
    """What a user says about annotation files.

    Attributes:
        one_based: VOC corners count pixels from 1 and include both ends.
    """

    one_based: bool = False


Parse = Callable[[Source, ParseOptions], Iterable[AnnotatedImage]]
"""Takes the source of the annotation files (a folder, a zip archive, or a single file) and returns one record per
described image. What is wrong with one file or object becomes a problem or a fault of its record; DatasetError is
raised only if the source holds no file of the format."""


@dataclass(frozen=True)
class AnnotationFormat:
    """One format of annotation files.

    Attributes:
        name: As typed: `bonescan convert NAME`.
        help: For the list of formats.
        source_help: What SOURCE is.
        title: Of the converted data set, unless the user gives one.
        parse: Translates the files.
        unlisted_is_background: Whether an image without an annotation is a scan without hot spots.
    """

    name: str
    help: str
    source_help: str
    title: str
    parse: Parse
    unlisted_is_background: bool


FORMATS: Final = (
    AnnotationFormat(
        name="voc",
        help="images with Pascal VOC XML files",
        source_help="folder or zip of images and XML files",
        title="Pascal VOC annotations",
        parse=lambda source, options: parse_voc_files(source, options.one_based),
        unlisted_is_background=True,
    ),
    AnnotationFormat(
        name="coco",
        help="a COCO JSON file with its images",
        source_help="the JSON file, or a folder or zip with one JSON file",
        title="COCO annotations",
        parse=lambda source, _: parse_coco(source),
        unlisted_is_background=False,
    ),
)
"""In the order of the help."""
