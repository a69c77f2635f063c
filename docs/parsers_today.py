"""Stands in for `bonescan_yolo.commands.registry` until that exists; then this file goes (see `docs/generate.py`).

Some commands make their parser inside the function that parses, so each is stopped there and its parser taken.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn
from unittest.mock import patch

COMMANDS = {
    "predict": "bonescan_yolo.predict.__main__",
    "measure": "bonescan_yolo.measure.__main__",
    "convert": "bonescan_yolo.convert.__main__",
    "simulate": "bonescan_yolo.phantom.__main__",
    "train": "bonescan_yolo.train.__main__",
    "export": "bonescan_yolo.export.__main__",
    "evaluate": "bonescan_yolo.evaluate.__main__",
    "fit-rescoring": "benchmarks.scan_context",
    "release": "bonescan_yolo.export.release",
}


class _Stopped(Exception):  # noqa: N818 - it reports no error
    """Carries a parser out of the command that made it."""


def build_parsers() -> dict[str, ArgumentParser]:
    """Return the parser of each command by name."""
    return {name: _parser_of(import_module(module).main) for name, module in COMMANDS.items()}


def _parser_of(main: Callable[[Sequence[str]], int]) -> ArgumentParser:
    def stop(self: ArgumentParser, *_: object) -> NoReturn:
        raise _Stopped(self)

    with patch.object(ArgumentParser, "parse_args", stop):
        try:
            main([])
        except _Stopped as stopped:
            parser: ArgumentParser = stopped.args[0]
            return parser
    raise RuntimeError(f"{main.__module__}: made no parser")
