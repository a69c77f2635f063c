"""The sub-commands of `bonescan`: names, what they do, and the optional packages they need."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Final, NoReturn

from bonescan_yolo import cli
from bonescan_yolo.errors import BonescanError


class MissingExtraError(BonescanError):
    """A package that a command needs is not installed. Reading scans does not need it."""


@dataclass(frozen=True)
class Command:
    """A sub-command.

    Attributes:
        name: as typed.
        summary: what it does, one line without a full stop.
        extra: the optional set of packages that it needs; None if it needs none.
    """

    name: str
    summary: str
    extra: str | None = None

    @property
    def module(self) -> str:
        """Where its `build_parser()` and `main(arguments)` are."""
        return f"bonescan_yolo.commands.{self.name.replace('-', '_')}"


COMMANDS: Final = (
    Command("predict", "find hot spots on scans"),
    Command("measure", "outline and measure hot spots"),
    Command("suggest", "choose the scans that are most worth annotating"),
    Command("convert", "turn annotated scans into a YOLO data set", "convert"),
    Command("simulate", "write simulated scans with exact boxes", "simulate"),
    Command("train", "fine-tune a detector", "train"),
    Command("adapt", "adapt the model to a few annotated scans of your own", "train"),
    Command("export", "write trained weights as ONNX files", "train"),
    Command("evaluate", "measure a model on a data set", "evaluate"),
    Command("fit-rescoring", "fit how much the abnormal boxes of a scan affect each other", "train"),
    Command("fit-thresholds", "choose the operating points of a model", "evaluate"),
    Command("release", "write the files of a finished run for others", "train"),
    Command("info", "show version, model, threads and what is installed"),
    Command("completion", "print the tab-completion script for a shell", "completion"),
)

TORCH_EXTRA: Final = "train"
"""The only extra that brings torch, which `evaluate` needs for `.pt` files alone."""


def run(name: str) -> NoReturn:
    """Run a sub-command with the process's arguments and leave with its exit code."""
    cli.run(partial(dispatch, name))


def dispatch(name: str, arguments: Sequence[str]) -> int:
    """Run a sub-command; returns its exit code.

    Raises:
        MissingExtraError: a package that it needs is not installed.
    """
    command = next(command for command in COMMANDS if command.name == name)
    try:
        code: int = import_module(command.module).main(arguments)
    except ModuleNotFoundError as error:
        raise _missing(command, error) from error
    return code


def build_parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of every sub-command by name; if its packages are not installed, it has no options."""
    return {command.name: _parser_of(command) for command in COMMANDS}


def _parser_of(command: Command) -> argparse.ArgumentParser:
    try:
        parser: argparse.ArgumentParser = import_module(command.module).build_parser()
    except ModuleNotFoundError as error:
        if not isinstance(_missing(command, error), MissingExtraError):
            raise
        return argparse.ArgumentParser(prog=f"bonescan {command.name}", description=command.summary)
    return parser


def _missing(command: Command, error: ModuleNotFoundError) -> Exception:
    """Return the error for a package that is not installed; `error` itself for a module of this package, a bug."""
    package = (error.name or "").split(".")[0]
    if package in ("", "bonescan_yolo"):
        return error
    extra = command.extra and (TORCH_EXTRA if package == "torch" else command.extra)
    remedy = f'pip install "bonescan_yolo[{extra}]"' if extra else "install bonescan_yolo again"
    return MissingExtraError(f"{package}: is not installed, and `bonescan {command.name}` needs it; {remedy}")
