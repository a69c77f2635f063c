"""Finding the image of an annotation by names, from the strictest reading of them to the loosest."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import PurePosixPath

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.image_names import (
    fold,
    frame_in,
    names_made_picture,
    original_stem,
    paths_in,
    stem_of,
)
from bonescan_yolo.convert.naming import without_gzip
from bonescan_yolo.convert.scan_files import ImageFile
from bonescan_yolo.scan.identity.names import view_of_path


class NameMatch(IntEnum):
    """How literally a name was taken, the most literal first."""

    EXACT = 0
    WITHOUT_CASE = 1
    OTHER_SUFFIX = 2
    RENAMED = 3
    FRAME = 4


@dataclass(frozen=True)
class Match:
    """The image of an annotation.

    Attributes:
        file: Its path inside the source.
        frame: Index of the scan in it.
        reading: How literally the names were taken.
        closeness: How much of the two paths agrees; more is better.
        named: Another image, which the annotation file names although it is not named like it; or None.
    """

    file: str
    frame: int
    reading: NameMatch
    closeness: tuple[int, ...]
    named: str | None = None


class ImageIndex:
    """The images of a source by their names."""

    def __init__(self, images: Sequence[ImageFile], has_few_levels: Callable[[str], bool]) -> None:
        """Index images.

        Args:
            images: Of the source.
            has_few_levels: Whether an image is a mask or a drawing; asked only about images that share a name.
        """
        self._frames = {image.file: len(image.views) for image in images}
        self._has_few_levels = has_few_levels
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        self._by_folded_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_folded_stem: defaultdict[str, list[str]] = defaultdict(list)
        self._by_original_stem: defaultdict[str, list[str]] = defaultdict(list)
        for image in images:
            path = PurePosixPath(without_gzip(image.file))
            self._by_name[path.name].append(image.file)
            self._by_stem[path.stem].append(image.file)
            self._by_folded_name[fold(path.name)].append(image.file)
            self._by_folded_stem[fold(path.stem)].append(image.file)
            self._by_original_stem[fold(original_stem(path.stem))].append(image.file)

    def find(self, item: AnnotatedImage) -> Match | None:
        """Return the image of an annotation, or None if there is none or several fit equally well."""
        named = paths_in(item.image) if item.image else []
        for reading in NameMatch:
            own = self._like_file(item.annotation, reading) if item.stem_names_image else []
            own = self._nearest(own, item.annotation, item)
            by_name = self._first_nearest(named, reading, item)
            agreed = [file for file in own if file in by_name]
            candidates = agreed or (own if len(own) == 1 else by_name or own)
            if len(candidates) > 1:
                scans = [file for file in candidates if not self._has_few_levels(file)]
                candidates = scans or candidates
            if len(candidates) == 1:
                match = self._match(candidates[0], item, reading, named)
                return match if not by_name or match is None else _said(match, by_name)
            if candidates:
                return None
        return None

    def _match(self, file: str, item: AnnotatedImage, reading: NameMatch, named: Sequence[str]) -> Match | None:
        """Return the match with its frame, or None if it is unknown which scan of the file is meant."""
        frame = self._frame_of(file, item, reading, named)
        if frame is None:
            return None
        return Match(file, frame, reading, _closeness(file, item.annotation, item.annotation))

    def _frame_of(self, file: str, item: AnnotatedImage, reading: NameMatch, named: Sequence[str]) -> int | None:
        count = self._frames[file]
        if item.frame is not None:
            return item.frame if 0 <= item.frame < count else None
        if reading is NameMatch.FRAME:
            stem = fold(PurePosixPath(without_gzip(file)).stem)
            stems = [stem_of(item.annotation)] if item.stem_names_image else []
            for found in (frame_in(fold(name)) for name in (*map(stem_of, named), *stems)):
                if found is not None and found[0] == stem and found[1] < count:
                    return found[1]
            return None
        return 0 if count == 1 else None

    def _first_nearest(self, named: Sequence[str], reading: NameMatch, item: AnnotatedImage) -> list[str]:
        """Return the images that the first usable reading of the name gives, those nearest to it."""
        for path in named:
            found = self._nearest(self._named(path, reading), path, item)
            if found:
                return found
        return []

    def _named(self, path: str, reading: NameMatch) -> list[str]:
        """Return the images that a name may mean."""
        name = PurePosixPath(path).name
        if reading is NameMatch.EXACT:
            return self._by_name[name]
        if reading is NameMatch.WITHOUT_CASE:
            return self._by_folded_name[fold(name)]
        return self._by_stem_of(stem_of(path), reading) or self._by_stem_of(name, reading)

    def _like_file(self, annotation: str, reading: NameMatch) -> list[str]:
        """Return the images that are named like an annotation file: `7.xml` or `7.png.xml` for `7.png`."""
        stem = stem_of(annotation)
        if reading is NameMatch.EXACT:
            return self._by_stem[stem] or self._by_name[stem]
        if reading is NameMatch.WITHOUT_CASE:
            return self._by_folded_stem[fold(stem)] or self._by_folded_name[fold(stem)]
        return self._by_stem_of(stem, reading)

    def _by_stem_of(self, stem: str, reading: NameMatch) -> list[str]:
        if reading is NameMatch.OTHER_SUFFIX:
            return self._by_folded_stem[fold(stem)]
        if reading is NameMatch.RENAMED:
            original = original_stem(stem)
            return self._by_original_stem[fold(original)] or self._by_folded_name[fold(original)]
        frame = frame_in(fold(stem))
        if frame is None:
            return []
        return [file for file in self._by_folded_stem[frame[0]] if 1 < self._frames[file] > frame[1]]

    def _nearest(self, files: Iterable[str], path: str, item: AnnotatedImage) -> list[str]:
        """Return those of the images whose paths agree best with a path, and do not state another view."""
        view = view_of_path(PurePosixPath(path)) or view_of_path(PurePosixPath(item.annotation))
        fitting = [file for file in files if view in {None, view_of_path(PurePosixPath(file)) or view}]
        ranked = [(_closeness(file, path, item.annotation), file) for file in fitting]
        best = max((closeness for closeness, _ in ranked), default=None)
        return [file for closeness, file in ranked if closeness == best]


def _said(match: Match, by_name: Sequence[str]) -> Match:
    """Return the match with the image that the annotation file names, if that is another."""
    return match if match.file in by_name else dataclasses.replace(match, named=by_name[0])


def _closeness(file: str, path: str, annotation: str) -> tuple[int, ...]:
    """Return how well an image fits a path that names it: more is better, in the order of the weights.

    What is compared are the folders that the two paths have in common at their ends, whether the image is a scan by
    its name, whether it is beside the annotation file, the folders that the two have in common at their beginnings,
    and the view that the names state.
    """
    tail = _common(_folders(file)[::-1], _folders(path)[::-1])
    head = _common(_folders(file), _folders(annotation))
    view = view_of_path(PurePosixPath(file))
    stated = view_of_path(PurePosixPath(path)) or view_of_path(PurePosixPath(annotation))
    beside = int(_folders(file) == _folders(annotation))
    return (tail, int(not names_made_picture(file)), beside, head, int(view is not None and view == stated))


def _folders(path: str) -> tuple[str, ...]:
    return tuple(fold(part) for part in PurePosixPath(path).parts[:-1] if part not in {"..", "/"})


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts two sequences have in common from their beginning."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count
