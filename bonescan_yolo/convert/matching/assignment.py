"""Which scan each annotation belongs to, which belong to none, and which scans are not background because of these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.image_index import ImageIndex, Match, NameMatch
from bonescan_yolo.convert.matching.image_names import fold, is_renamed_copy, names_made_picture, words_of
from bonescan_yolo.convert.matching.orphans import PossibleImages
from bonescan_yolo.convert.survey import Kind, Problem
from bonescan_yolo.scan.identity.names import view_of_path

MANY: Final = 0.05
"""Share of the annotations above which a difficulty is reported on top of the report."""

DIFFERENCE: Final = {
    NameMatch.WITHOUT_CASE: "differs in case or accents",
    NameMatch.OTHER_SUFFIX: "has another suffix",
    NameMatch.RENAMED: "was changed by a labelling tool",
}
"""What an image's name and the one in the annotation differ in."""

Place = tuple[str, int]
"""File and frame of a scan."""


@dataclass(frozen=True)
class Assignment:
    """The annotations of a source and the scans they belong to.

    Attributes:
        items: All annotations.
        by_place: The annotation of each scan that has one.
        orphans: Annotations without a scan.
        problems: What is wrong with the annotations, and with those without a scan.
        disagreeing: Annotations that name another image than the one they are taken for.
    """

    items: Sequence[AnnotatedImage]
    by_place: Mapping[Place, AnnotatedImage]
    orphans: Sequence[AnnotatedImage]
    problems: Sequence[Problem]
    disagreeing: int

    def not_background(self, places: Sequence[Place]) -> list[Problem]:
        """Return a problem for each scan without an annotation that is, or may be, no background."""
        free = [place for place in places if place not in self.by_place]
        images = list(dict.fromkeys(file for file, _ in free))
        reasons = self._meant_by_orphans(images)
        for file, reason in (*_made_pictures(images, {file for file, _ in places}), *self._twins(images)):
            reasons.setdefault(file, reason)
        return [Problem(file, kind, reason) for file, (kind, reason) in reasons.items()]

    def warnings(self) -> Iterator[str]:
        """Yield what a user has to know first about annotations and images."""
        useful = [item for item in self.orphans if item.objects_read or item.fault is not None]
        objects = sum(item.objects_read for item in useful)
        all_objects = sum(item.objects_read for item in self.items)
        if len(useful) > MANY * len(self.items) or objects > MANY * all_objects:
            yield (
                f"{len(useful)} of {len(self.items)} annotations fit no image, or several ({_shown(useful[0])} is the "
                f"first); {objects} objects are left out with them, and so are images that they may belong to"
            )
        if self.disagreeing > MANY * len(self.items):
            yield (
                f"{self.disagreeing} annotations name another image of the source than the one named like their file; "
                "they are taken for the one named like their file"
            )

    def _meant_by_orphans(self, images: Sequence[str]) -> dict[str, tuple[Kind, str]]:
        """Return the images that an annotation without a scan may belong to, with kind and reason."""
        reasons: dict[str, tuple[Kind, str]] = {}
        useful = [item for item in self.orphans if item.objects_read or item.fault is not None]
        possible = PossibleImages(images if useful else ())
        for item in useful:
            for image in possible.meant_by(item):
                reason = f"may be what {_shown(item)} belongs to; left out, since it is not known to be background"
                reasons.setdefault(image, (Kind.MAYBE_ANNOTATED, reason))
        return reasons

    def _twins(self, images: Sequence[str]) -> Iterator[tuple[str, tuple[Kind, str]]]:
        """Yield the images of which an annotated one has the name: `7.dcm` for `7.png`, `7.png` for `7_flip.png`."""
        annotated: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for file, _ in self.by_place:
            annotated[words_of(PurePosixPath(file).stem)].append(file)
        for image in images:
            path = PurePosixPath(image)
            view = view_of_path(path)
            for file in annotated.get(words_of(path.stem), ()):
                other = PurePosixPath(file)
                near = path.parent == other.parent or view in {None, view_of_path(other)}
                what = _relation(path, other)
                if near and what is not None:
                    reason = f"has the name of {file}, which is annotated, {what}; left out"
                    yield image, (Kind.MAYBE_ANNOTATED, reason)
                    break


def assign(items: Sequence[AnnotatedImage], index: ImageIndex) -> Assignment:
    """Find the scan of each annotation; of several annotations of a scan the one that fits its name best is taken."""
    matched, orphans = [], []
    for item in items:
        match = index.find(item)
        if match is None:
            orphans.append(item)
        else:
            matched.append((item, match))
    matched.sort(key=lambda pair: _rank(pair[1]))
    claims: defaultdict[Place, list[tuple[AnnotatedImage, Match]]] = defaultdict(list)
    for item, match in matched:
        claims[match.file, match.frame].append((item, match))
    by_place: dict[Place, AnnotatedImage] = {}
    problems = [problem for item in items for problem in item.problems]
    for place, of_place in claims.items():
        if _contradict(of_place):
            orphans += [item for item, _ in of_place]
            continue
        (first, match), *others = of_place
        by_place[place] = first
        problems += _differences(first, match)
        problems += [_second(item, first, place[0]) for item, _ in others]
    problems += [_orphan(item) for item in orphans if item.objects or item.image or item.stem_names_image]
    disagreeing = sum(match.named is not None for _, match in matched)
    return Assignment(items, by_place, orphans, problems, disagreeing)


def _rank(match: Match) -> tuple[int, ...]:
    """Return a key that sorts the best match first."""
    return (match.reading, *(-value for value in match.closeness))


def _contradict(claims: Sequence[tuple[AnnotatedImage, Match]]) -> bool:
    """Return whether several annotations fit a scan equally well, name it by different paths and differ in objects.

    `ANT/0.xml` and `POST/0.xml` are of two scans, of which `0.png` is one.
    """
    best = [item for item, match in claims if _rank(match) == _rank(claims[0][1])]
    paths = {(item.image, item.annotation if item.stem_names_image else "") for item in best}
    return len(paths) > 1 and len({item.objects for item in best}) > 1


def _second(item: AnnotatedImage, first: AnnotatedImage, file: str) -> Problem:
    """Return the problem of a further annotation of a scan."""
    beside = f"beside {first.annotation}" if first.annotation != item.annotation else "in the same file"
    reason = f"has a second annotation of {file}, {beside}; left out with its objects"
    return Problem(item.annotation, Kind.DUPLICATE_FILE, reason, len(item.objects))


def _orphan(item: AnnotatedImage) -> Problem:
    """Return the problem of an annotation without an image; its objects are counted by it."""
    count = len(item.objects)
    if item.image and not item.stem_names_image:
        reason = f"{item.image} is not there, or several images could be it; its objects are left out"
        return Problem(item.annotation, Kind.MISSING_IMAGE, reason, count)
    reason = "has no image, or several it could belong to; its objects are left out"
    return Problem(item.annotation, Kind.ORPHAN_ANNOTATION, reason, count)


def _differences(item: AnnotatedImage, match: Match) -> Iterator[Problem]:
    """Yield in what the name of an image and the one in its annotation differ."""
    if match.named is not None:
        reason = f"names {item.image} as its image; taken for {match.file}, which is named like it"
        yield Problem(item.annotation, Kind.FILENAME_DISAGREES, reason)
    if match.reading in DIFFERENCE:
        named = "is" if item.stem_names_image or not item.image else f"{item.image} is"
        reason = f"{named} taken for {match.file}, whose name {DIFFERENCE[match.reading]}"
        yield Problem(item.annotation, Kind.IMAGE_NAME, reason)


def _relation(image: PurePosixPath, annotated: PurePosixPath) -> str | None:
    """Return how an image with the words of an annotated one may be the same scan, or None if it need not be."""
    if fold(image.stem) == fold(annotated.stem):
        if image.suffix.lower() != annotated.suffix.lower():
            return "in another format"
        nested = image.parent in annotated.parent.parents or annotated.parent in image.parent.parents
        return "and is in a folder around or below it" if nested else None
    return "and may be what that was made from" if is_renamed_copy(annotated.as_posix()) else None


def _made_pictures(images: Sequence[str], others: Iterable[str]) -> Iterator[tuple[str, tuple[Kind, str]]]:
    """Yield the pictures that are named like one made from another image: `7_mask.png`, `overlays/7.png`."""
    made = [image for image in images if names_made_picture(image)]
    if not made:
        return
    by_words = {words_of(PurePosixPath(file).stem): file for file in others if not names_made_picture(file)}
    for image in made:
        original = by_words.get(words_of(PurePosixPath(image).stem))
        if original is not None:
            yield image, (Kind.NOT_A_SCAN, f"is named like a picture made from {original}; left out")


def _shown(item: AnnotatedImage) -> str:
    """Return what an annotation is called in messages: its file or, if that describes several images, its image."""
    return item.annotation if item.stem_names_image or not item.image else item.image
