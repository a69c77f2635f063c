"""Checks of the scans that a reader found: boxes and images; what is wrong becomes a problem."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bonescan_yolo.convert.checks.box_checks import check_boxes, in_pixels, turned
from bonescan_yolo.convert.images import FEW_LEVELS, ImageFacts
from bonescan_yolo.convert.survey import Annotation, Box, FoundScan, Kind, Problem, Survey

UNUSABLE: Final = frozenset({"empty", "noise", "mask", "lying", "upside_down"})
"""Codes of `scan.quality` after which boxes mean nothing: the scan is left out with its objects."""


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
        frame: Index of the scan in its file.
        frame_count: Scans in the file.
        rewritten: Why it is written as a PNG of what prediction sees, or None.
        boxes: The valid boxes, clipped to the image; empty for a background scan.
        objects: What was annotated, as the source has it.
        bones: Path of the file of its bones inside the source, or None.
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
    frame: int
    frame_count: int
    rewritten: str | None
    boxes: tuple[Box, ...]
    objects: tuple[Annotation, ...]
    bones: str | None


def check_scan(scan: FoundScan, facts: ImageFacts | str, survey: Survey) -> tuple[CheckedScan | None, list[Problem]]:
    """Return the scan with its valid boxes, or None if it is left out, and the problems.

    Args:
        scan: As a reader found it.
        facts: Of its image, or why the image cannot be used.
        survey: Its source, which gives the expected size.
    """
    if isinstance(facts, str):
        reason = f"{facts}; left out{' with its objects' if scan.objects else ''}"
        return None, [Problem(scan.image, Kind.UNDECODABLE_IMAGE, reason, len(scan.objects))]
    unusable = _unusable(scan, facts)
    if unusable is not None:
        return None, [unusable]
    scan = _upright(scan, facts)
    size_problem, size_fits = _check_size(scan, facts, survey.expected_size)
    if not size_fits:
        return None, size_problem
    if scan.normalised:
        scan = dataclasses.replace(scan, objects=in_pixels(scan.objects, facts.width, facts.height))
    boxes, problems = check_boxes(scan.objects, facts.width, facts.height, scan.annotation or scan.image)
    problems = size_problem + problems
    if (scan.objects or scan.objects_lost) and not boxes:
        reason = "has annotations, but none is sound; left out, since it is not background"
        return None, [*problems, Problem(scan.image, Kind.NO_SOUND_BOX, reason)]
    keep, image_problems = _check_image(scan, facts, bool(boxes))
    problems += image_problems
    return _checked(scan, facts, boxes) if keep else None, problems


def leave_out_copies(checked: Sequence[CheckedScan]) -> tuple[list[CheckedScan], list[Problem]]:
    """Return the scans without background scans whose pixels an annotated one has, and a problem for each of those."""
    annotated = {scan.pixel_hash: scan.image for scan in checked if scan.boxes and scan.pixel_hash is not None}
    kept, problems = [], []
    for scan in checked:
        if not scan.boxes and scan.pixel_hash in annotated:
            reason = f"has the pixels of {annotated[scan.pixel_hash]}, which has boxes; left out, not background"
            problems.append(Problem(scan.image, Kind.MAYBE_ANNOTATED, reason))
        else:
            kept.append(scan)
    return kept, problems


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
        frame=scan.frame,
        frame_count=scan.frame_count,
        rewritten=facts.rewritten,
        boxes=boxes,
        objects=scan.objects,
        bones=scan.bones,
    )


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


def _unusable(scan: FoundScan, facts: ImageFacts) -> Problem | None:
    """Return the problem of an image on which boxes mean nothing, or None."""
    count = len(scan.objects)
    fate = "left out with its objects" if count else "left out"
    if facts.levels <= FEW_LEVELS:
        reason = f"has only {facts.levels} grey levels, as a mask or a drawing has; {fate}"
        return Problem(scan.image, Kind.NOT_A_SCAN, reason, count)
    doubt = next((doubt for doubt in facts.doubts if doubt.code in UNUSABLE), None)
    return Problem(scan.image, Kind.NOT_A_SCAN, f"{doubt.message}; {fate}", count) if doubt is not None else None


def _upright(scan: FoundScan, facts: ImageFacts) -> FoundScan:
    """Return the scan with objects and stated size as the reader turned the image.

    Viewers and labelling tools apply the orientation of EXIF, so that boxes are drawn on the upright image; one that
    states the size before ignores it. What the reader turned on its own the tool has shown as it was.
    """
    size = (facts.width, facts.height)
    degrees = facts.turned
    if degrees == 0 and scan.labelled_size == size[::-1] != size:
        degrees = facts.shown_turned
    if degrees == 0 or (degrees != 180 and scan.labelled_size == size):
        return scan
    before = size if degrees == 180 else size[::-1]
    sides = (1, 1) if scan.normalised else before
    return dataclasses.replace(
        scan,
        objects=turned(scan.objects, degrees, *sides),
        labelled_size=size if scan.labelled_size == before else scan.labelled_size,
    )


def _check_image(scan: FoundScan, facts: ImageFacts, has_boxes: bool) -> tuple[bool, list[Problem]]:
    """Return whether the pixels allow the scan to be kept, and the problems with them.

    An image that is not a bone scan, or shows nothing, is not an example of background. With boxes it is kept:
    whoever drew them could read it.
    """
    problems = []
    keep = True
    fate = "kept for its boxes" if has_boxes else "left out"
    refusing = [doubt.message for doubt in facts.doubts if doubt.refuses]
    if refusing:
        keep = has_boxes
        problems.append(Problem(scan.image, Kind.NOT_A_SCAN, f"{refusing[0]}; {fate}"))
    if not facts.ends_with_marker:
        reason = "has no JPEG end marker at its end, after which Ultralytics would rewrite it; written as PNG"
        problems.append(Problem(scan.image, Kind.JPEG_TAIL, reason))
    return keep, problems
