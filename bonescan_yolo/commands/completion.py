"""`bonescan completion bash`: a script that lets a shell complete sub-commands, options and choices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bonescan_yolo.commands.registry import COMMANDS, build_parsers

SHELLS = ("bash", "zsh", "fish")
WHERE = "~/.local/share/bash-completion/completions/bonescan"


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = build_parser().parse_args(arguments)
    import shtab  # imported here because the command's help must work without it

    sys.stdout.write(shtab.complete(whole_parser(), shell=options.shell) + "\n")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan completion",
        description=f"Print the tab-completion script for a shell; bash reads it from {WHERE}.",
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell")
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """Return one parser of all sub-commands, from which shtab writes the script."""
    whole = argparse.ArgumentParser(prog="bonescan")
    whole.add_argument("--version", action="store_true", help="print the version")
    commands = whole.add_subparsers()
    summaries = {command.name: command.summary for command in COMMANDS}
    for name, parser in build_parsers().items():
        commands.add_parser(name, parents=[parser], add_help=False, help=summaries[name])
    return whole
