"""Making a data set of studies, on several processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2

from bonescan_yolo import cli, files
from bonescan_yolo.dataset.simulated import OTHER_FOLDERS, RECORD_NAME
from bonescan_yolo.output.staging import staged_directory
from bonescan_yolo.phantom import bs80k_layout
from bonescan_yolo.phantom.body.anatomy import Skeleton, load_skeleton
from bonescan_yolo.phantom.parameters import PhantomConfig
from bonescan_yolo.phantom.study import simulate
from bonescan_yolo.resources import core_count
from bonescan_yolo.version import __version__

OWN_ENTRIES = frozenset({RECORD_NAME, *OTHER_FOLDERS, *bs80k_layout.FOLDERS.values()})

PIECE = 4
"""Studies that a process takes at a time."""


@dataclass(frozen=True)
class Order:
    """What to make.

    Attributes:
        studies: how many; their ids start at 1.
        seed: the same seed gives the same scans.
        config: all parameters.
        extras: what to write beside scans and boxes.
    """

    studies: int
    seed: int
    config: PhantomConfig
    extras: bs80k_layout.Extras = bs80k_layout.NO_EXTRAS


def generate(out: Path, order: Order, workers: int) -> list[bs80k_layout.Written]:
    """Write the studies of an order as the folder `out`, whole or not at all, and return what was written.

    An earlier phantom folder there is replaced. The result does not depend on `workers`.

    Raises:
        BonescanError: `out` holds something else, or cannot be written.
    """
    files.require_replaceable(out, RECORD_NAME, OWN_ENTRIES, "simulation")
    skeleton = load_skeleton()
    with staged_directory(out) as staging:
        make = partial(_make, staging, order)
        identifiers = range(1, order.studies + 1)
        written = list(
            cli.progress(_run(make, skeleton, identifiers, workers), total=order.studies, label="simulating")
        )
        bs80k_layout.write_label_files(staging, written)
        files.write_text(staging / RECORD_NAME, _record(order))
    return written


def default_workers(studies: int) -> int:
    """Return the number of processes to use: one per core, fewer where each would have little to do."""
    return max(1, min(core_count(), studies // (2 * PIECE)))


_worker_skeleton: list[Skeleton] = []


def _run(
    make: partial[bs80k_layout.Written], skeleton: Skeleton, identifiers: range, workers: int
) -> Iterator[bs80k_layout.Written]:
    """Yield what each study wrote, in the order of the ids."""
    if workers <= 1:
        for identifier in identifiers:
            yield make(skeleton, identifier)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(skeleton,))
    try:
        with cli.holding_interrupts():
            made = pool.map(partial(_make_in_worker, make), identifiers, chunksize=PIECE)
        yield from made
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker(skeleton: Skeleton) -> None:
    """Keep the skeleton in a new process, so that it is sent once. One thread: the processes share the cores."""
    cv2.setNumThreads(1)
    _worker_skeleton.append(skeleton)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: killed, it cannot stop its processes itself."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _make_in_worker(make: partial[bs80k_layout.Written], identifier: int) -> bs80k_layout.Written:
    return make(_worker_skeleton[0], identifier)


def _make(staging: Path, order: Order, skeleton: Skeleton, identifier: int) -> bs80k_layout.Written:
    """Simulate and write one study."""
    study = simulate(skeleton, order.config, order.seed, identifier)
    return bs80k_layout.write_study(staging, study, order.extras)


def _record(order: Order) -> str:
    """Return the text of the record: the same order gives the same text."""
    content = {
        "generator": "bonescan_yolo.phantom",
        "version": __version__,
        "seed": order.seed,
        "studies": order.studies,
        **asdict(order.extras),
        "config": order.config.model_dump(mode="json"),
    }
    return json.dumps(content, indent=2) + "\n"
