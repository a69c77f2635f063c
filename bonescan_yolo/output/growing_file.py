"""A file about all scans of a run, written again and again while the run goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bonescan_yolo.files import write_text

SECONDS_BETWEEN: Final = 2.0
"""Shortest time from one version of the file to the next: what a killed process loses."""

SHARE_OF_TIME: Final = 0.05
"""Most of the run's time that is spent on versions: the larger the file, the rarer they are."""


class GrowingFile:
    """A file whose content grows with every scan.

    Each version is whole and replaces the one before by a rename. So a valid file with what was done is there after an
    interrupt, an error, a full disk or a killed process. The last version is written by `finish`.
    """

    def __init__(self, path: Path, content: Callable[[], str]) -> None:
        """Begin with nothing written.

        Args:
            path: of the file.
            content: returns the whole text as it is now.
        """
        self._path = path
        self._content = content
        self._next = time.monotonic() + SECONDS_BETWEEN
        self._is_due = False

    def grow(self) -> None:
        """Say that there is more content; writes a version if the last one is old enough.

        Raises:
            OutputError: the folder cannot be written to, or the disk is full; the version before stays.
        """
        self._is_due = True
        if time.monotonic() >= self._next:
            self.finish()

    def finish(self) -> None:
        """Write what is not written yet; nothing if the content never grew.

        Raises:
            OutputError: as `grow`.
        """
        if not self._is_due:
            return
        start = time.monotonic()
        write_text(self._path, self._content())
        end = time.monotonic()
        self._is_due = False
        self._next = end + max(SECONDS_BETWEEN, (end - start) / SHARE_OF_TIME)
