"""What every command shares: catching errors and showing progress."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, TextIO, TypeVar

from bonescan_yolo.errors import BonescanError, one_line, shortened

EXIT_OUR_FAULT = 1
EXIT_USER_MISTAKE = 2
EXIT_INTERRUPTED = 130
"""128 + SIGINT, the convention of shells."""

DEBUG_VARIABLE = "BONESCAN_DEBUG"

Item = TypeVar("Item")


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a command with the process's arguments and leave with its exit code.

    0 is success, 2 a user's mistake (one line on standard error), 130 an interrupt, 1 a fault of the package (one
    line, and the traceback when the environment variable BONESCAN_DEBUG is set).
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # do not fail on a file name that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    if not sys.warnoptions:  # those of libraries quote the files; decoders ignore them too, but not in every thread
        warnings.simplefilter("ignore")
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BonescanError as error:
        say_error(error)
        code = EXIT_USER_MISTAKE
    except KeyboardInterrupt:
        say("stopped", sys.stderr)
        code = EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output (head, less) closed it: not an error
        _discard_standard_output()
        code = 0
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        code = _report(error)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done: Ctrl-C while Python ends must not change the exit code
    sys.exit(code)


@contextmanager
def holding_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back until the block ends. Processes started in it never get one: their parent stops them.

    They inherit the signal mask of this thread. Another thread may still take the signal, and Python would then
    raise here, in the middle of starting a process. So it is only noted, and raised afterwards.
    """
    if threading.current_thread() is not threading.main_thread():  # elsewhere Python handles no signals
        yield
        return
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # starting it later would end the mask
    held: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if held:
        raise KeyboardInterrupt


def progress(items: Iterable[Item], total: int, label: str) -> Iterable[Item]:
    """Return `items` with a progress bar on standard error; no bar for a single item or without a terminal."""
    if total <= 1:
        return items
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(
        items,
        total=total,
        desc=label,
        unit="scan",
        file=sys.stderr,
        mininterval=0.2,
        dynamic_ncols=True,
        disable=None,  # tqdm: no bar without a terminal, so that a log keeps whole lines
    )
    return bar


def say(line: str, stream: TextIO) -> None:
    """Write a line to a standard stream, above the progress bar if one is shown.

    Control characters are written as escapes, so that a file name cannot break the line.
    """
    line = one_line(line)
    if stream is sys.stderr:  # a result on standard output stays whole
        line = shortened(line)
    if "tqdm" in sys.modules:  # imported only by a command that shows a bar; the import takes 80 ms
        from tqdm import tqdm

        tqdm.write(line, file=stream)
    else:
        stream.write(f"{line}\n")


def say_error(error: BonescanError) -> None:
    """Write a user's mistake to standard error."""
    say(f"error: {error}", sys.stderr)


def _report(error: Exception) -> int:
    """Write one line about an unexpected error; returns the exit code."""
    if isinstance(error, OSError) and error.filename is not None:
        reason = (error.strerror or str(error)).lower()
        say_error(BonescanError(f"{error.filename}: cannot be used ({reason}); check the path and its permissions"))
        return EXIT_USER_MISTAKE
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _discard_standard_output()
        say_error(BonescanError("output: cannot be written (no space left on device); free disk space"))
        return EXIT_USER_MISTAKE
    summary = shortened(" ".join(str(error).split()))
    say(f"internal error: {type(error).__name__}: {summary} (set {DEBUG_VARIABLE}=1 for details)", sys.stderr)
    return EXIT_OUR_FAULT


def _discard_standard_output() -> None:
    """Discard what is still buffered, so that Python does not fail on it again while it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
