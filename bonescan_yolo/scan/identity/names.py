"""View, patient, study and date of a scan, from names. The only parser of file names and folders.

The page's parser (`web/src/scan/names.ts`) is tested on the same cases, `tests/shared/names.json`. The words for a view
are in `view_words`; which folder is the patient where all files have the same names is decided in `identities`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import PurePath, PurePosixPath
from typing import Final, NamedTuple

from bonescan_yolo.scan.identity.dates import find_date
from bonescan_yolo.scan.identity.view_words import VIEWS, View, is_event, is_time, view_in, view_named, view_words
from bonescan_yolo.scan.identity.words import CHANGE_OF_CASE, Word, fold, words_of

__all__ = ["VIEWS", "Identity", "View", "identify", "study_of_path", "view_in", "view_of_path"]

_SEPARATORS: Final = r"[\s_.\-]+"

NOBODY: Final = "scan"
"""The patient if neither file nor folders have another name: `ANT.dcm` and `POST.dcm` are one patient."""

_ACQUISITION: Final = (
    " wb wbs whole body wholebody bone bones knochen skelett ganzkorper ganzkoerper gk corps entier os osseux cuerpo "
    "entero corpo intero total im img image images se ser series st study nm ds em sc static spot planar emission raw "
    "frame fr slice view detector det head window energy peak tc tc99m mdp hdp hmdp dpd dicom dcm scan scans "
    "scintigraphy scinti bonescan file export inj injection late delayed early "
)
"""Words, between spaces, that a camera or its operator puts into every name: they name no patient."""

_UID: Final = "[0-2](?:_[0-9]+){5,}"
"""A DICOM unique identifier with underscores for its points: of a file, series or study."""

_SIDES: Final = " left right lt rt links rechts gauche droit droite izquierda derecha "


_PART_OF_A_SET: Final = (
    "train|training|val|valid|validation|test|testing|images?|pictures?|png|jpe?g|dicom|tiff?|raw|original|orig|"
    "filtered|processed|smoothed|masks?|labels?|normal|abnormal|benign|malignant|"
    "(?:(?:data)?set|data|group|fold|part|batch|split|cent(?:er|re)|site|hospital|camera|8bit|16bit)_?[a-z]?[0-9]*|"
    "(?:199|20[0-9])[0-9](?:_?[01][0-9])?"
)
"""Names of folders that divide a set of scans; the last are years and months."""


class PatientName(NamedTuple):
    """What may name a patient.

    Attributes:
        name: never empty.
        folders: those above it that may tell patients apart, joined by /.
    """

    name: str
    folders: str


class Identity(NamedTuple):
    """Patient, view and date of a scan, from its path. A study is a patient on a date.

    Attributes:
        patient: never empty.
        view: None if the path names none.
        date: YYYY-MM-DD; None if the path has none.
    """

    patient: str
    view: View | None
    date: str | None = None


def view_of_path(path: PurePath) -> View | None:
    """Return the view that a path names: its file name without the suffix or, if that names none, the nearest folder.

    A file name that names another view (lateral, oblique) or both has none of the two, whatever its folders say.

    Examples:
        >>> from pathlib import PurePosixPath
        >>> from bonescan_yolo.scan.identity.names import view_of_path
        >>> view_of_path(PurePosixPath("wholeBodyANT/7.jpg")), view_of_path(PurePosixPath("ant/7_post.jpg"))
        ('anterior', 'posterior')
    """
    for name in (path.stem, *reversed(path.parent.parts)):
        found = [word for word in view_words(name) if word.names_view]
        if found:
            return view_named(found)
    return None


def identify(path: str, pattern: re.Pattern[str] | None = None) -> Identity:
    """Return patient, view and date of a scan from its path alone; for the files of a source use `identify_all`.

    The patient is the file name without the words for a view, the date, and times such as `3h` or `post injection`,
    unless nothing that can name a patient is left without them. If the file name holds only these, the nearest folder
    with another name is the patient.

    Args:
        path: inside the source, with / between folders.
        pattern: searched in the path; its first group, or else the whole match, is the patient.

    Examples:
        >>> import re
        >>> from bonescan_yolo.scan.identity.names import identify
        >>> identify("7_anterior.png")
        Identity(patient='7', view='anterior', date=None)
        >>> identify("p12/2011-08-16/post.png")
        Identity(patient='p12', view='posterior', date='2011-08-16')
        >>> identify("2021/study-0042-post.png", re.compile("study-([0-9]+)")).patient
        '0042'
    """
    file = PurePosixPath(path)
    view, date = view_of_path(file), date_of_path(file)
    match = pattern.search(path) if pattern is not None else None
    if match is not None and (named := match[1] if match.re.groups else match[0]):
        return Identity(named, view, date)
    names = patient_names(file)
    return Identity(names[0].name if names else NOBODY, view, date)


def date_of_path(path: PurePath) -> str | None:
    """Return the date in a path, YYYY-MM-DD: in its file name or, if that has none, in the nearest folder."""
    dates = (find_date(name) for name in (path.stem, *reversed(path.parent.parts)))
    return next((date.iso for date in dates if date), None)


def patient_names(path: PurePosixPath) -> list[PatientName]:
    """Return what may name the patient, best first: of the file name, then of the folders from the nearest.

    Folders that are only a date or divide a set come last.
    """
    above: list[str] = []
    found: list[PatientName] = []
    for part in (*path.parent.parts, path.stem):
        if name := _patient_in(part):
            found.append(PatientName(name, "/".join(above)))
            if not _divides(name):
                above.append(name.casefold())
    found.reverse()
    own = found[:1] if _patient_in(path.stem) else []
    return own + sorted(found[len(own) :], key=lambda folder: _divides(folder.name))


def _divides(name: str) -> bool:
    """Return whether a folder of this name has scans of several patients: a date, or a part of a set."""
    return is_date(name) or re.fullmatch(_PART_OF_A_SET, name.lower()) is not None


def is_date(name: str) -> bool:
    """Return whether a name is a date and nothing else."""
    if not name[:1].isdigit():
        return False
    date = find_date(name)
    return date is not None and (date.start, date.end) == (0, len(name))


def study_of_path(path: PurePath) -> str:
    """Return what the views of one study share in their paths: the path without suffix and without words for a view.

    Case, accents and separators do not count. Dates do: two dates of a patient are two studies. A `post` that may name
    the view or mean after is left out too: `3h_ant.dcm` and `3h_post.dcm`.

    Examples:
        >>> from pathlib import PurePosixPath
        >>> from bonescan_yolo.scan.identity.names import study_of_path
        >>> study_of_path(PurePosixPath("wholeBodyANT/7.jpg")), study_of_path(PurePosixPath("p1/2011-08-16_Post.png"))
        ('whole body/7', 'p1/2011 08 16')
    """
    return "/".join(_key_of(part) for part in (*path.parent.parts, path.stem))


def is_of_acquisition(name: str) -> bool:
    """Return whether a name says how a scan was taken and not whose it is: `WB_001_DS`, `IM0001`, a UID."""
    if re.fullmatch(_UID, name):
        return True
    words = words_of(fold(name)[0])
    known = [f" {word.text} " in _ACQUISITION for word in words]
    return any(known) and all(
        is_known or word.kind == "digits" or is_time(words, index - 1)
        for index, (word, is_known) in enumerate(zip(words, known, strict=True))
    )


def _key_of(name: str) -> str:
    """Return the words of a name that name no view, in lower case, with a space between them."""
    name = _composed(name)
    name = _blanked(name, [(word.start, word.end) for word in view_words(name) if word.says != "after"])
    folded = re.sub(CHANGE_OF_CASE, " ", fold(name)[0]).lower()
    return re.sub(_SEPARATORS, " ", folded).strip(" /")


@functools.lru_cache(maxsize=1024)  # the folders of a source are asked for with each of its files
def _patient_in(name: str) -> str:
    """Return what a file name or folder says about the patient, its words joined by underscores; may be empty."""
    name = _composed(name)
    found = view_words(name)
    rest = _blanked(name, [(word.start, word.end) for word in found if word.says != "after"])
    words = _words(rest)
    sides = [word for word in words if f" {word.text} " in _SIDES] if any(w.says == "other" for w in found) else []
    date = find_date(rest)
    for spans in (
        [(word.start, word.end) for word in sides],
        _times(words, [word.start for word in found if word.says == "after"]),
        [(date.start, date.end)] if date else [],
    ):
        shorter = _blanked(rest, spans)
        if spans and any(f" {word.text} " not in _ACQUISITION for word in _words(shorter)):
            rest = shorter
    return "_".join(part for part in re.split(_SEPARATORS, rest) if part.strip("/"))


def _times(words: Sequence[Word], posts: Sequence[int]) -> list[tuple[int, int]]:
    """Return where times are (`3h`, `24 hours`), and each `post` that means after with the event behind it."""
    spans = [
        (first.start, unit.end)
        for index, (first, unit) in enumerate(pairwise(words))
        if is_time(words, index) and (unit.text == "h" or len(unit.text) > 1)
    ]
    for index, word in enumerate(words):
        if word.start in posts:
            event = words[index + 1 : index + 2]
            spans.append((word.start, event[0].end if event and is_event(event[0].text) else word.end))
    return spans


def _words(text: str) -> list[Word]:
    """Return the words of a text with their places in it."""
    folded, places = fold(text)
    return [word._replace(start=places[word.start], end=places[word.end - 1] + 1) for word in words_of(folded)]


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with spaces in place of some of its characters."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _composed(text: str) -> str:
    """Return a text with one character for each accented letter (NFC): some systems write names decomposed."""
    if text.isascii():
        return text
    import unicodedata  # most names are ASCII

    return unicodedata.normalize("NFC", text)
