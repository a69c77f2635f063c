"""The formats that `bonescan convert` reads besides BS-80K: a row each, with the function that parses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.coco import parse_coco
from bonescan_yolo.convert.readers.csv_boxes import read_csv_boxes
from bonescan_yolo.convert.readers.cvat import read_cvat
from bonescan_yolo.convert.readers.label_studio import read_label_studio
from bonescan_yolo.convert.readers.labelme import read_labelme
from bonescan_yolo.convert.readers.labelme_pictures import WithEmbeddedPictures
from bonescan_yolo.convert.readers.voc import parse_voc_files
from bonescan_yolo.convert.readers.yolo import read_yolo
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
        with_pictures: Adds the pictures inside annotation files to their source, if the format has such.
    """

    name: str
    help: str
    source_help: str
    title: str
    parse: Parse
    unlisted_is_background: bool
    with_pictures: Callable[[Source], Source] | None = None


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
    AnnotationFormat(
        name="yolo",
        help="images with YOLO label files",
        source_help="folder or zip of images and label files, with data.yaml, classes.txt or obj.names",
        title="YOLO labels",
        parse=read_yolo,
        unlisted_is_background=True,
    ),
    AnnotationFormat(
        name="labelme",
        help="images with LabelMe JSON files",
        source_help="folder or zip of images and JSON files",
        title="LabelMe annotations",
        parse=read_labelme,
        unlisted_is_background=True,
        with_pictures=WithEmbeddedPictures,
    ),
    AnnotationFormat(
        name="cvat",
        help="an export as `CVAT for images 1.1` with its images",
        source_help="the XML file, or a folder or zip with it",
        title="CVAT annotations",
        parse=read_cvat,
        unlisted_is_background=False,
    ),
    AnnotationFormat(
        name="label-studio",
        help="an export of Label Studio (JSON, JSON-MIN or CSV) with its images",
        source_help="the JSON or CSV file, or a folder or zip with it",
        title="Label Studio annotations",
        parse=read_label_studio,
        unlisted_is_background=False,
    ),
    AnnotationFormat(
        name="csv",
        help="a CSV table of boxes with its images",
        source_help="the CSV file, or a folder or zip with it; columns path, class, x1, y1, x2, y2 or their like",
        title="CSV annotations",
        parse=read_csv_boxes,
        unlisted_is_background=False,
    ),
)
"""In the order of the help."""
