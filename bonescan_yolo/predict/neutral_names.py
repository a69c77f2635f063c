"""Neutral names for `--deidentify`: results that say nothing of whose a scan is.

Left out of every output are the scan's file name, folders and hash (a hash identifies a file to whoever has it), the
patient, dates, the DICOM study, and the reader's notes on the file. Kept are the view, the number of the frame, sizes,
and what was found. Every writer gets readings whose scan has the neutral name already, so that no format can write the
true one. Messages on standard error still name the file that they are about: they are for the person at the terminal.

Text that is burned into a scan's pixels stays in its picture.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from bonescan_yolo.model.detector import Reading
from bonescan_yolo.scan.identity.names import View, study_of_path, view_of_path

DEIDENTIFY_HELP = "leave names, ids, dates, paths and hashes of the scans out of all results (scan-0001, ...)"


class NeutralNames:
    """Names for the files of a run: `scan-0001`, `scan-0002`, in the order in which they were given.

    Files whose names state the two views of a study share a number (`scan-0001_anterior`, `scan-0001_posterior`), so
    that a data set made of the results does not take the views for two patients. A file keeps its number if others
    cannot be read. All frames of a file have its name.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        """Number the files of a run."""
        self._names: dict[Path, Path] = {}
        self._numbers: dict[tuple[str, View], int] = {}
        self._count = 0
        self.files = [self.path(file) for file in files]

    def replace(self, reading: Reading) -> Reading:
        """Return a reading that has the neutral name in place of everything that identifies the scan."""
        path = self.path(reading.scan.path or Path("array"))
        scan = dataclasses.replace(reading.scan, path=path, sha256=None, study_uid=None, notes=())
        return dataclasses.replace(reading, scan=scan)

    def path(self, path: Path) -> Path:
        """Return the neutral name of a file; one that was not given at first gets the next number."""
        if path not in self._names:
            self._names[path] = Path(self._next(PurePosixPath(path.as_posix())))
        return self._names[path]

    def _next(self, path: PurePosixPath) -> str:
        """Return the name of another file: with its view, and the number of the other view if that is waiting."""
        view, study = view_of_path(path), study_of_path(path)
        number = self._numbers.pop((study, view), None) if view else None
        if number is None:
            self._count = number = self._count + 1
            if view:
                self._numbers[study, "posterior" if view == "anterior" else "anterior"] = number
        return f"scan-{number:04}_{view}" if view else f"scan-{number:04}"
