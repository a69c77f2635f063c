"""From what a user names to a data set: the annotations are opened, read in their format, and converted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import is_zipfile

from bonescan_yolo.convert.annotation_formats import FORMATS, AnnotationFormat, ParseOptions
from bonescan_yolo.convert.conversion import Options, convert, require_replaceable
from bonescan_yolo.convert.format_guess import guess_format, other_format
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.matching import build_survey
from bonescan_yolo.convert.readers.bs80k import read_bs80k
from bonescan_yolo.convert.readers.bs80k_folders import VIEW_FOLDERS
from bonescan_yolo.convert.source import FileSource, Source, open_source
from bonescan_yolo.convert.survey import Survey
from bonescan_yolo.errors import DatasetError

BS80K: Final = "bs80k"
"""The format that is not in FORMATS: whole folders, not annotation files."""

FORMAT_NAMES: Final = (BS80K, *(entry.name for entry in FORMATS))


@dataclass(frozen=True)
class Request:
    """What a user wants converted.

    Attributes:
        source: folder, archive or file of the annotations.
        source_format: one of FORMAT_NAMES.
        images: folder or archive of the images; None if they are where the annotations are.
        out: folder to write.
        title: of the data set; None takes the format's.
        options: how to convert.
    """

    source: Path
    source_format: str
    images: Path | None
    out: Path
    title: str | None
    options: Options


def convert_annotations(request: Request) -> str:
    """Convert and write a data set; returns the readable summary.

    Raises:
        BonescanError: see `conversion.convert`; or the source is not of that format.
    """
    options, out = request.options, request.out
    require_replaceable(out, request.source)
    if request.source_format == BS80K:
        with open_source(request.source, leave_out=out) as source:
            try:
                survey = read_bs80k(source, options.classes)
            except DatasetError as error:
                raise DatasetError(f"{error}{other_format(source, BS80K)}") from error
            return convert(source, BS80K, _titled(survey, request.title), out, options)
    entry = next(entry for entry in FORMATS if entry.name == request.source_format)
    with _sources(request.source, request.images, out) as (annotations, images):
        with_pictures = entry.with_pictures if images is annotations else None
        source = images if with_pictures is None else with_pictures(images)
        survey = build_survey(
            entry.title,
            source,
            _parsed(entry, annotations, options),
            patient=options.patient,
            classes=options.classes,
            unlisted_is_background=entry.unlisted_is_background,
        )
        return convert(source, request.source_format, _titled(survey, request.title), out, options)


def guess_format_of(given: Path) -> str:
    """Return the format that annotations are in, one of FORMAT_NAMES.

    Raises:
        DatasetError: there are none, or they are in no known format.
    """
    if given.is_file() and not is_zipfile(given):
        found = guess_format(FileSource(given))
    else:
        with open_source(given) as source:
            found = BS80K if _has_view_folders(source) else guess_format(source)
    if found not in FORMAT_NAMES:
        raise DatasetError(
            f"{given}: holds no annotations in a known format; give a folder or file that `bonescan convert` reads, "
            "or say its --format"
        )
    return found


def _has_view_folders(source: Source) -> bool:
    """Return whether a source has a folder of whole-body views with BS-80K's name."""
    return any(parent.name.lower() in VIEW_FOLDERS for file in source.files for parent in PurePosixPath(file).parents)


def _parsed(entry: AnnotationFormat, source: Source, options: Options) -> list[AnnotatedImage]:
    """Return what the annotations say; an error ends with the format that they are in, if that can be seen."""
    try:
        items = list(entry.parse(source, ParseOptions(one_based=options.one_based)))
    except DatasetError as error:
        raise DatasetError(f"{error}{other_format(source, entry.name)}") from error
    if items and all(item.fault is not None for item in items):
        hint = other_format(source, entry.name)
        if hint:
            raise DatasetError(f"{source.name}: {items[0].annotation} {items[0].fault}{hint}")
    return items


@contextmanager
def _sources(given: Path, images: Path | None, out: Path) -> Iterator[tuple[Source, Source]]:
    """Yield the source of the annotations and that of the images, which are one unless the user names two.

    A single annotation file has its images beside it, if no folder is named.
    """
    is_file = given.is_file() and not is_zipfile(given)
    if images is None and not is_file:
        with open_source(given, leave_out=out) as source:
            yield source, source
        return
    folder = images or given.parent
    require_replaceable(out, folder)
    with open_source(folder, leave_out=out) as source:
        if is_file:
            yield FileSource(given), source
            return
        with open_source(given, leave_out=out) as annotations:
            yield annotations, source


def _titled(survey: Survey, title: str | None) -> Survey:
    """Return the survey under the title that the user gave the data set, if any."""
    return survey if title is None else dataclasses.replace(survey, title=" ".join(title.split()))
