"""The one error that stands for a user's mistake, and how a message keeps to one line."""

from __future__ import annotations

import re

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Unicode's control characters (category Cc), line separator and paragraph separator."""


class BonescanError(Exception):
    """A mistake the user can mend: bad input, a wrong option, a disk that is full.

    The message is one line, `what it concerns: what is wrong; what to do`. The command line shows it and
    exits with code 2; a caller of the Python API catches it like any exception.
    """

    def __init__(self, message: str) -> None:
        """Keep the message to one line, whatever a file's name or content brings into it."""
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    r"""Return a text with its control characters and line ends written as escapes, such as `\n` and `\x1b`.

    A file name may hold any of them: a line end would tear a message in two, others steer the terminal.
    """
    return CONTROL_CHARACTERS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
