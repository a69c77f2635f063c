"""The words that say which view a scan is of, in file names, folders and DICOM texts.

A text is cut into words at everything that is not a letter, where letters and digits meet, and where lower case changes
to upper case (`wholeBodyANT`). Upper and lower case, separators, accents, full-width letters and the form of Unicode do
not matter. Chinese, Japanese and Korean words are found anywhere, because nothing separates them.

- `AP` and `PA` name the way of the beam in radiography (PS3.3, C.8.1.1: anterior to posterior). A gamma camera has no
  beam; what sites label AP is the image of the anterior detector. Programs that read planar scans take ViewPosition the
  same way (AP or ANT, PA or POST), and the projections of nuclear medicine (PS3.16, CID 26) have "anterior" and
  "posterior" but no "antero-posterior" that AP could abbreviate. The two count only if no longer word names a view, not
  with digits attached (`PA000001` is a patient's folder on a DICOM medium), and not at the beginning before a number
  (`PA_12` may be patient 12). The same holds for `POS`.
- "antero-posterior" in full may mean one image or the pair: it is no view of the two. Neither are oblique and lateral
  views (LAO, RPO, left anterior oblique, lateral).
- `post` is "after" before words such as injection or therapy, behind a time (`3h post`), and at the beginning before a
  time (`post 3h`), unless another `post` says "after" (`POST 3H POST INJ`).
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

View = Literal["anterior", "posterior"]
VIEWS: tuple[View, ...] = get_args(View)

Meaning = Literal["anterior", "posterior", "other"]
"""What a word says; `other` is an oblique or lateral view, or both views in one word."""

_FULL_WORDS: Final[dict[Meaning, str]] = {
    "anterior": "ant anterior anteriora anteriore anterioren anteriores anteriori anterieur anterieure anterieures "
    "anterieurs ventral ventrale ventralen ventrales vorn vorne vorderansicht przod przednia przedni "
    "передняя переднии переднее спереди вентральная",
    "posterior": "post posterior posteriora posteriore posterioren posteriores posteriori posterieur posterieure "
    "posterieures posterieurs dorsal dorsale dorsalen dorsales hinten ruckansicht rueckansicht tył tyl tylna tylny "
    "задняя заднии заднее сзади дорсальная",
    "other": "lao rao lpo rpo llat rlat lat lateral laterale lateralen laterales laterali oblique obliques obl obliq "
    "obliqua oblicua oblicuo oblicuas obliquo schrag schraeg seitlich profil vertex axial axiale transversal "
    "transverse sagittal coronal antero postero anteroposterior anteroposteriore posteroanterior posteroanteriore "
    "skosna boczna косая боковая",
}
_SHORT_WORDS: Final[dict[str, Meaning]] = {"ap": "anterior", "pa": "posterior", "pos": "posterior"}

_EAST_ASIAN: Final[dict[Meaning, str]] = {
    "other": "前[后後]|[后後]前|斜|[侧側]|측면|사위|전후|후전",
    "anterior": "前[位面方]|正面|전면|전방",
    "posterior": "[后後][位面方]|背面|후면|후방",
}
"""Searched in this order: 前后位 is no view of the two, though 后位 is in it."""

_AFTER_POST: Final = (
    *("inj", "dose", "op", "ther", "treat", "tx", "chemo", "rt", "rad", "stress", "infus", "surg", "trat", "trait"),
    *("chim", "void", "mict", "lasix", "furo", "contrast", "trauma", "exerc", "process", "appli", "iniez"),
)
"""Beginnings of words before which `post` is "after": injection, operation, therapy, traitement, voiding."""

_UNITS_OF_TIME: Final = (
    " h hr hrs hour hours hora horas heure heures ore std stunde stunden min mins minute minutes minuten day days tag "
    "tage jour jours week weeks woche wochen month months year years час часа часов "
)
_ATTACHED_UNITS: Final = frozenset(("d", "w", "m", "y", "j", "ч"))
"""Units of time only directly behind their number: `7_m_post` may be a man."""

_SPINE: Final = ("spine", "column", "colonn", "colun", "rachi", "vertebra")
"""Beginnings of words beside which `dorsal` is a part of the spine: `dorsal spine`."""

_LYING: Final = ("decubit",)
"""`décubitus dorsal` is lying on the back, which says nothing about the detector."""

_WORD: Final = re.compile(
    r"(?P<latin>[A-Za-z\u00df-\u024f]+)|(?P<digits>[0-9]+)|[\u0400-\u04ff]+"
    r"|(?P<asian>[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]+)"
)
_CHANGE_OF_CASE: Final = re.compile("(?<=[a-z])(?=[A-Z])")


class Token(NamedTuple):
    """A word of a text: its folded letters in lower case, and its place in the folded text."""

    text: str
    start: int
    end: int
    kind: str | None = None


class ViewWord(NamedTuple):
    """A word that says something about the view: its place in the text, and what it says."""

    start: int
    end: int
    says: Meaning


def view_in(text: str) -> View | None:
    """Return the view that a text names as a separate word, or None if it names none, both, or another one.

    Examples:
        >>> from bonescan_yolo.scan.view_words import view_in
        >>> view_in("wholeBodyANT"), view_in("12_post"), view_in("3H POST INJECTION"), view_in("plant")
        ('anterior', 'posterior', None, None)
        >>> view_in("Vue antérieure"), view_in("全身后位"), view_in("PA"), view_in("Left anterior oblique")
        ('anterior', 'posterior', 'posterior', None)
    """
    found = {word.says for word in view_words(text)}
    if found == {"anterior"}:
        return "anterior"
    return "posterior" if found == {"posterior"} else None


def view_words(text: str) -> list[ViewWord]:
    """Return the words of a text that say something about the view, in order; places count its characters."""
    folded, places = _fold(text)
    tokens = _tokens(folded)
    after = {index for index, token in enumerate(tokens) if token.text == "post" and _means_after(tokens, index)}
    if not after and len(tokens) > 1 and tokens[0].text == "post" and _time_at(tokens, 1):
        after = {0}
    words = [
        ViewWord(token.start, token.end, says)
        for index, token in enumerate(tokens)
        if index not in after and (says := _full_meanings().get(token.text)) and not _is_of_body(tokens, index)
    ]
    words += [word for token in tokens if token.kind == "asian" for word in _east_asian_words(token)]
    if not words:
        words = [
            ViewWord(token.start, token.end, _SHORT_WORDS[token.text])
            for index, token in enumerate(tokens)
            if token.text in _SHORT_WORDS and not _may_be_id(tokens, index)
        ]
    return [ViewWord(places[start], places[end - 1] + 1, says) for start, end, says in sorted(words)]


@functools.cache
def _full_meanings() -> dict[str, Meaning]:
    return {word: says for says, words in _FULL_WORDS.items() for word in words.split()}


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """Return a text without accents and other forms of the same letters, and the place of each of its characters."""
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


def _tokens(folded: str) -> list[Token]:
    """Cut a folded text into words; one that is a known word as a whole is not cut at a change of case."""
    tokens: list[Token] = []
    for match in _WORD.finditer(folded):
        cuts = [0, len(match[0])]
        if match.lastgroup == "latin" and match[0].lower() not in _full_meanings():
            cuts[1:1] = [cut.start() for cut in _CHANGE_OF_CASE.finditer(match[0])]
        for first, last in itertools.pairwise(cuts):
            word = match[0][first:last].lower()
            tokens.append(Token(word, match.start() + first, match.start() + last, match.lastgroup))
    return tokens


def _means_after(tokens: Sequence[Token], index: int) -> bool:
    """Return whether `post` at `index` means after: before an event, or behind a time or `status`."""
    if index + 1 < len(tokens) and tokens[index + 1].text.startswith(_AFTER_POST):
        return True
    return index > 0 and (tokens[index - 1].text == "status" or (index > 1 and _time_at(tokens, index - 2)))


def _time_at(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a number and a unit of time begin at `index`."""
    if index + 1 >= len(tokens) or tokens[index].kind != "digits":
        return False
    number, unit = tokens[index : index + 2]
    return f" {unit.text} " in _UNITS_OF_TIME or (unit.text in _ATTACHED_UNITS and number.end == unit.start)


def _is_of_body(tokens: Sequence[Token], index: int) -> bool:
    """Return whether `dorsal` or `ventral` describes the spine or how the patient lies."""
    if not tokens[index].text.startswith(("dorsal", "ventral")):
        return False
    beside = [tokens[place].text for place in (index - 1, index + 1) if 0 <= place < len(tokens)]
    return any(word.startswith((*_SPINE, *_LYING)) for word in beside)


def _may_be_id(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a short word may begin an id: digits are attached, or it begins the text before a number."""
    if index + 1 >= len(tokens) or tokens[index + 1].kind != "digits":
        return False
    return index == 0 or tokens[index].end == tokens[index + 1].start


def _east_asian_words(token: Token) -> list[ViewWord]:
    """Return the words for a view in a run of Chinese, Japanese or Korean characters."""
    words: list[ViewWord] = []
    rest = token.text
    for says, pattern in _EAST_ASIAN.items():
        found = list(re.finditer(_fold(pattern)[0], rest))
        words += [ViewWord(token.start + match.start(), token.start + match.end(), says) for match in found]
        for match in found:
            rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    return words
