"""Cut file names and DICOM texts into words, the same however they are written."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Sequence
from typing import Final, NamedTuple

_ASCII_WORD: Final = "(?P<latin>[A-Za-z]+)|(?P<digits>[0-9]+)"
_WORD: Final = (
    r"(?P<latin>[A-Za-z\u00df-\u024f]+)|(?P<digits>[0-9]+)|(?P<cyrillic>[\u0400-\u04ff]+)"
    r"|(?P<asian>[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]+)"
)
"""Compiled when it is needed: it takes a millisecond, and most names are ASCII."""

CHANGE_OF_CASE: Final = "(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"


class Word(NamedTuple):
    """A word of a folded text in lower case, its place there, and its kind: latin, digits, cyrillic or asian."""

    text: str
    start: int
    end: int
    kind: str | None


def fold(text: str) -> tuple[str, Sequence[int]]:
    """Return a text without accents and other forms of the same letters, and where each character was in the text.

    Full-width letters become plain ones, and the forms of Unicode (NFC, NFD) the same.
    """
    if text.isascii():
        return text, range(len(text))
    import unicodedata  # most names are ASCII

    folded = [
        (letter, place)
        for place, character in enumerate(text)
        for letter in unicodedata.normalize("NFKD", character)
        if not unicodedata.category(letter).startswith("M")
    ]
    return "".join(letter for letter, _ in folded), [place for _, place in folded]


def words_of(folded: str, whole: Container[str] = ()) -> list[Word]:
    """Return the words of a folded text in order: runs of letters of one script, and of digits.

    A run is cut at a change of case (`wholeBody`, `WBAnterior`), unless it is one of the words in `whole`.
    """
    words: list[Word] = []
    for match in re.finditer(_ASCII_WORD if folded.isascii() else _WORD, folded):
        cuts = [0, len(match[0])]
        if match.lastgroup == "latin" and match[0].lower() not in whole:
            cuts[1:1] = [cut.start() for cut in re.finditer(CHANGE_OF_CASE, match[0])]
        for first, last in itertools.pairwise(cuts):
            text = match[0][first:last].lower()
            words.append(Word(text, match.start() + first, match.start() + last, match.lastgroup))
    return words
