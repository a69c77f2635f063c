"""Reading a COCO detection file (images, annotations, categories) with the folder of its images.

A box is x, y, width, height of pixel edges counted from 0 (https://cocodataset.org/#format-data).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Hashable
from pathlib import PurePosixPath
from typing import Any, Final, NoReturn

from bonescan_yolo.convert.naming import output_names, suffix
from bonescan_yolo.convert.source import Source
from bonescan_yolo.convert.survey import UNKNOWN_VIEW, Annotation, FoundScan, Kind, Problem, Survey, count_views
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.scan.names import identify
from bonescan_yolo.scan.raster import SUFFIXES

SECTIONS: Final = ("images", "annotations", "categories")


def read_coco(data: bytes, name: str, source: Source, patient: re.Pattern[str] | None = None) -> Survey:
    """Survey a COCO file.

    Args:
        data: The JSON file's bytes.
        name: The JSON file's name, for messages.
        source: Where the images are; `file_name` is a path in it, or else the name of the only such file in it.
        patient: Finds the patient in an image's path; by default the file name without the view.

    Raises:
        DatasetError: the file is not COCO, or none of its annotations is a box on an existing image.
    """
    images, annotations, categories = _parse(data, name)
    return _CocoReader(name, source, categories).survey(images, annotations, patient)


class _CocoReader:
    def __init__(self, name: str, source: Source, categories: list[Any]) -> None:
        self._name = name
        self._source = source
        self._problems: list[Problem] = list(source.problems)
        self._files = set(source.files)
        self._by_basename: defaultdict[str, list[str]] = defaultdict(list)
        for file in source.files:
            self._by_basename[PurePosixPath(file).name].append(file)
        self._class_names: dict[Hashable, str] = {
            entry["id"]: entry["name"]
            for entry in categories
            if isinstance(entry, dict) and _is_key(entry.get("id")) and isinstance(entry.get("name"), str)
        }

    def survey(self, images: list[Any], annotations: list[Any], patient: re.Pattern[str] | None) -> Survey:
        records = self._images_by_id(images)
        objects: defaultdict[Hashable, list[Annotation]] = defaultdict(list)
        lost: defaultdict[Hashable, int] = defaultdict(int)
        for number, entry in enumerate(annotations):
            image_id = entry.get("image_id") if isinstance(entry, dict) else None
            if not _is_key(image_id) or image_id not in records:
                self._report(Kind.ORPHAN_ANNOTATION, f"annotation {number} belongs to no image; left out", 1)
                continue
            parsed = self._parse_annotation(entry, number)
            if parsed is None:
                lost[image_id] += 1
            else:
                objects[image_id].append(parsed)
        found = self._locate(records, objects)
        names = output_names(list(found.values()))
        scans = []
        for image_id, file in found.items():
            identity = identify(file, patient)
            scans.append(
                FoundScan(
                    image=file,
                    name=names[file],
                    patient=identity.patient,
                    study=PurePosixPath(file).stem,
                    view=identity.view or UNKNOWN_VIEW,
                    annotation=self._name if objects[image_id] or lost[image_id] else None,
                    labelled_size=_size(records[image_id]),
                    objects=tuple(objects[image_id]),
                    objects_lost=lost[image_id],
                )
            )
        if annotations and not any(scan.objects for scan in scans):
            self._refuse_unusable(len(annotations), sum(scan.objects_lost for scan in scans))
        unlisted = sum(suffix(file) in SUFFIXES for file in self._files - set(found.values()))
        return Survey(
            title="COCO annotations",
            scans=tuple(scans),
            problems=tuple(self._problems),
            objects_read=len(annotations),
            counts=count_views(scans),
            ignored={"images the JSON does not list": unlisted} if unlisted else {},
        )

    def _images_by_id(self, images: list[Any]) -> dict[Hashable, dict[str, Any]]:
        records: dict[Hashable, dict[str, Any]] = {}
        for number, entry in enumerate(images):
            if not isinstance(entry, dict) or not _is_key(entry.get("id")):
                self._report(Kind.MISSING_TAG, f"image {number} has no id; left out")
            elif not isinstance(entry.get("file_name"), str) or not entry["file_name"]:
                self._report(Kind.MISSING_TAG, f"image {entry['id']} has no file_name; left out")
            elif entry["id"] in records:
                reason = (
                    f"image id {entry['id']} stands twice; the first, {records[entry['id']]['file_name']}, is taken"
                )
                self._report(Kind.DUPLICATE_FILE, reason)
            else:
                records[entry["id"]] = entry
        return records

    def _parse_annotation(self, entry: dict[str, Any], number: int) -> Annotation | None:
        """Return the object, or None after reporting why it is left out."""
        box = entry.get("bbox")
        if entry.get("iscrowd") == 1:
            self._report(Kind.BOX_CROWD, f"annotation {number} marks a crowd, not one object; left out", 1)
            return None
        if not isinstance(box, list) or len(box) != 4 or not all(_is_number(value) for value in box):
            self._report(Kind.MISSING_TAG, f"annotation {number} has no bbox of four numbers; left out", 1)
            return None
        category = entry.get("category_id")
        name = self._class_names.get(category) if _is_key(category) else None
        try:
            x, y, width, height = (float(value) for value in box)
        except OverflowError:
            x = y = width = height = float("inf")
        return Annotation(name if name is not None else f"category {category}", (x, y, x + width, y + height))

    def _locate(
        self, records: dict[Hashable, dict[str, Any]], objects: dict[Hashable, list[Annotation]]
    ) -> dict[Hashable, str]:
        """Return the file of each image record; report those that are not there or outside the folder."""
        found: dict[Hashable, str] = {}
        taken: set[str] = set()
        for image_id, record in records.items():
            listed = record["file_name"].replace("\\", "/")
            count = len(objects[image_id])
            if PurePosixPath(listed).is_absolute() or ".." in PurePosixPath(listed).parts:
                self._report(Kind.UNSAFE_MEMBER, f"{listed} points outside the images folder; not touched", count)
                continue
            file = PurePosixPath(listed).as_posix()
            same_name = self._by_basename[PurePosixPath(listed).name]
            if file not in self._files and len(same_name) == 1:
                file = same_name[0]
            if file not in self._files:
                reason = f"{listed} is not there; its objects are left out"
                self._report(Kind.MISSING_IMAGE, reason, count)
            elif file in taken:
                reason = f"{listed} is listed under a second image id; left out with its objects"
                self._report(Kind.DUPLICATE_FILE, reason, count)
            else:
                taken.add(file)
                found[image_id] = file
        return found

    def _refuse_unusable(self, count: int, lost: int) -> NoReturn:
        """Raise the error if no annotation is a box on an image: every scan would become background."""
        found = [f"{count - lost} belong to no image in {self._source.name}"] if count > lost else []
        found += [f"{lost} have no box of four numbers or mark a crowd"] if lost else []
        first = next(problem.reason for problem in self._problems if problem.objects)
        raise DatasetError(
            f"{self._name}: 0 of {count} annotations can be used ({', '.join(found)}; the first problem: {first}); "
            "check its image_id, file_name and bbox, and the folder of the images (--images)"
        )

    def _report(self, kind: Kind, reason: str, objects: int = 0) -> None:
        self._problems.append(Problem(self._name, kind, reason, objects))


def _parse(data: bytes, name: str) -> tuple[list[Any], list[Any], list[Any]]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{name}: is not valid JSON ({' '.join(str(error).split())}); check the file") from error
    sections = [content.get(section) if isinstance(content, dict) else None for section in SECTIONS]
    for section, value in zip(SECTIONS, sections, strict=True):
        if not isinstance(value, list):
            raise DatasetError(f"{name}: has no list `{section}`, so it is not a COCO detection file")
    images, annotations, categories = (value for value in sections if isinstance(value, list))
    return images, annotations, categories


def _size(record: dict[str, Any]) -> tuple[int, int] | None:
    width, height = record.get("width"), record.get("height")
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    return (int(width), int(height)) if width > 0 and height > 0 else None


def _is_key(value: object) -> bool:
    return isinstance(value, int | str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
