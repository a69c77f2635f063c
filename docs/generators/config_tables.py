"""Configuration files, from the keys, values and comments of their YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docs.generators.markdown import Row, code, paragraph, sentence, table

INDENT = 2
LINE = re.compile(r"(?P<indent> *)(?P<key>\w+):(?: +(?P<value>[^#]*?))? *(?:# *(?P<comment>.*))?")


@dataclass(frozen=True)
class Entry:
    """A line `key: value  # comment`.

    Attributes:
        path: the key behind those of the sections that it is in.
        value: as it is written; empty for a section.
        meaning: the comment above it and that beside it; empty for none.
    """

    path: tuple[str, ...]
    value: str
    meaning: str


def config_text(yaml: str, name: str) -> str:
    """Return a table of the file's own keys, and a titled one for each of its sections."""
    entries = list(read_entries(yaml, name))
    sections = [entry for entry in entries if len(entry.path) == 1 and not entry.value]
    blocks = [_table([entry for entry in entries if len(entry.path) == 1 and entry.value], 0)]
    for section in sections:
        inside = [entry for entry in entries if entry.path[:1] == section.path and entry is not section]
        blocks += [f"### {name}: {section.path[0]}", section.meaning and sentence(section.meaning), _table(inside, 1)]
    return "\n\n".join(block for block in blocks if block)


def read_entries(yaml: str, name: str) -> Iterator[Entry]:
    """Yield every key of a YAML file, sections too; a comment that an empty line follows is nobody's.

    Raises:
        ValueError: a line has another form than `key: value  # comment`.
    """
    path: tuple[str, ...] = ()
    above: list[str] = []
    for number, line in enumerate(yaml.splitlines(), 1):
        text = line.strip()
        if not text:
            above = []
        elif text.startswith("#"):
            above.append(text.lstrip("# "))
        else:
            match = LINE.fullmatch(line)
            if match is None:
                raise ValueError(f"{name}:{number}: is no `key: value  # comment`, which is all that can be shown")
            path = (*path[: len(match["indent"]) // INDENT], match["key"])
            yield Entry(path, match["value"] or "", paragraph(" ".join([*above, match["comment"] or ""])))
            above = []


def _table(entries: Sequence[Entry], level: int) -> str:
    """Return the table of entries, their keys without the first `level` sections; sections that say nothing are left
    out."""
    told = [entry for entry in entries if entry.value or entry.meaning]
    rows: list[Row] = [(code(".".join(entry.path[level:])), code(entry.value), entry.meaning) for entry in told]
    return table(("key", "value", "meaning"), rows) if rows else ""
