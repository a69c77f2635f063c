"""Tables and paragraphs as plain Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

Row = Sequence[str]

CODE_OR_BRACKET = re.compile(r"`[^`]*`|\[")


def table(heads: Row, rows: Sequence[Row]) -> str:
    """Return a table; bars in its cells are escaped."""
    escaped = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    return "\n".join(_line(row) for row in (heads, ["---"] * len(heads), *escaped))


def paragraph(text: str) -> str:
    """Return a text on one line, in which Markdown finds neither HTML tags nor links."""
    line = " ".join(text.split()).replace("<", "&lt;")
    return CODE_OR_BRACKET.sub(lambda found: r"\[" if found[0] == "[" else found[0], line)


def sentence(text: str) -> str:
    """Return a text as `paragraph` does, with a capital letter first and a full stop last."""
    plain = paragraph(text)
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", ":")) else ".")


def code(text: str) -> str:
    """Return a text as code, nothing for no text."""
    return f"`{text}`" if text else ""


def _line(cells: Row) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)
