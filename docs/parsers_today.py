"""Stands in for `build_parsers` of `bonescan_yolo.commands.registry` while some commands have no module there yet.

It goes as soon as all of them have (see `docs/generate.py`). Until then the parser of a command without a module is
taken out of the program that still does its work; some make it inside the function that parses, so they are stopped
there.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn
from unittest.mock import patch

from bonescan_yolo.commands.registry import COMMANDS, Command

TODAY = {
    "convert": "bonescan_yolo.convert.__main__",
    "export": "bonescan_yolo.export.__main__",
    "evaluate": "bonescan_yolo.evaluate.__main__",
    "fit-rescoring": "bonescan_yolo.evaluate.fit_rescoring",
    "release": "bonescan_yolo.export.release",
}
"""Modules by command."""


class _Stopped(Exception):  # noqa: N818 - it reports no error
    """Carries a parser out of the program that made it."""


def build_parsers() -> dict[str, ArgumentParser]:
    """Return the parser of each command by name, of those that are there."""
    found = ((command.name, _parser(command)) for command in COMMANDS)
    return {name: parser for name, parser in found if parser is not None}


def _parser(command: Command) -> ArgumentParser | None:
    try:
        parser: ArgumentParser = import_module(command.module).build_parser()
    except ImportError:
        return _stopped(import_module(TODAY[command.name]).main) if command.name in TODAY else None
    return parser


def _stopped(main: Callable[[Sequence[str]], int]) -> ArgumentParser:
    """Return the parser that a program makes."""

    def stop(self: ArgumentParser, *_: object) -> NoReturn:
        raise _Stopped(self)

    with patch.object(ArgumentParser, "parse_args", stop):
        try:
            main([])
        except _Stopped as stopped:
            parser: ArgumentParser = stopped.args[0]
            return parser
    raise RuntimeError(f"{main.__module__}: made no parser")
