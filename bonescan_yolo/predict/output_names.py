"""Names for output files that never collide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bonescan_yolo.errors import CONTROL_CHARACTERS
from bonescan_yolo.files import MAX_NAME_BYTES, shorten_name

MAX_STEM_BYTES = MAX_NAME_BYTES - 20
"""Leaves room for the longest ending, `_outlines.png`, and for a number of six digits."""


class OutputNames:
    """Hands out the stem of each scan's output files.

    If a file contains one scan and no other input has its name, the scan keeps the stem (`scan`). Others get a number
    (`scan-1`, `scan-2`). Names that differ only by case count as the same, because some file systems ignore case.
    A stem too long for an output name is shortened to its beginning and a hash; control characters become `_`.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Take all inputs at once, so that every name that occurs twice is known."""
        self._shares = Counter(_stem(path).lower() for path in paths)
        self._taken = {stem for stem, count in self._shares.items() if count == 1}
        self._last: Counter[str] = Counter()

    def next(self, path: Path, frame_count: int, frame: int = 0) -> str:
        """Return the stem for the next scan read from `path`: scan `frame`, from 0, of `frame_count` in the file.

        Scans before it may have been refused; numbers of frames stay what they are.
        """
        own = _stem(path)
        key = own.lower()
        if self._shares[key] == 1 and frame_count == 1:
            return own
        if self._shares[key] == 1:
            self._last[key] = max(self._last[key], frame)
        while True:
            self._last[key] += 1
            stem = f"{own}-{self._last[key]}"
            if stem.lower() not in self._taken:
                self._taken.add(stem.lower())
                return stem


def _stem(path: Path) -> str:
    """Return the stem of a file for its outputs' names."""
    return shorten_name(CONTROL_CHARACTERS.sub("_", path.stem), MAX_STEM_BYTES)
