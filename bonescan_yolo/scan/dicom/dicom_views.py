"""Which view a frame of a DICOM file shows.

A view of nuclear medicine is named by the side of the patient that the detector is at (PS3.16, CID 26). In order:

1. the code of the frame's detector, by its value: SNOMED CT (`SCT`) or its older codes (`SRT`, `SNM3`, `99SDM`);
2. the meaning of the code, by whole words. Oblique and lateral views are neither of the two, whatever other words say;
3. the texts that name the image, if the file has one frame;
4. the start angle of the detector (PS3.3, C.8.4.11): 0 degrees is at the patient's back, 180 in front;
5. the data set name of GE's GENIE stations: `WHOLE BODY_E` is of the detector in front, `_F` of the one behind.

"Antero-posterior" (AP) is a projection of radiography (CID 4010), named by the way of the beam, of which a gamma camera
has none. In the code of a detector it cannot be a pair of views; stations write it for the image of the detector in
front, as sites do AP. It is read as anterior, and "postero-anterior" as posterior, with a note.
"""

from __future__ import annotations

import math
import re
from typing import Final, Literal, NamedTuple

from pydicom.dataset import Dataset

from bonescan_yolo.scan.dicom.dicom_frames import detector_number, frame_count_of
from bonescan_yolo.scan.dicom.dicom_values import numbers, text, texts
from bonescan_yolo.scan.identity.names import View, view_in

_ANTERIOR_CODES: Final = frozenset(
    ("399321004", "G-5215", "255549009", "R-404CC"),
)
"""Anterior projection (CID 26) and anterior (CID 2), each in SNOMED CT and its older code."""

_POSTERIOR_CODES: Final = frozenset(
    ("399001007", "G-5216", "255551008", "R-404CE"),
)
"""Posterior projection (CID 26) and posterior (CID 2)."""

_PROJECTION_CODES: Final[dict[str, View]] = {
    **dict.fromkeys(("399348003", "R-10206"), "anterior"),
    **dict.fromkeys(("272479007", "R-10214", "R-40888"), "posterior"),
}
"""Antero-posterior and postero-anterior (CID 4010)."""

_PROJECTION_WORDS: Final[dict[View, str]] = {
    "anterior": r"antero[\s_-]?posterior",
    "posterior": r"postero[\s_-]?anterior",
}
"""Searched in a meaning in small letters, as the next; compiled when one is searched."""

_OTHER_CODES: Final = frozenset(
    (
        # CID 26: obliques, laterals, slices
        *("399074003", "G-5207", "399136008", "G-5209", "399108003", "G-5206", "399075002", "G-5208"),
        *("399118008", "G-5223", "399297009", "G-5222", "49370004", "G-A104", "399012007", "G-5220"),
        *("399300004", "G-5221", "399268006", "G-5224", "399159002", "G-5225", "399089007", "G-5210"),
        *("399273000", "G-5212", "24422004", "G-A147", "81654009", "G-A138", "30730003", "G-A145"),
        *("62824007", "G-A117", "103340004", "G-A186", "131185001", "G-A18A", "131186000", "G-A18B"),
        # CID 4010: the same in projection radiography
        *("399135007", "R-10220", "399006002", "R-10212", "399356000", "R-40985", "399038007", "R-10210"),
        *("399312000", "R-10208", "399059000", "R-10216", "399173006", "R-10236", "399198007", "R-10232"),
        *("399184004", "R-10238", "399236003", "R-10234", "399182000", "R-102C1", "399067008", "R-102CD"),
        *("399260004", "R-10224", "399352003", "R-10228", "399368009", "R-10226", "399099002", "R-10230"),
        *("260427002", "R-40783", "260426006", "R-40782", "399160007", "R-10204", "399004004", "R-10246"),
    )
)

_MEANINGS: Final[dict[str, View | Literal["other"]]] = {
    **dict.fromkeys(_ANTERIOR_CODES, "anterior"),
    **dict.fromkeys(_POSTERIOR_CODES, "posterior"),
    **dict.fromkeys(_OTHER_CODES, "other"),
}

_SCHEMES: Final = ("SCT", "SRT", "SNM3", "99SDM", "2.16.840.1.113883.6.96", "")
"""Designators of SNOMED, with the object identifier that some stations write (PS3.16, 8), or none."""

_OTHER_WORDS: Final = (
    r"obli|schr[aä]g|(?<![a-z])later|(?<![a-z])lat(?![a-z])|(?<![a-z])[lr][ap]o(?![a-z])|sagit|axial|vertex|斜|侧|側"
)
"""Words in a code meaning of a view that is neither from the front nor from behind."""

_ANGLE_TOLERANCE: Final = 10.0
"""Degrees that a detector may be off the front or the back; obliques are taken at 30 and more."""

_GENIE: Final = "GEMS_GENIE_1"
_DATASET_NAME: Final = (0x0011, 0x12)
"""Group and element of the data set name in GE's private block (GENIE DICOM conformance statement)."""

_GENIE_VIEWS: Final[dict[str, View]] = {"_E": "anterior", "_F": "posterior"}
"""Endings of whole-body data sets of stations with two detectors.

NEMA's compressed sample NM1, a `WHOLE BODY_E` of detector 1 of 2, shows the patient from the front. `_F` follows from
it: it is the other detector's.
"""


class NamedView(NamedTuple):
    """A frame's view, and what the user should know about where it is from; None is unknown."""

    view: View | None
    note: str | None = None


def view_of_frame(dataset: Dataset, index: int) -> NamedView:
    """Return the view of the frame of this index, from 0."""
    detectors = list(dataset.get("DetectorInformationSequence") or ())
    frame_count = frame_count_of(dataset)
    number = detector_number(dataset, index, frame_count, len(detectors))
    detector = detectors[number - 1] if number is not None and 1 <= number <= len(detectors) else None
    for holder in (detector, dataset if frame_count == 1 else None):
        coded = _coded_view(holder) if holder is not None else None
        if coded is not None:
            return coded
    if frame_count == 1 and (view := _view_in_texts(dataset)):
        return NamedView(view)
    return _view_of_angle(detector, detectors) or _view_of_genie(dataset, index, frame_count) or NamedView(None)


def _coded_view(holder: Dataset) -> NamedView | None:
    """Return the view that a view code names, unknown if it names an oblique or lateral one; None without a code."""
    for code in holder.get("ViewCodeSequence") or ():
        modifiers = [*(holder.get("ViewModifierCodeSequence") or ()), *(code.get("ViewModifierCodeSequence") or ())]
        value, words = _value_of(code), text(code, "CodeMeaning")
        view = _meaning_of(value, words)
        others = [_meaning_of(_value_of(modifier), text(modifier, "CodeMeaning")) for modifier in modifiers]
        if "other" in (view, *others):
            return NamedView(None)
        if named := _projection_of(value, words):
            return NamedView(named, f"view code of a radiographic projection read as {named}")
        if view == "anterior" or view == "posterior":  # noqa: PLR1714 narrows the type
            return NamedView(view)
    return None


def _projection_of(value: str, meaning: str) -> View | None:
    """Return the view for which a code names a projection of radiography; None if it names none."""
    if value in _PROJECTION_CODES or value in _MEANINGS:
        return _PROJECTION_CODES.get(value)
    return next((view for view, words in _PROJECTION_WORDS.items() if re.search(words, meaning.lower())), None)


def _value_of(code: Dataset) -> str:
    """Return the value of a code of SNOMED in capitals; "" of other schemes."""
    value = next((found[0].upper() for key in ("CodeValue", "LongCodeValue") if (found := texts(code, key))), "")
    return value if "".join(texts(code, "CodingSchemeDesignator")[:1]).upper() in _SCHEMES else ""


def _meaning_of(value: str, meaning: str) -> View | Literal["other"] | None:
    """Return what a code means for the view: by its value or, if that is unknown, by the words of its meaning."""
    if value in _MEANINGS:
        return _MEANINGS[value]
    return "other" if _names_other(meaning) else view_in(meaning)


def _names_other(meaning: str) -> bool:
    return re.search(_OTHER_WORDS, meaning.lower()) is not None


def _view_in_texts(dataset: Dataset) -> View | None:
    """Return the view that the texts of a file with one frame name."""
    names = ("ViewPosition", "SeriesDescription", "ImageID", "ImageComments", "ProtocolName")
    values = [*(text(dataset, name) for name in names), *_genie_names(dataset)]
    return next((view for value in values if not _names_other(value) and (view := view_in(value))), None)


def _view_of_angle(detector: Dataset | None, detectors: list[Dataset]) -> NamedView | None:
    """Return the view by a detector's start angle; None if it is elsewhere, or if all detectors have the same."""
    angles = [next(iter(numbers(item, "StartAngle")), math.nan) for item in detectors]
    if detector is None or (len(angles) > 1 and len(set(angles)) == 1):
        return None
    angle = next(iter(numbers(detector, "StartAngle")), math.nan) % 360
    note = f"view taken from the detector's start angle of {angle:g} degrees"
    if abs(angle - 180) <= _ANGLE_TOLERANCE:
        return NamedView("anterior", note)
    if min(angle, 360 - angle) <= _ANGLE_TOLERANCE:
        return NamedView("posterior", note)
    return None


def _view_of_genie(dataset: Dataset, index: int, frame_count: int) -> NamedView | None:
    """Return the view by the ending of GE's data set name, of whole-body scans only."""
    names = _genie_names(dataset)
    if not names and text(dataset, "Manufacturer").upper().startswith("GE"):
        names = texts(dataset, "ImageID")  # GENIE copies the name there; it stays if private elements are removed
    name = names[index] if len(names) == frame_count else names[0] if frame_count == 1 and names else ""
    is_whole_body = "WHOLE BODY" in (part.upper() for part in texts(dataset, "ImageType"))
    view = _GENIE_VIEWS.get(name.upper()[-2:]) if is_whole_body else None
    return NamedView(view, f"view taken from the ending {name[-2:]} of GE's data set name") if view else None


def _genie_names(dataset: Dataset) -> list[str]:
    """Return the data set names in GE's private block; an empty list if the file has no such block."""
    group, element = _DATASET_NAME
    try:
        value = dataset.private_block(group, _GENIE)[element].value
    except KeyError:
        return []
    if isinstance(value, bytes):  # a file that states no types
        value = value.decode("latin-1").split("\\")
    return [str(part).strip(" \0") for part in ([value] if isinstance(value, str) else value or ())]
