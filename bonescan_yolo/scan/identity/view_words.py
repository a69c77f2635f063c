"""The words that say which view a scan is of, in file names, folders and DICOM texts.

A text is cut into words at everything that is not a letter, where letters and digits meet, and at a change of case
(`wholeBodyANT`, `WBAnterior`). Upper and lower case, separators, accents, full-width letters and the form of Unicode do
not matter. Chinese, Japanese and Korean words are found anywhere, because nothing separates them.

- `AP` and `PA` name the way of the beam in radiography (PS3.3, C.8.1.1: anterior to posterior). A gamma camera has no
  beam; what sites label AP is the image of the anterior detector. Programs that read planar scans take ViewPosition the
  same way (AP or ANT, PA or POST), and the projections of nuclear medicine (PS3.16, CID 26) have "anterior" and
  "posterior" but no "antero-posterior" that AP could abbreviate. The two count only if no longer word names a view, not
  with digits attached (`PA000001` is a patient's folder on a DICOM medium), and not at the beginning before a number
  (`PA_12` may be patient 12). The same holds for `POS`.
- "antero-posterior" in full may mean one image or the pair: it is neither view. Nor are oblique and lateral
  views (LAO, RPO, left anterior oblique, lateral).
- `post` is "after" before words such as injection or therapy and before days, weeks or months, behind a time (`3h
  post`), and at the beginning before a time (`post 3h`), unless another `post` says "after" (`POST 3H POST INJ`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

from bonescan_yolo.scan.identity.words import Word, fold, words_of

View = Literal["anterior", "posterior"]
VIEWS: tuple[View, ...] = get_args(View)

Meaning = Literal["anterior", "posterior", "other", "after", "unclear"]
"""What a word says; `other` is an oblique or lateral view, or both views in one word; `after` is a `post` before an
event or behind `status`, `unclear` a `post` beside a time, which may be either."""

_FULL_WORDS: Final[dict[Meaning, str]] = {
    "anterior": "ant anterior anteriora anteriore anterioren anteriores anteriori anterieur anterieure anterieures "
    "anterieurs ventral ventrale ventralen ventrales vorn vorne vorderansicht vorderseite przod przednia "
    "przednie przedni predni forfra framifran voorzijde "
    "voorkant vooraanzicht voraanzicht etukuva elolnezet передняя переднии переднее спереди вентральная",
    "posterior": "post posterior posteriora posteriore posterioren posteriores posteriori posterieur posterieure "
    "posterieures posterieurs dorsal dorsale dorsalen dorsales hinten ruckansicht rueckansicht ruckseite "
    "rueckseite tył tyl tylna tylne tylny zadni bagfra bakifran achterzijde "
    "achterkant achteraanzicht takakuva hatulnezet задняя заднии заднее сзади "
    "дорсальная",
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
"""Searched in this order: 前后位 is neither view, though 后位 is in it."""

_AFTER_POST: Final = (
    *("inj", "dose", "op", "ther", "treat", "tx", "chemo", "rt", "rad", "stress", "infus", "surg", "trat", "trait"),
    *(
        "chim",
        "abl",
        "rai",
        "prostat",
        "transpl",
        "biops",
        "fract",
        "implant",
        "hormon",
        "immun",
        "vacc",
        "void",
        "mict",
        "lasix",
        "furo",
        "contrast",
        "trauma",
        "exerc",
        "process",
        "appli",
        "iniez",
    ),
)
"""Beginnings of words before which `post` is "after": injection, operation, therapy, traitement, voiding."""

_UNITS_OF_TIME: Final = (
    " h hr hrs hour hours hora horas heure heures ore std stunde stunden min mins minute minutes minuten day days tag "
    "tage jour jours week weeks woche wochen month months year years час часа часов "
)
_LONG_UNITS: Final = ("day", "tag", "jour", "week", "woche", "month", "year")
"""Beginnings of units in which only `post` as after is said: `post 6 months`."""

_ATTACHED_UNITS: Final = frozenset(("d", "w", "m", "y", "j", "ч"))
"""Units of time only directly behind their number: `7_m_post` may be a man."""

_SPINE: Final = ("spine", "column", "colonn", "colun", "rachi", "vertebra")
"""Beginnings of words beside which `dorsal` is a part of the spine: `dorsal spine`."""

_LYING: Final = ("decubit",)
"""`décubitus dorsal` is lying on the back, which says nothing about the detector."""


class ViewWord(NamedTuple):
    """A word that says something about the view: its place in the text, and what it says."""

    start: int
    end: int
    says: Meaning

    @property
    def names_view(self) -> bool:
        """Whether it names a view, be it one of the two or another."""
        return self.says not in ("after", "unclear")


def view_in(text: str) -> View | None:
    """Return the view that a text names as a separate word, or None if it names none, both, or another one.

    Examples:
        >>> from bonescan_yolo.scan.identity.view_words import view_in
        >>> view_in("wholeBodyANT"), view_in("12_post"), view_in("3H POST INJECTION"), view_in("plant")
        ('anterior', 'posterior', None, None)
        >>> view_in("Vue antérieure"), view_in("全身后位"), view_in("PA"), view_in("Left anterior oblique")
        ('anterior', 'posterior', 'posterior', None)
    """
    return view_named(view_words(text))


def view_named(found: Sequence[ViewWord]) -> View | None:
    """Return the view that the words of a text name, or None if they name none, both, or another one."""
    named = {word.says for word in found if word.names_view}
    if named == {"anterior"}:
        return "anterior"
    return "posterior" if named == {"posterior"} else None


@functools.lru_cache(maxsize=1024)  # the folders of a source are asked for with each of its files
def view_words(text: str) -> tuple[ViewWord, ...]:
    """Return the words of a text that say something about the view, in order; places count its characters."""
    folded, places = fold(text)
    words = words_of(folded, _full_meanings())
    posts = _posts_meaning_after(words)
    found = [
        ViewWord(word.start, word.end, says)
        for index, word in enumerate(words)
        if index not in posts and (says := _full_meanings().get(word.text)) and not _is_of_body(words, index)
    ]
    found += [part for word in words if word.kind == "asian" for part in _east_asian_words(word)]
    if not found:
        found = [
            ViewWord(word.start, word.end, _SHORT_WORDS[word.text])
            for index, word in enumerate(words)
            if word.text in _SHORT_WORDS and not _may_be_id(words, index)
        ]
    found += [ViewWord(words[index].start, words[index].end, says) for index, says in posts.items()]
    return tuple(ViewWord(places[start], places[end - 1] + 1, says) for start, end, says in sorted(found))


def is_event(word: str) -> bool:
    """Return whether a word names what `post` may come after: injection, therapy, operation."""
    return word.startswith(_AFTER_POST)


def is_time(words: Sequence[Word], index: int) -> bool:
    """Return whether a number and a unit of time begin at `index`: `3h`, `24 hours`."""
    if not 0 <= index < len(words) - 1 or words[index].kind != "digits":
        return False
    number, unit = words[index : index + 2]
    return f" {unit.text} " in _UNITS_OF_TIME or (unit.text in _ATTACHED_UNITS and number.end == unit.start)


@functools.cache
def _full_meanings() -> dict[str, Meaning]:
    return {word: says for says, words in _FULL_WORDS.items() for word in words.split()}


def _posts_meaning_after(words: Sequence[Word]) -> dict[int, Meaning]:
    """Return the places of `post` where it means after, or may mean it."""
    posts = [index for index, word in enumerate(words) if word.text == "post"]
    after: dict[int, Meaning] = {}
    for index in posts:
        if _is_surely_after(words, index):
            after[index] = "after"
        elif is_time(words, index - 2):
            after[index] = "unclear"
    return after or ({0: "unclear"} if 0 in posts and is_time(words, 1) else {})


def _is_surely_after(words: Sequence[Word], index: int) -> bool:
    """Return whether the word at `index` is before an event or a long time, or behind `status`."""
    if any(is_event(word.text) for word in words[index + 1 : index + 2]):
        return True
    if is_time(words, index + 1) and words[index + 2].text.startswith(_LONG_UNITS):
        return True
    return index > 0 and words[index - 1].text == "status"


def _is_of_body(words: Sequence[Word], index: int) -> bool:
    """Return whether `dorsal` or `ventral` describes the spine or how the patient lies."""
    if not words[index].text.startswith(("dorsal", "ventral")):
        return False
    beside = [words[place].text for place in (index - 1, index + 1) if 0 <= place < len(words)]
    return any(word.startswith((*_SPINE, *_LYING)) for word in beside)


def _may_be_id(words: Sequence[Word], index: int) -> bool:
    """Return whether a short word may begin an id: digits are attached, or it begins the text before a number."""
    if index + 1 >= len(words) or words[index + 1].kind != "digits":
        return False
    return index == 0 or words[index].end == words[index + 1].start


def _east_asian_words(run: Word) -> list[ViewWord]:
    """Return the words for a view in a run of Chinese, Japanese or Korean characters."""
    found: list[ViewWord] = []
    rest = run.text
    for says, pattern in _EAST_ASIAN.items():
        for match in re.finditer(fold(pattern)[0], rest):
            found.append(ViewWord(run.start + match.start(), run.start + match.end(), says))
            rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    return found
