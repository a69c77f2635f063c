"""Trainings side by side, one per core: a second thread hardly makes a training faster.

A step of eight windows of 512 x 192 takes 0.43 s with one thread and 0.41 s with two, on two cores.
"""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from bonescan_yolo import cli
from bonescan_yolo.adapt.training_progress import TrainingProgress
from bonescan_yolo.adapt.trainings import Ingredients, Training, train
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.resources import core_count

MOST_PROCESSES: Final = 4
"""At a time; each takes about 1.5 GiB of memory."""


def train_all(trainings: Sequence[Training], out: Path, ingredients: Ingredients, progress: TrainingProgress) -> None:
    """Do trainings and keep their weights.

    Args:
        trainings: to do.
        out: the run's folder.
        ingredients: what the trainings share.
        progress: of these trainings.

    Raises:
        BonescanError: a training failed; those that had ended are kept.
    """
    cores = core_count()
    processes = min(cores, len(trainings), MOST_PROCESSES)
    if processes > 1:
        shares = [trainings[first::processes] for first in range(processes)]
        _train_side_by_side(shares, out, ingredients, cores // processes, progress)
        return
    for training in trainings:
        train(training, out, ingredients, cores, lambda _step, _loss: progress.advance())
        progress.ended(training.label)


def _train_side_by_side(
    shares: Sequence[Sequence[Training]], out: Path, ingredients: Ingredients, threads: int, progress: TrainingProgress
) -> None:
    """Give each share of the trainings to a process of its own with a number of threads, and wait for all."""
    with _processes(shares, out, ingredients, threads) as started:
        running = dict(started)
        while running:
            ready = wait(list(running))
            for pipe in [pipe for pipe in running if pipe in ready]:
                try:
                    _take(pipe.recv(), progress)
                except EOFError:
                    _require_success(running.pop(pipe))


@contextmanager
def _processes(
    shares: Sequence[Sequence[Training]], out: Path, ingredients: Ingredients, threads: int
) -> Iterator[dict[Connection, BaseProcess]]:
    """Start a process for each share; yields them by the pipe they write to, and stops those that are left."""
    context = multiprocessing.get_context("spawn")
    started: dict[Connection, BaseProcess] = {}
    try:
        with cli.holding_interrupts():
            for share in shares:
                receiver, sender = context.Pipe(duplex=False)
                process: BaseProcess = context.Process(
                    target=_work, args=(share, out, ingredients, threads, sender), daemon=True
                )
                process.start()
                sender.close()  # the process has its own; when that ends, so does the pipe
                started[receiver] = process
        yield started
    finally:
        for process in started.values():
            process.terminate()
            process.join()


def _work(share: Sequence[Training], out: Path, ingredients: Ingredients, threads: int, parent: Connection) -> None:
    """Do a share of the trainings in a process of its own.

    The parent gets None for each step, the label of each training that ended, and the error that ends the process.
    """
    from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

    warnings.simplefilter("ignore")  # as `cli.run` does
    prepare_ultralytics()
    try:
        for training in share:
            train(training, out, ingredients, threads, lambda _step, _loss: parent.send(None))
            parent.send(training.label)
    except BrokenPipeError:
        return  # the parent is gone, so nobody waits for the rest
    except Exception as error:
        parent.send(error)


def _take(message: object, progress: TrainingProgress) -> None:
    """Take what a process sent."""
    if isinstance(message, Exception):
        raise message
    if isinstance(message, str):
        progress.ended(message)
    else:
        progress.advance()


def _require_success(process: BaseProcess) -> None:
    """Check that a process ended by itself."""
    process.join()
    if process.exitcode:
        raise DatasetError(
            f"adapt: a training process was stopped from outside (exit code {process.exitcode}), perhaps for lack of "
            "memory; give the same command again to go on, or free memory"
        )
