"""Configuration files, from the keys, values and comments of their YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docs.generators.markdown import Row, code, paragraph, sentence, table

INDENT = 2
LINE = re.compile(r"(?P<indent> *)(?P<key>\w+):(?: +(?P<value>[^#]*?))? *(?:# *(?P<comment>.*))?")
TERM = re.compile(r"(?P<term>\S.*?) {2,}(?P<words>\S.*)")
"""A line of a comment that explains a word: `  word    what it is`; further indented lines go on with it."""

DEEP = 6
"""Spaces from which on a line goes on with the word above."""


@dataclass(frozen=True)
class Entry:
    """A line `key: value  # comment`.

    Attributes:
        path: the key behind those of the sections that it is in; empty for the file's own comment.
        value: as it is written; empty for a section.
        above: lines of the comment right above it, with their indentation.
        beside: the comment on its line.
    """

    path: tuple[str, ...]
    value: str
    above: tuple[str, ...] = ()
    beside: str = ""

    @property
    def meaning(self) -> str:
        """Both comments on one line; empty without any."""
        return paragraph("; ".join(filter(None, (" ".join(self.above), self.beside))))


def config_text(yaml: str, name: str) -> str:
    """Return the file's text below its first line, a table of its own keys, and a titled one for each section."""
    entries = list(read_entries(yaml, name))
    sections = [entry for entry in entries if len(entry.path) == 1 and not entry.value]
    blocks = [text for entry in entries if not entry.path for text in _blocks(entry.above[1:])]
    blocks.append(_table([entry for entry in entries if len(entry.path) == 1 and entry.value], 0))
    for section in sections:
        inside = [entry for entry in entries if entry.path[:1] == section.path and entry is not section]
        blocks += [f"### {name}: {section.path[0]}", *_blocks((*section.above, section.beside)), _table(inside, 1)]
    return "\n\n".join(block for block in blocks if block)


def read_entries(yaml: str, name: str) -> Iterator[Entry]:
    """Yield every key of a YAML file, sections too, and comments that an empty line follows.

    Raises:
        ValueError: a line has another form than `key: value  # comment`.
    """
    path: tuple[str, ...] = ()
    above: list[str] = []
    for number, line in _joined_lines(yaml):
        text = line.strip()
        if text.startswith("#"):
            above.append(text.removeprefix("#").removeprefix(" "))
            continue
        if text:
            match = LINE.fullmatch(line)
            if match is None:
                raise ValueError(f"{name}:{number}: is no `key: value  # comment`, which is all that can be shown")
            path = (*path[: len(match["indent"]) // INDENT], match["key"])
            yield Entry(path, match["value"] or "", tuple(above), match["comment"] or "")
        elif above:
            yield Entry((), "", tuple(above))
        above = []


def _joined_lines(yaml: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers, from 1; a list or mapping in brackets over several lines as one."""
    begun, first = "", 0
    for number, line in enumerate(yaml.splitlines(), 1):
        whole, first = (f"{begun} {line.strip()}", first) if begun else (line, number)
        value = whole.split("#")[0]
        begun = whole if sum(map(value.count, "{[")) > sum(map(value.count, "}]")) else ""
        if not begun:
            yield first, whole
    if begun:
        yield first, begun


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    """Yield a comment as a paragraph, and the words that it explains as a list."""
    words: list[str] = []
    items: list[str] = []
    for line in lines:
        match = TERM.fullmatch(line.strip())
        if match is not None:
            items.append(f"- {code(match['term'])}: {match['words']}")
        elif items and line.startswith(" " * DEEP):
            items[-1] += f" {line.strip()}"
        else:
            words.append(line)
    if " ".join(words).strip():
        yield sentence(" ".join(words))
    if items:
        yield "\n".join(item.replace("<", "&lt;") for item in items)


def _table(entries: Sequence[Entry], level: int) -> str:
    """Return the table of entries, their keys without the first `level` sections.

    Sections without a value or a meaning are left out.
    """
    told = [entry for entry in entries if entry.value or entry.meaning]
    rows: list[Row] = [(code(".".join(entry.path[level:])), code(entry.value), entry.meaning) for entry in told]
    return table(("key", "value", "meaning"), rows) if rows else ""
