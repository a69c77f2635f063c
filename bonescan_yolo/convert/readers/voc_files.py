"""Reading VOC files from a source, for the readers that have such files, with every object accounted for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NoReturn

from bonescan_yolo.convert.readers.voc_xml import VocError, VocFile, parse_voc
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import FoundScan, Kind, Problem
from bonescan_yolo.errors import DatasetError


def read_voc_file(source: Source, path: str, one_based: bool = False) -> VocFile:
    """Read one annotation file; errors in it become problems, never an exception."""
    try:
        return parse_voc(source.read(path), path, one_based)
    except UnreadableError as error:
        return _unreadable(path, Kind.UNREADABLE_FILE, str(error))
    except VocError as error:
        return _unreadable(path, Kind.UNREADABLE_ANNOTATION, str(error))


def with_annotation(scan: FoundScan, annotation: VocFile) -> FoundScan:
    """Return the scan with the content of its annotation file, which must be readable."""
    return dataclasses.replace(
        scan,
        annotation=annotation.path,
        labelled_size=annotation.size,
        objects=annotation.objects,
        objects_lost=annotation.objects_lost,
    )


def refuse_unusable(where: str, annotations: Sequence[VocFile]) -> NoReturn:
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
        found.append(f"{len(unreadable)} cannot be read, such as {first.path}, which {first.fault}")
        fixes.append("make them readable or export them again as Pascal VOC XML")
    if orphans:
        found.append(f"{len(orphans)} match no image or several, such as {orphans[0].path}")
        fixes.append("give each one its image, under the same name")
    raise DatasetError(
        f"{where}: 0 of {len(annotations)} annotation files can be used ({'; '.join(found)}); {', and '.join(fixes)}"
    )


def _unreadable(path: str, kind: Kind, fault: str) -> VocFile:
    reason = f"{fault}; its scan is left out, since its boxes are unknown"
    return VocFile(path, problems=(Problem(path, kind, reason),), fault=fault)
