"""Images that an annotation without an image may belong to: such an image is not background."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.image_names import frame_in, original_stem, paths_in, stem_of, words_of
from bonescan_yolo.convert.naming import without_gzip
from bonescan_yolo.scan.identity.names import View, view_of_path

Words = tuple[str, ...]


class PossibleImages:
    """The images of a source, asked for those that a name may mean.

    A name may mean an image if it has all words and numbers of the image's name in their order, or lacks only words of
    it, or has the same numbers; unless the two state different views. Case, leading zeros, signs between the words and
    words such as `mask` do not count.
    """

    def __init__(self, images: Iterable[str]) -> None:
        """Index images by the words of their names."""
        self._by_words: defaultdict[Words, list[str]] = defaultdict(list)
        self._by_part: defaultdict[Words, list[str]] = defaultdict(list)
        self._by_numbers: defaultdict[Words, list[str]] = defaultdict(list)
        for image in images:
            words = words_of(original_stem(PurePosixPath(without_gzip(image)).stem))
            self._by_words[words].append(image)
            for part in _parts(words):
                if not _numbers(_rest(words, part)):
                    self._by_part[part].append(image)
            if numbers := _numbers(words):
                self._by_numbers[numbers].append(image)

    def meant_by(self, item: AnnotatedImage) -> set[str]:
        """Return the images that an annotation may belong to."""
        paths = [*paths_in(item.image or ""), *([item.annotation] if item.stem_names_image else [])]
        found: set[str] = set()
        for path in paths:
            view = view_of_path(PurePosixPath(path)) or view_of_path(PurePosixPath(item.annotation))
            found |= {image for image in self._named(path) if _same_view(image, view)}
        return found

    def _named(self, path: str) -> set[str]:
        stem = original_stem(stem_of(path))
        frame = frame_in(stem)
        found: set[str] = set()
        for name in {stem, frame[0] if frame else stem}:
            words = words_of(name)
            found.update(self._by_part.get(words, ()))
            found.update(self._by_numbers.get(_numbers(words), ()))
            for part in _parts(words):
                found.update(self._by_words.get(part, ()))
        return found


def _parts(words: Words) -> set[Words]:
    """Return every run of words that follow each other."""
    count = len(words)
    return {words[first:last] for first in range(count) for last in range(first + 1, count + 1)}


def _rest(words: Words, part: Words) -> Words:
    """Return the words around the first place of a part."""
    for first in range(len(words) - len(part) + 1):
        if words[first : first + len(part)] == part:
            return words[:first] + words[first + len(part) :]
    return words


def _numbers(words: Sequence[str]) -> Words:
    return tuple(word for word in words if word.isdecimal())


def _same_view(image: str, view: View | None) -> bool:
    other = view_of_path(PurePosixPath(image))
    return view is None or other is None or view == other
