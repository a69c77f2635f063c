"""The errors that stand for a user's mistake, and how a message keeps to one line.

BonescanError
    ScanError       a file is not a scan that can be read
    ModelError      a file is not a model or weights that can be used
    DatasetError    annotations, or a converted data set, cannot be used
    SettingsError   an option or a YAML file holds something else than it should
    OutputError     results cannot be written, or would replace something of the user's
"""

from __future__ import annotations

import re

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Unicode's control characters (category Cc), line separator and paragraph separator."""


class BonescanError(Exception):
    """A mistake that the user can fix: bad input, a wrong option, a disk that is full.

    The message is one line, `what it concerns: what is wrong; what to do`. The command line shows it and
    exits with code 2; a caller of the Python API catches it like any exception.
    """

    def __init__(self, message: str) -> None:
        """Keep the message to one line, whatever a file's name or content brings into it."""
        super().__init__(one_line(message))


class ScanError(BonescanError):
    """A file is missing, damaged, or not a bone scan that can be read."""


class ModelError(BonescanError):
    """A model or a file of weights is missing, damaged, or of something else."""


class DatasetError(BonescanError):
    """Annotated scans, or a converted data set, cannot be used as they are."""


class SettingsError(BonescanError):
    """An option of a command, or a key of a YAML file, holds what it cannot be."""


class OutputError(BonescanError):
    """Results cannot be written, or would replace what no earlier run wrote."""


def one_line(text: str) -> str:
    r"""Return a text with its control characters and line ends written as escapes, such as `\n` and `\x1b`.

    A file name may hold any of them: a line end would tear a message in two, others steer the terminal.
    """
    return CONTROL_CHARACTERS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
