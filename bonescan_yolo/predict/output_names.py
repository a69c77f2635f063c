"""Names for output files that never collide."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bonescan_yolo.errors import CONTROL_CHARACTERS
from bonescan_yolo.files import MAX_NAME_BYTES, shorten_name
from bonescan_yolo.scan.identity.names import View, view_in

MAX_STEM_BYTES = MAX_NAME_BYTES - 20
"""Leaves room for the longest ending, `_outlines.png`, and for a number of six digits."""

VIEW_BYTES = 10
"""Of `_posterior`."""

UNWRITABLE_CHARACTERS = re.compile(f"{CONTROL_CHARACTERS.pattern}|[\\ud800-\\udfff\\ufffe\\uffff]")
"""Control characters, bytes of a file name that are not UTF-8, and what XML 1.0 excludes (section 2.2)."""


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


class ViewNames:
    """Hands out stems of pictures to be annotated, which state the view: `wb_anterior` and `wb_posterior` of `wb.dcm`.

    Views of a patient then share the name in front, by which `convert` and `measure` know that they are of one patient.
    A name that states its scan's view already stays as it is (`7_ant`). A number follows where two names are equal.
    Characters that no XML or UTF-8 text can hold become `_`.
    """

    def __init__(self) -> None:
        """Begin with no name taken."""
        self._taken: set[str] = set()

    def next(self, path: Path, frame_count: int, frame: int = 0, view: View | None = None) -> str:
        """Return the stem for the next scan read from `path`: scan `frame`, from 0, of `frame_count` in the file."""
        own = shorten_name(UNWRITABLE_CHARACTERS.sub("_", path.stem), MAX_STEM_BYTES - VIEW_BYTES)
        if view is not None and view_in(own) != view:
            own = f"{own}_{view}"
        stem, number = own, 1
        if view is None and frame_count > 1:
            number = frame + 1
            stem = f"{own}-{number}"
        while stem.lower() in self._taken:
            number += 1
            stem = f"{own}-{number}"
        self._taken.add(stem.lower())
        return stem


def _stem(path: Path) -> str:
    """Return the stem of a file for its outputs' names."""
    return shorten_name(CONTROL_CHARACTERS.sub("_", path.stem), MAX_STEM_BYTES)
