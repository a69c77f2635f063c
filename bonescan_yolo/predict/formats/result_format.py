"""What every format of `predict` has in common: readings are added one by one, and `close` completes the files."""

from __future__ import annotations

from typing import Protocol

from bonescan_yolo.model.detector import Reading


class ResultFormat(Protocol):
    """A writer of readings in one format, into one folder."""

    def add(self, reading: Reading, stem: str) -> None:
        """Write the files of one reading, or add it to the file of all readings.

        Args:
            reading: of one scan.
            stem: name of its files, without suffix; no other reading has it.

        Raises:
            OutputError: the folder cannot be written to, or the disk is full.
        """
        ...

    def close(self) -> None:
        """Complete the file of all readings, if the format has one and there were readings; also after an interrupt."""
        ...
