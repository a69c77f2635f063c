"""The errors for a user's mistakes. Each message is one line.

BonescanError
    ScanError       a file is not a scan that can be read
    ModelError      a file is not a model or weights that can be used
    DatasetError    annotations, or a converted data set, cannot be used
    SettingsError   an option or a key of a YAML file has an invalid value
    OutputError     results cannot be written, or would replace the user's files
"""

from __future__ import annotations

import re

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Unicode's control characters (category Cc), line separator and paragraph separator."""


MOST_CHARACTERS = 600
"""Of a message: six to eight lines of a terminal. A path may have 4,096."""

KEPT_AT_END = 250
"""Of a longer message: what to do is at its end."""


class BonescanError(Exception):
    """A mistake that the user can fix: bad input, a wrong option, a full disk.

    The message is one line, `what it concerns: what is wrong; what to do`. The command line shows it and
    exits with code 2; a caller of the Python API catches it like any exception.
    """

    def __init__(self, message: str) -> None:
        """Store the message as one line of bounded length; control characters of a file name are escaped."""
        super().__init__(shortened(one_line(message)))


class ScanError(BonescanError):
    """A file is missing, damaged, or not a bone scan that can be read."""


class ModelError(BonescanError):
    """A model or a file of weights is missing, damaged, or not a model of this project."""


class DatasetError(BonescanError):
    """Annotated scans, or a converted data set, cannot be used as they are."""


class SettingsError(BonescanError):
    """An option of a command, or a key of a YAML file, has an invalid value."""


class OutputError(BonescanError):
    """Results cannot be written, or would replace files that no earlier run wrote."""


def shortened(text: str) -> str:
    """Return a message of at most `MOST_CHARACTERS`; what is too much is left out before its last part."""
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[: MOST_CHARACTERS - KEPT_AT_END - 5]} ... {text[-KEPT_AT_END:]}"


def one_line(text: str) -> str:
    r"""Return a text with its control characters and line ends written as escapes, such as `\n` and `\x1b`.

    A file name may contain any of them: a line end would break a message in two, others control the terminal.
    """
    return CONTROL_CHARACTERS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
