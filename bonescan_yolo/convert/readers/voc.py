"""Reading any folder (or zip) of images with Pascal VOC files beside them or in a folder of their own."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePosixPath

from bonescan_yolo.convert.naming import output_names, suffix
from bonescan_yolo.convert.readers.voc_files import read_voc_file, refuse_unusable, with_annotation
from bonescan_yolo.convert.readers.voc_xml import VocFile
from bonescan_yolo.convert.source import Source
from bonescan_yolo.convert.survey import UNKNOWN_VIEW, FoundScan, Kind, Problem, Survey, count_views
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.scan.names import identify
from bonescan_yolo.scan.raster import SUFFIXES


def read_voc(source: Source, one_based: bool = False, patient: re.Pattern[str] | None = None) -> Survey:
    """Survey a set of images and VOC files.

    An annotation belongs to the image of the same stem in its own folder, else to the only image of that stem
    anywhere, else to the only image of the name its <filename> gives. An image without one is a background scan.

    Args:
        source: The images and annotations.
        one_based: The annotations count pixels from 1 and include both ends.
        patient: Finds the patient in an image's path; by default the file name without the view.

    Raises:
        DatasetError: there is no image, or no annotation that can be read and has an image.
    """
    images = [file for file in source.files if suffix(file) in SUFFIXES]
    files = [file for file in source.files if suffix(file) == ".xml"]
    if not images or not files:
        what = "images" if not images else "XML files"
        raise DatasetError(f"{source.name}: holds no {what}; give a folder of scans with their VOC files")
    problems = list(source.problems)
    matcher = _Matcher(images)
    by_image: dict[str, VocFile] = {}
    annotations = [read_voc_file(source, file, one_based) for file in files]
    objects_read = 0
    for annotation in annotations:
        objects_read += annotation.objects_read
        problems += annotation.problems
        image = matcher.image_of(annotation)
        if image is None:
            reason = "has no image, or several it could belong to; its objects are left out"
            problems.append(Problem(annotation.path, Kind.ORPHAN_ANNOTATION, reason, len(annotation.objects)))
        elif image in by_image:
            reason = f"is a second annotation of {image}, beside {by_image[image].path}; left out"
            problems.append(Problem(annotation.path, Kind.DUPLICATE_FILE, reason, len(annotation.objects)))
        else:
            by_image[image] = annotation
    if all(annotation.fault is not None for annotation in by_image.values()):
        refuse_unusable(source.name, annotations)
    names = output_names(images)
    scans = [
        _scan(image, names[image], by_image.get(image), patient)
        for image in images
        if image not in by_image or by_image[image].fault is None
    ]
    return Survey(
        title="Pascal VOC annotations",
        scans=tuple(scans),
        problems=tuple(problems),
        objects_read=objects_read,
        counts=count_views(scans),
        ignored=_ignored(source, len(images) + len(files)),
    )


class _Matcher:
    """Finds the image of an annotation."""

    def __init__(self, images: list[str]) -> None:
        self._by_path: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for image in images:
            path = PurePosixPath(image)
            self._by_path[path.with_suffix("").as_posix()].append(image)
            self._by_stem[path.stem].append(image)
            self._by_name[path.name].append(image)

    def image_of(self, annotation: VocFile) -> str | None:
        path = PurePosixPath(annotation.path)
        named = annotation.image_name
        candidates = [
            self._by_path[path.with_suffix("").as_posix()],
            self._by_stem[path.stem],
            self._by_name[PurePosixPath(named.replace("\\", "/")).name] if named else [],
        ]
        return next((images[0] for images in candidates if len(images) == 1), None)


def _scan(image: str, name: str, annotation: VocFile | None, pattern: re.Pattern[str] | None) -> FoundScan:
    patient, view, _ = identify(image, pattern)
    scan = FoundScan(image, name, patient, study=PurePosixPath(image).stem, view=view or UNKNOWN_VIEW)
    return scan if annotation is None else with_annotation(scan, annotation)


def _ignored(source: Source, used: int) -> dict[str, int]:
    counts = {"files of the operating system": source.junk, "other files": len(source.files) - used}
    return {what: count for what, count in counts.items() if count}
