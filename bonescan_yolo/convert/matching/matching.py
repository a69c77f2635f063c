"""From annotations to scans: the image that each annotation belongs to, and what the others are."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NoReturn

from bonescan_yolo.convert.class_map import NO_MAP, ClassMap
from bonescan_yolo.convert.images import has_few_levels
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.assignment import Assignment, Place, assign
from bonescan_yolo.convert.matching.image_index import ImageIndex
from bonescan_yolo.convert.matching.image_names import original_path
from bonescan_yolo.convert.naming import unique_names, without_gzip
from bonescan_yolo.convert.scan_files import ImageFile, find_images
from bonescan_yolo.convert.source import Source
from bonescan_yolo.convert.survey import UNKNOWN_VIEW, FoundScan, Kind, Survey, count_views
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.scan.identity.identities import identify_all


def build_survey(
    title: str,
    source: Source,
    annotated: Iterable[AnnotatedImage],
    *,
    patient: re.Pattern[str] | None = None,
    classes: ClassMap = NO_MAP,
    unlisted_is_background: bool = True,
) -> Survey:
    """Find the image of each annotation and return the scans with their objects.

    Each annotation gets the image that its file names, by the longest common end of the two paths, or the image named
    like the annotation file itself; then the same without case, with another suffix, or as one frame of a file of
    several. Every object is in a scan of the survey or counted by one of its problems. An image whose annotation
    cannot be read, or may be one of those that fit no image, is left out: it is not background.

    Args:
        title: The data set in words.
        source: Where the images are.
        annotated: What the annotation files say, one for each image that they describe. Readers only translate: they
            do not look for images, check boxes against an image or put corners in order.
        patient: Finds the patient in an image's path; by default `scan.names` does.
        classes: What class names mean.
        unlisted_is_background: Whether an image that no annotation describes is a scan without hot spots (VOC, YOLO
            and LabelMe write no file for it), or is passed over (COCO and CVAT list every image).

    Raises:
        DatasetError: there is no image, or no annotation that can be read has an image.
    """
    items = list(annotated)
    names = Counter(annotation.name.strip() for item in items for annotation in item.objects)
    items = [classes.applied(item) for item in items]
    images, drawings = find_images(source, (item.annotation for item in items))
    if not images:
        raise DatasetError(f"{source.name}: {_no_images(source, drawings)}")
    index = ImageIndex(images, functools.partial(has_few_levels, source))
    assignment = assign(items, index)
    if items and all(item.fault is not None for item in assignment.by_place.values()):
        refuse_unusable(source.name, items)
    places = [(image.file, frame) for image in images for frame in range(len(image.views))]
    if not unlisted_is_background:
        places = [place for place in places if place in assignment.by_place]
    left_out = assignment.not_background(places)
    kept = _kept(places, assignment, {problem.file for problem in left_out})
    scans = _scans(kept, images, assignment, patient)
    return Survey(
        title=title,
        scans=tuple(scans),
        problems=(*source.problems, *assignment.problems, *left_out),
        objects_read=sum(item.objects_read for item in items),
        counts=count_views(scans),
        ignored=_ignored(source, images, drawings, items, {file for file, _ in places}),
        class_names=dict(names.most_common()),
        warnings=tuple(assignment.warnings()),
    )


def refuse_unusable(where: str, items: Sequence[AnnotatedImage]) -> NoReturn:
    """Raise the error for annotations of which none belongs to a scan: every scan would become background.

    Args:
        where: The folder or archive they are in, for the message.
        items: At least one, each unreadable or without an image.

    Raises:
        DatasetError: always.
    """
    unreadable = [item for item in items if item.fault is not None]
    orphans = [item for item in items if item.fault is None]
    found, fixes = [], []
    if unreadable:
        first = unreadable[0]
        found.append(f"{len(unreadable)} cannot be read, such as {first.annotation}, which {first.fault}")
        fixes.append("make them readable or export them again")
    if orphans:
        names_itself = orphans[0].stem_names_image or not orphans[0].image
        shown = orphans[0].annotation if names_itself else orphans[0].image
        found.append(f"{len(orphans)} match no image or several, such as {shown}")
        fixes.append(
            "give each one its image, under the same name"
            if names_itself
            else "check the names of the images in it and their folder (--images)"
        )
    what = "annotation files" if all(item.stem_names_image for item in items) else "annotations"
    raise DatasetError(f"{where}: 0 of {len(items)} {what} can be used ({'; '.join(found)}); {', and '.join(fixes)}")


def _kept(places: Iterable[Place], assignment: Assignment, left_out: set[str]) -> list[Place]:
    """Return the scans to check: those with a readable annotation, and background."""
    kept = []
    for place in places:
        item = assignment.by_place.get(place)
        if item.fault is None if item is not None else place[0] not in left_out:
            kept.append(place)
    return kept


def _scans(
    places: Sequence[Place], images: Sequence[ImageFile], assignment: Assignment, patient: re.Pattern[str] | None
) -> list[FoundScan]:
    """Return the scans with their objects, under names of their own."""
    by_file = {image.file: image for image in images}
    files = list(dict.fromkeys(file for file, _ in places))
    identities = dict(zip(files, identify_all([_as_named(file, patient) for file in files], patient), strict=True))
    names = unique_names([_numbered(place, by_file[place[0]]) for place in places])
    scans = []
    for place, name in zip(places, names, strict=True):
        file, frame = place
        image = by_file[file]
        identity = identities[file]
        scan = FoundScan(
            image=file,
            name=name,
            patient=identity.patient,
            study=PurePosixPath(without_gzip(file)).stem,
            view=image.views[frame] or (identity.view if len(image.views) == 1 else None) or UNKNOWN_VIEW,
            frame=frame,
            frame_count=len(image.views),
        )
        item = assignment.by_place.get(place)
        scans.append(scan if item is None else with_annotation(scan, item))
    return scans


def _as_named(file: str, patient: re.Pattern[str] | None) -> str:
    """Return the path from which a scan's patient is taken: that of its file before tools renamed it."""
    path = without_gzip(file)
    return path if patient is not None and patient.search(path) else original_path(path)


def with_annotation(scan: FoundScan, item: AnnotatedImage) -> FoundScan:
    """Return the scan with the content of its annotation, which must be readable.

    Objects that the user leaves out (`Kind.CLASS_LEFT_OUT`) do not count as lost: a scan with no others is background.
    """
    lost = sum(problem.objects for problem in item.problems if problem.kind is not Kind.CLASS_LEFT_OUT)
    return dataclasses.replace(
        scan,
        annotation=item.annotation if item.stem_names_image or item.objects_read else None,
        labelled_size=item.size,
        objects=item.objects,
        objects_lost=lost,
        normalised=item.normalised,
    )


def _numbered(place: Place, image: ImageFile) -> str:
    """Return the path of a scan by which it is named: with the frame's number, from 1, if its file has several."""
    file, frame = place
    path = PurePosixPath(without_gzip(file))
    number = f"-{frame + 1}" if len(image.views) > 1 else ""
    return path.with_name(f"{path.stem}{number}{path.suffix}").as_posix()


def _no_images(source: Source, drawings: Sequence[str]) -> str:
    """Return what to say of a source without images."""
    archive = next((file for file in source.files if file.lower().endswith(".zip")), None)
    if drawings:
        return "holds pictures that bonescan made of scans, and not the scans; name their folder with --images DIR"
    if archive is not None:
        return f"holds no images but {archive}; if they are in it, give it with --images"
    return "holds no images; give a folder of scans with their annotations, or name that of the scans with --images DIR"


def _ignored(
    source: Source,
    images: Sequence[ImageFile],
    drawings: Sequence[str],
    items: Sequence[AnnotatedImage],
    used: set[str],
) -> dict[str, int]:
    """Count the files that are not part of the data set, by kind."""
    files = {image.file for image in images}
    annotations = {item.annotation for item in items} & set(source.files)
    counts = {
        "files of the operating system": source.junk,
        "images the annotations do not list": len(files - used),
        "pictures that bonescan made of scans": len(drawings),
        "other files": len(source.files) - len(files) - len(annotations) - len(drawings),
    }
    return {what: count for what, count in counts.items() if count}
