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
from pathlib import Path

from bonescan_yolo.model.detector import Reading

DEIDENTIFY_HELP = "leave names, ids, dates, paths and hashes of the scans out of all results (scan-0001, ...)"


class NeutralNames:
    """Names for the files of a run: `scan-0001`, `scan-0002`, in the order in which they were given.

    A file keeps its number if others cannot be read. All frames of a file have its name.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        """Number the files of a run."""
        self._numbers: dict[Path, int] = {}
        self.files = [self.path(file) for file in files]

    def replace(self, reading: Reading) -> Reading:
        """Return a reading that has the neutral name in place of everything that identifies the scan."""
        path = self.path(reading.scan.path or Path("array"))
        scan = dataclasses.replace(reading.scan, path=path, sha256=None, study_uid=None, notes=())
        return dataclasses.replace(reading, scan=scan)

    def path(self, path: Path) -> Path:
        """Return the neutral name of a file; one that was not given at first gets the next number."""
        return Path(f"scan-{self._numbers.setdefault(path, len(self._numbers) + 1):04}")
