"""Values of DICOM elements as they are in the file, also where they break the rules of their type.

pydicom checks a decimal string when it is first looked at and raises at a comma. Here such a value is text first; each
reader decides what an unusable one means for it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

_BINARY_TYPES = ("US", "SS", "UL", "SL", "UV", "SV", "FL", "FD")
"""Value representations (PS3.5, 6.2) whose bytes are numbers; all others that are read here are text."""

_DECIMAL = frozenset("0123456789+-.eE")
"""What a number is written with (PS3.5, 6.2); `float` alone would take `nan`, `inf` and `1_000` as well."""


def texts(dataset: Dataset, keyword: str) -> list[str]:
    """Return the values of an element as text without spaces around them; an empty list if it is missing or empty."""
    tag = _tag_of(keyword)
    element = dataset.get_item(tag)
    if element is None:
        return []
    if isinstance(element, RawDataElement) and element.VR not in _BINARY_TYPES and element.value is not None:
        raw = element.value.decode("latin-1").strip(" \0")
        if element.VR is not None or not _is_binary(keyword):
            return [part.strip(" \0") for part in raw.split("\\")] if raw else []
    value = dataset[tag].value
    if value is None or value == "":
        return []
    values = value if isinstance(value, Iterable) and not isinstance(value, str | bytes) else [value]
    return [str(part).strip(" \0") for part in values]


def text(dataset: Dataset, keyword: str) -> str:
    """Return an element as one text in the file's character set, with its values joined by spaces; "" if missing."""
    try:
        value = dataset.get(keyword)
    except (ValueError, LookupError, TypeError, AttributeError):  # an unknown character set, or another type
        return " ".join(texts(dataset, keyword))
    if value is None:
        return ""
    return _as_utf8(value) if isinstance(value, str) else " ".join(texts(dataset, keyword))


def _as_utf8(value: str) -> str:
    """Return a text that was decoded as Latin-1, the standard's own, as UTF-8 if its bytes can be that.

    Writers forget to name their character set. Latin-1 with accents is practically never valid UTF-8.
    """
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Return the values of an element as numbers; NaN for each that is not one. A comma counts as a decimal point.

    PS3.5, 6.2 allows only the point, but stations with other regional settings write `2,4`.
    """
    return [_number(value) for value in texts(dataset, keyword)]


def whole_number(dataset: Dataset, keyword: str, default: int = 0) -> int:
    """Return an element as an integer; the default if it is missing, empty or no number."""
    values = numbers(dataset, keyword)
    return int(values[0]) if values and math.isfinite(values[0]) else default


def _number(value: str) -> float:
    plain = value.replace(",", ".")
    try:
        return float(plain) if _DECIMAL.issuperset(plain) else math.nan
    except ValueError:
        return math.nan


@functools.cache
def _tag_of(keyword: str) -> BaseTag:
    """Return the tag of a keyword; pydicom searches it each time."""
    return Tag(keyword)


def _is_binary(keyword: str) -> bool:
    """Return whether the dictionary gives an element a binary type, which a file without types does not state."""
    from pydicom.datadict import dictionary_VR

    return dictionary_VR(keyword) in (*_BINARY_TYPES, "US or SS", "AT")
