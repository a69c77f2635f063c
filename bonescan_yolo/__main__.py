"""The one command: `bonescan SUBCOMMAND`, or `python -m bonescan_yolo SUBCOMMAND`.

Hardly anything is imported here before `run` catches an interrupt, so that Ctrl-C while the command starts prints one
line and no traceback.
"""

from __future__ import annotations

import sys

from bonescan_yolo import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import NoReturn

PROGRAM = "bonescan"
ABOUT = "Find hot spots on whole-body bone scans. Research software, not a medical device."


def main(arguments: Sequence[str]) -> int:
    """Run the sub-command that the first argument names; returns its exit code."""
    from bonescan_yolo import cli
    from bonescan_yolo.commands.registry import COMMANDS, dispatch

    if arguments and arguments[0] in {command.name for command in COMMANDS}:
        return dispatch(arguments[0], arguments[1:])
    parser = build_parser()
    parser.parse_args(arguments)
    parser.print_help(sys.stderr)
    return cli.EXIT_USER_MISTAKE


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the options before a sub-command and of its name, not of what follows."""
    import argparse

    from bonescan_yolo.commands.registry import COMMANDS
    from bonescan_yolo.version import __version__

    width = max(len(command.name) for command in COMMANDS)
    lines = [f"  {command.name:<{width}}  {command.summary}" for command in COMMANDS]
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=ABOUT,
        usage="%(prog)s [-h] [--version] COMMAND ...",
        epilog="\n".join(["commands:", *lines, "", f"`{PROGRAM} COMMAND --help` shows its options."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument(
        "command", metavar="COMMAND", nargs="?", choices=[command.name for command in COMMANDS], help=argparse.SUPPRESS
    )
    return parser


def run(name: str | None = None) -> NoReturn:
    """Run with the process's arguments and leave with the exit code; the entry point of the installed command.

    Args:
        name: of a sub-command; None takes it from the arguments.
    """
    try:
        from bonescan_yolo import cli
        from bonescan_yolo.commands import registry

        if name is not None:
            registry.run(name)
        cli.run(main)
    except KeyboardInterrupt:  # while these two were imported; afterwards `cli.run` catches it
        sys.stderr.write("stopped\n")
        sys.exit(130)  # EXIT_INTERRUPTED of `cli`, which may not be imported yet


if __name__ == "__main__":
    run()
