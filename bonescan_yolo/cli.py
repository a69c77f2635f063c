"""What every command of the package shares: where errors are caught, and how progress is shown."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn, TypeVar

from bonescan_yolo.errors import BonescanError

EXIT_OUR_FAULT = 1
EXIT_USER_MISTAKE = 2
EXIT_INTERRUPTED = 130
"""128 + SIGINT, as shells count."""

DEBUG_VARIABLE = "BONESCAN_DEBUG"

Item = TypeVar("Item")


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a command with the process's arguments and leave with its exit code.

    0 is success, 2 a user's mistake (one line on standard error), 1 a fault of the package (one line, and the
    traceback when the environment variable BONESCAN_DEBUG is set).
    """
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BonescanError as error:
        _say(f"error: {error}")
        code = EXIT_USER_MISTAKE
    except KeyboardInterrupt:
        _say("stopped")
        code = EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output (head, less) left: not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        summary = " ".join(str(error).split())
        _say(f"internal error: {type(error).__name__}: {summary} (set {DEBUG_VARIABLE}=1 for details)")
        code = EXIT_OUR_FAULT
    sys.exit(code)


def progress(items: Iterable[Item], total: int, label: str) -> Iterable[Item]:
    """Return `items` with a progress bar on standard error; silent for a single item."""
    if total <= 1:
        return items
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(
        items, total=total, desc=label, unit="scan", file=sys.stderr, mininterval=0.2, dynamic_ncols=True
    )
    return bar


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
