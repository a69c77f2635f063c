"""Find and read the scans named on a command line: one per core at a time; a failed file does not stop the others."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bonescan_yolo import cli
from bonescan_yolo.errors import BonescanError, OutputError
from bonescan_yolo.files import real_path
from bonescan_yolo.model.detector import Detector, Reading, check_quality
from bonescan_yolo.resources import core_count
from bonescan_yolo.scan.find import find_scan_files
from bonescan_yolo.scan.read import AS_STORED, ReadOptions, read_scans
from bonescan_yolo.scan.record import Scan

Read = TypeVar("Read")

AHEAD = 2
"""Files per core that are being read or wait with their readings; more would only take memory."""


class Failures:
    """Reports files that cannot be read, and counts them for the exit code."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0

    def add(self, error: BonescanError) -> None:
        """Report an error."""
        self.count += 1
        cli.say_error(error)


def find_all(sources: Sequence[str], out: Path, failures: Failures) -> list[Path]:
    """Return the files named by all sources, each once, without pictures in `out` of an earlier run."""
    files: dict[Path, None] = {}
    for source in sources:
        try:
            files.update(dict.fromkeys(find_scan_files(source, out, failures.add)))
        except BonescanError as error:
            failures.add(error)
    return list(files)


def protect_scans(files: Sequence[Path], out: Path) -> None:
    """Refuse an output folder that contains one of the scans: the picture of `1.png` would replace `1.png`."""
    folders = {real_path(path).parent for path in files}
    if real_path(out) in folders:
        raise OutputError(f"{out}: holds the scans themselves; choose another folder for the results with --out")


def keep_readings(found: Iterable[Sequence[Reading | BonescanError]], failures: Failures) -> Iterator[Reading]:
    """Yield the readings of files one by one; a file or frame that could not be read is reported and left out."""
    for frames in found:
        for reading in frames:
            if isinstance(reading, BonescanError):
                failures.add(reading)
            else:
                yield reading


def say_doubts(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield readings; doubts about the quality of a scan go to standard error, one line each."""
    for reading in readings:
        if reading.scan.quality.doubts:
            cli.say(f"note: {reading.scan.name}: {reading.scan.quality.in_words}", sys.stderr)
        yield reading


def threads_for(number: int) -> int:
    """Return how many threads a detector should take for one scan of `number` files; 0 means one per core.

    Two scans on one core each are faster than one after the other on two cores: no core waits for the other.
    """
    return 1 if number > 1 else 0


def read_files(
    files: Sequence[Path], detector: Detector, options: ReadOptions = AS_STORED, *, force: bool = False
) -> Iterator[list[Reading | BonescanError]]:
    """Return for each file, in order, its readings, one per frame; an error where the frame or the file cannot be read.

    Args:
        files: paths; only a few are read ahead.
        detector: with `threads_for(len(files))` threads.
        options: what the user says about the files.
        force: whether to read scans that the quality check refuses too.
    """
    return in_parallel(files, partial(_read, detector=detector, options=options, force=force))


def in_parallel(files: Sequence[Path], read: Callable[[Path], Read]) -> Iterator[Read]:
    """Yield what `read` makes of each file, in order; as many files at a time as there are cores."""
    if len(files) <= 1:
        for path in files:
            yield read(path)
        return
    from concurrent.futures import ThreadPoolExecutor  # takes 10 ms to import

    cores = core_count()
    rest = iter(files)
    with ThreadPoolExecutor(cores) as pool:
        waiting = deque(pool.submit(read, path) for path in islice(rest, AHEAD * cores))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(read, path) for path in islice(rest, 1))
        finally:
            pool.shutdown(cancel_futures=True)


def _read(path: Path, detector: Detector, options: ReadOptions, force: bool) -> list[Reading | BonescanError]:
    try:
        scans = read_scans(path, options)
    except BonescanError as error:
        return [error]
    return [_read_frame(scan, detector, force) for scan in scans]


def _read_frame(scan: Scan, detector: Detector, force: bool) -> Reading | BonescanError:
    try:
        if not force:
            check_quality(scan, "--force")
        return detector.read(scan)
    except BonescanError as error:
        return error
