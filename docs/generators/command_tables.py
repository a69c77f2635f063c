"""Commands, from their argparse parsers.

The text is made from the parsers' actions and not by `format_help`, whose lines depend on the width of the terminal and
whose words depend on the version of Python.
"""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, _HelpAction, _SubParsersAction
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bonescan_yolo.commands.threshold_option import thresholds_of
from docs.generators.markdown import code, paragraph, table

PROGRAM = "bonescan"
TYPE_WORDS: dict[object, str] = {
    int: "whole number",
    float: "number",
    Path: "path",
    str: "text",
    None: "text",
    thresholds_of: "number, or one for each class",
}
REPEATED = {"+": "...", "*": "..."}


def commands_text(parsers: Mapping[str, ArgumentParser]) -> str:
    """Return a section for each command, its sub-commands behind it."""
    return "\n\n".join(text for name, parser in parsers.items() for text in _paragraphs(f"{PROGRAM} {name}", parser))


def overview_text(commands: Sequence[tuple[str, str, str | None]]) -> str:
    """Return a table of all commands, each given as its name, what it does, and the extra it needs or None."""
    links = [f"[`{PROGRAM} {name}`](#{PROGRAM}-{name})" for name, _, _ in commands]
    rows = [(link, paragraph(does), code(extra or "")) for link, (_, does, extra) in zip(links, commands, strict=True)]
    return table(("command", "does", "needs the extra"), rows)


def _paragraphs(name: str, parser: ArgumentParser) -> Iterator[str]:
    """Yield heading, description, usage and arguments of a command, then its sub-commands."""
    yield f"### {name}"
    description = (parser.description or "").replace("%(prog)s", name)
    yield from (paragraph(text) for text in description.split("\n\n") if text.strip())
    shown = [each for each in parser._actions if not isinstance(each, _HelpAction) and each.help != SUPPRESS]
    below = [each for each in shown if isinstance(each, _SubParsersAction)]
    arguments = [each for each in shown if each not in below]
    if not below:
        yield f"```text\n{' '.join([name, *_usage(arguments)])}\n```"
    if arguments:
        rows = [(_names(each), _values(each), _meaning(each, name)) for each in arguments]
        yield table(("argument", "value", "meaning"), rows)
    for action in below:
        helps = {choice.dest: paragraph(choice.help or "") for choice in action._choices_actions}
        yield table(("command", "does"), [(f"`{name} {key}`", helps.get(key, "")) for key in action.choices])
        for key, child in action.choices.items():
            yield from _paragraphs(f"{name} {key}", child)


def _usage(arguments: Sequence[Action]) -> Iterator[str]:
    """Yield what is typed behind a command's name: options first, then positional arguments."""
    if any(each.option_strings and not each.required for each in arguments):
        yield "[options]"
    for each in arguments:
        if each.option_strings and each.required:
            yield f"{each.option_strings[-1]} {_metavar(each)}"
    for each in arguments:
        if not each.option_strings:
            yield _metavar(each) if each.required else f"[{_metavar(each)}]"


def _metavar(action: Action) -> str:
    """Return the placeholder of an argument's value, such as DIR, WEIGHT LONE or SCAN...; empty if it takes none."""
    if action.nargs == 0:
        return ""
    default = action.dest.upper()
    names = action.metavar if isinstance(action.metavar, tuple) else (action.metavar or default,)
    return " ".join(names) + REPEATED.get(str(action.nargs), "")


def _names(action: Action) -> str:
    metavar = _metavar(action)
    return ", ".join(code(f"{name} {metavar}".strip()) for name in action.option_strings or [""])


def _values(action: Action) -> str:
    """Return what an argument takes, in words."""
    if action.nargs == 0:
        return ""
    words = ", ".join(code(str(choice)) for choice in action.choices or ()) or TYPE_WORDS.get(action.type, "")
    required = "required" if action.option_strings and action.required else ""
    count = f"{action.nargs} times" if isinstance(action.nargs, int) else ""
    return "; ".join(filter(None, (required, f"{count} {words}".strip())))


def _meaning(action: Action, name: str) -> str:
    values: dict[str, Any] = {**vars(action), "prog": name}
    if isinstance(action.default, Path):
        values["default"] = action.default.as_posix()
    return paragraph((action.help or "") % values)
