"""Reading many files: as many at a time as there are cores, in their order, a few ahead and no more."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.scan.names import View
from bonescan_yolo.scan.read import read_scans

AHEAD = 2
"""Files begun or waiting with their readings, for each core; more would only take memory."""


def threads_for(number: int) -> int:
    """Return how many threads a detector should take for one scan, of so many files; 0 is as many as there are cores.

    Two scans on a core each take less time than one after the other on two cores: the cores never wait for each other.
    """
    return 1 if number > 1 else 0


def read_files(
    files: Iterable[Path], detector: Detector, view: View | None, number: int
) -> Iterator[list[Reading] | BonescanError]:
    """Yield for each file its readings, one a frame, or why it cannot be read.

    Args:
        files: paths, of which only a few are drawn ahead.
        detector: with `threads_for(number)` threads.
        view: of scans whose file does not tell it.
        number: how many files there are.
    """
    if number <= 1:
        for path in files:
            yield _read(path, detector, view)
        return
    from concurrent.futures import ThreadPoolExecutor  # takes 10 ms to import

    cores = os.cpu_count() or 1
    rest = iter(files)
    with ThreadPoolExecutor(cores) as pool:
        waiting = deque(pool.submit(_read, path, detector, view) for path in islice(rest, AHEAD * cores))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(_read, path, detector, view) for path in islice(rest, 1))
        finally:
            pool.shutdown(cancel_futures=True)


def _read(path: Path, detector: Detector, view: View | None) -> list[Reading] | BonescanError:
    try:
        return [detector.read(scan) for scan in read_scans(path, view)]
    except BonescanError as error:
        return error
