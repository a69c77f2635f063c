"""The one error that stands for a user's mistake."""


class BonescanError(Exception):
    """A mistake the user can mend: bad input, a wrong option, a disk that is full.

    The message is one line, `what it concerns: what is wrong; what to do`. The command line shows it and
    exits with code 2; a caller of the Python API catches it like any exception.
    """

    def __init__(self, message: str) -> None:
        """Keep the message to one line, whatever a file's name or content brings into it."""
        super().__init__(" ".join(message.splitlines()))
