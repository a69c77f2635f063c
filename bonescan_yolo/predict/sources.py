"""Many scans named on a command line: finding them, and going on where one cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bonescan_yolo import cli
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import real_path
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.scan.find import find_scan_files


class Failures:
    """What could not be read: said at once, and counted for the exit code while the others go on."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0

    def add(self, error: BonescanError) -> None:
        """Say what went wrong."""
        self.count += 1
        cli.say_error(error)


def find_all(sources: Sequence[str], out: Path, failures: Failures) -> list[Path]:
    """Return the files that all sources mean, each once, without the pictures of an earlier run into `out`."""
    files: dict[Path, None] = {}
    for source in sources:
        try:
            files.update(dict.fromkeys(find_scan_files(source, out, failures.add)))
        except BonescanError as error:
            failures.add(error)
    return list(files)


def protect_scans(files: Sequence[Path], out: Path) -> None:
    """Refuse to write into a folder that holds one of the scans: the picture of `1.png` would be called `1.png`."""
    folders = {real_path(path).parent for path in files}
    if real_path(out) in folders:
        raise BonescanError(f"{out}: holds the scans themselves; choose another folder for the results with --out")


def keep_readings(found: Iterable[list[Reading] | BonescanError], failures: Failures) -> Iterator[Reading]:
    """Yield the readings of files one by one; a file that could not be read is reported and left out."""
    for readings in found:
        if isinstance(readings, BonescanError):
            failures.add(readings)
        else:
            yield from readings
