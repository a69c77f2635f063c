"""Damage to text in lines and columns: cells and lines dropped, doubled, exchanged and replaced; other separators."""

from __future__ import annotations

import random
from typing import Final

from tests.fuzz.mutate_bytes import encoded
from tests.fuzz.odd_values import odd_text

MAX_CHANGES: Final = 6
SEPARATORS: Final = (",", ";", "\t", " ", "|")
LINE_ENDS: Final = ("\n", "\r\n", "\r", "\n\n")


def mutate_lines(text: str, separator: str, rng: random.Random) -> bytes:
    """Return a damaged copy of a text whose cells are separated by `separator`."""
    lines = [line.split(separator) for line in text.splitlines()]
    for _ in range(rng.randint(0, MAX_CHANGES)):
        _change(lines, rng)
    joint = rng.choice(SEPARATORS) if rng.random() < 0.1 else separator
    return encoded(rng.choice(LINE_ENDS).join(joint.join(cells) for cells in lines), rng)


def _change(lines: list[list[str]], rng: random.Random) -> None:
    """Change one cell or line."""
    if not lines:
        return
    row, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    cells = lines[row]
    way = rng.randrange(7)
    if way == 0:
        del lines[row]
    elif way == 1:
        lines.insert(other, list(cells))
    elif way == 2:
        lines[row], lines[other] = lines[other], lines[row]
    elif way == 3:
        cells.insert(rng.randrange(len(cells) + 1), odd_text(rng))
    elif cells:
        place = rng.randrange(len(cells))
        if way == 4:
            del cells[place]
        elif way == 5:
            cells[place] = odd_text(rng)
        else:
            second = rng.randrange(len(cells))
            cells[place], cells[second] = cells[second], cells[place]
