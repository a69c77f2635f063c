"""Checks of the scans that a reader found: boxes and images; whatever is wrong becomes a problem."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bonescan_yolo.classes import CLASS_NAMES, parse_class_name
from bonescan_yolo.convert.images import ImageFacts
from bonescan_yolo.convert.survey import XYXY, Annotation, Box, FoundScan, Kind, Problem, Survey

MIN_SIDE_PIXELS: Final = 1.0
"""Smallest side of a box; sources count whole pixels."""


@dataclass(frozen=True)
class CheckedScan:
    """A scan that passed the checks and will be written.

    Attributes:
        image: Path of the image inside the source.
        name: File name without suffix in the converted data set, unique there.
        patient: The source's id of the patient.
        study: The source's id for the views taken together.
        view: `anterior`, `posterior` or `unknown`.
        width, height: Size of the image in pixels.
        sha256: Of the image file's bytes, hexadecimal.
        pixel_hash: Of size and decoded pixels; None for an image of a single grey level.
        wrapped_regions: Hot spots whose grey levels wrapped past 255.
        boxes: The valid boxes, clipped to the image; empty for a background scan.
        objects: What was annotated, as the source has it.
    """

    image: str
    name: str
    patient: str
    study: str
    view: str
    width: int
    height: int
    sha256: str
    pixel_hash: str | None
    wrapped_regions: int
    boxes: tuple[Box, ...]
    objects: tuple[Annotation, ...]


def check_scan(scan: FoundScan, facts: ImageFacts | str, survey: Survey) -> tuple[CheckedScan | None, list[Problem]]:
    """Return the scan with its valid boxes, or None if it is left out, and the problems.

    Args:
        scan: As a reader found it.
        facts: Of its image, or why the image cannot be used.
        survey: Its source, which gives the expected size and whether the images are bone scans.
    """
    if isinstance(facts, str):
        reason = f"{facts}; left out with its objects"
        return None, [Problem(scan.image, Kind.UNDECODABLE_IMAGE, reason, len(scan.objects))]
    size_problem, size_fits = _check_size(scan, facts, survey.expected_size)
    if not size_fits:
        return None, size_problem
    boxes, problems = check_boxes(scan.objects, facts.width, facts.height, scan.annotation or scan.image)
    problems = size_problem + problems
    if (scan.objects or scan.objects_lost) and not boxes:
        reason = "has annotations, but none is sound; left out, since it is not background"
        return None, [*problems, Problem(scan.image, Kind.NO_SOUND_BOX, reason)]
    keep, image_problems = _check_image(scan, facts, survey.bone_scans, bool(boxes))
    problems += image_problems
    return _checked(scan, facts, boxes) if keep else None, problems


def check_boxes(
    objects: Iterable[Annotation], width: int, height: int, file: str
) -> tuple[tuple[Box, ...], list[Problem]]:
    """Return the valid boxes, clipped to an image of `width` x `height` pixels, and the problems.

    Every object either becomes a box or is counted by one problem.
    """
    boxes: list[Box] = []
    problems: list[Problem] = []
    for item in objects:
        box, problem = _check_box(item, width, height, file)
        if box is not None and box in boxes:
            problem = Problem(file, Kind.BOX_DUPLICATE, f"{_show(item)} stands twice; the second left out", 1)
        elif box is not None:
            boxes.append(box)
        if problem is not None:
            problems.append(problem)
    return tuple(boxes), problems


def find_duplicates(checked: Iterable[CheckedScan]) -> list[Problem]:
    """Return a problem for each image whose pixels another image has too."""
    by_pixels: defaultdict[str, list[CheckedScan]] = defaultdict(list)
    for scan in checked:
        if scan.pixel_hash is not None:
            by_pixels[scan.pixel_hash].append(scan)
    problems = []
    for scans in by_pixels.values():
        for scan in scans[1:]:
            same = "the same patient" if scan.patient == scans[0].patient else "another id"
            reason = f"has the same pixels as {scans[0].image} ({same}); kept on the same side of the split"
            problems.append(Problem(scan.image, Kind.DUPLICATE_PATIENT, reason))
    return problems


def _checked(scan: FoundScan, facts: ImageFacts, boxes: tuple[Box, ...]) -> CheckedScan:
    return CheckedScan(
        image=scan.image,
        name=scan.name,
        patient=scan.patient,
        study=scan.study,
        view=scan.view,
        width=facts.width,
        height=facts.height,
        sha256=facts.sha256,
        pixel_hash=facts.pixel_hash,
        wrapped_regions=facts.wrapped_regions,
        boxes=boxes,
        objects=scan.objects,
    )


def _check_box(item: Annotation, width: int, height: int, file: str) -> tuple[Box | None, Problem | None]:
    class_id = parse_class_name(item.name)
    if class_id is None:
        known = " or ".join(CLASS_NAMES)
        reason = f"class {item.name[:40]!r} is not {known}; object left out"
        return None, Problem(file, Kind.UNKNOWN_CLASS, reason, 1)
    fault = _fault(item.xyxy)
    if fault is not None:
        kind, what = fault
        return None, Problem(file, kind, f"{_show(item)} is {what}; left out", 1)
    x1, y1, x2, y2 = item.xyxy
    clipped = (max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height)))
    if _fault(clipped) is not None:
        reason = f"{_show(item)} lies outside the {width} x {height} image; left out"
        return None, Problem(file, Kind.BOX_OUTSIDE, reason, 1)
    box = Box(class_id, clipped)
    if clipped == item.xyxy:
        return box, None
    reason = f"{_show(item)} reaches outside the {width} x {height} image; clipped"
    return box, Problem(file, Kind.BOX_CLIPPED, reason)


def _fault(xyxy: XYXY) -> tuple[Kind, str] | None:
    """Return why four numbers are not a box, or None."""
    x1, y1, x2, y2 = xyxy
    if not all(math.isfinite(value) for value in xyxy):
        return Kind.BOX_NOT_FINITE, "not finite"
    if x2 < x1 or y2 < y1:
        return Kind.BOX_INVERTED, "inverted"
    if x2 - x1 < MIN_SIDE_PIXELS or y2 - y1 < MIN_SIDE_PIXELS:
        return Kind.BOX_EMPTY, "empty"
    return None


def _check_size(scan: FoundScan, facts: ImageFacts, expected: tuple[int, int] | None) -> tuple[list[Problem], bool]:
    """Return the problem with the size, if any, and whether the boxes fit the image.

    An image whose size is not that of its set is kept: training and prediction scale any size. An image whose
    annotation was drawn on another size is left out with its boxes, since it is unknown how the two map. Width and
    height in the wrong order are an error of the annotation, not of the image, if all boxes fit.
    """
    size = (facts.width, facts.height)
    shown = f"{facts.width} x {facts.height}"
    if scan.labelled_size is not None and scan.labelled_size != size:
        stated = f"{scan.labelled_size[0]} x {scan.labelled_size[1]}"
        transposed = scan.labelled_size == size[::-1]
        if transposed and all(item.xyxy[2] <= size[0] and item.xyxy[3] <= size[1] for item in scan.objects):
            reason = f"is {shown} and its annotation says {stated}: swapped, and the boxes fit; kept"
            return [Problem(scan.image, Kind.SIZE_DISAGREES, reason)], True
        reason = f"is {shown} and its annotation was drawn on {stated}; left out with its objects"
        return [Problem(scan.image, Kind.SIZE_DISAGREES, reason, len(scan.objects))], False
    if expected is not None and size != expected:
        reason = f"is {shown} instead of {expected[0]} x {expected[1]}; kept"
        return [Problem(scan.image, Kind.OTHER_SIZE, reason)], True
    return [], True


def _check_image(scan: FoundScan, facts: ImageFacts, bone_scans: bool, has_boxes: bool) -> tuple[bool, list[Problem]]:
    """Return whether the pixels allow the scan to be kept, and the problems with them.

    An image that is not a bone scan, or shows nothing, is not an example of background. With boxes it is kept:
    whoever drew them could read it.
    """
    problems = []
    keep = True
    fate = "kept for its boxes" if has_boxes else "left out"
    if bone_scans and facts.doubt is not None:
        keep = has_boxes
        problems.append(Problem(scan.image, Kind.NOT_A_SCAN, f"{facts.doubt}; {fate}"))
    if bone_scans and facts.nearly_empty:
        keep = keep and has_boxes
        problems.append(Problem(scan.image, Kind.NEARLY_EMPTY, f"shows hardly anything; {fate}"))
    if not facts.ends_with_marker:
        reason = "has no JPEG end marker at its end, so Ultralytics will rewrite its copy; kept"
        problems.append(Problem(scan.image, Kind.JPEG_TAIL, reason))
    return keep, problems


def _show(item: Annotation) -> str:
    return f"{item.name.strip()} box ({', '.join(f'{value:g}' for value in item.xyxy)})"
