"""Dates in file names and folders."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_YEAR: Final = "(?:199[0-9]|20[0-9][0-9]|2100)"
"""1990 to 2100."""

_MONTH, _DAY, _SEPARATOR = "[01]?[0-9]", "[0-3]?[0-9]", "[-._ ]"
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME: Final = f"(?i:{'|'.join(_MONTHS)})"
DATE_PATTERNS: Final = (
    f"{_YEAR}[01][0-9][0-3][0-9]",
    f"{_YEAR}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_DAY}",
    f"{_DAY}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_YEAR}",
    f"{_YEAR}{_SEPARATOR}?{_MONTH_NAME}{_SEPARATOR}?{_DAY}",
    f"{_DAY}{_SEPARATOR}?{_MONTH_NAME}{_SEPARATOR}?{_YEAR}",
)
"""Regular expressions of the forms of a date; they also match some days that do not exist."""

_TIME: Final = "(?:(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9])?"
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Of the months, in a leap year."""


class FoundDate(NamedTuple):
    """A date in a text: its place, the date as YYYY-MM-DD, and the number of its form in `DATE_PATTERNS`."""

    start: int
    end: int
    iso: str
    form: int


def find_date(text: str) -> FoundDate | None:
    """Return the first date in a text, or None: YYYYMMDD, YYYY-MM-DD, DD.MM.YYYY, 16-Aug-2011.

    Between the parts may be -, ., _ or a space.
    A time may follow the first form (20110816093000). The day comes before the month, except where only the other order
    exists (08-16-2011). Years are 1990 to 2100: digital bone scans are not older, and dates of birth mostly are.

    Examples:
        >>> from bonescan_yolo.scan.identity.dates import find_date
        >>> find_date("BS00001_20110816_59e2").iso, find_date("7 ant 16.08.2011").iso
        ('2011-08-16', '2011-08-16')
        >>> find_date("BS00001_12345678") is None
        True
    """
    if not re.search("[0-9]{4}", text):  # most names have no year
        return None
    found = [
        FoundDate(match.start(), match.end(), iso, form)
        for form, pattern in enumerate(DATE_PATTERNS)
        for match in re.finditer(f"(?<![0-9])({pattern}){_TIME}(?![0-9])", text)
        if (iso := _iso(match[1], form))
    ]
    return min(found, default=None)


def _iso(date: str, form: int) -> str | None:
    """Return a date of a form as YYYY-MM-DD, or None if the day does not exist."""
    parts = [date[:4], date[4:6], date[6:]] if form == 0 else re.findall("[0-9]+|[a-z]+", date.lower())
    year, month, day = (
        int(part) if part.isdecimal() else _MONTHS.index(part) + 1
        for part in (parts if int(parts[0]) > 31 else parts[::-1])
    )
    if month > len(_DAYS):
        month, day = day, month
    if not 1 <= month <= len(_DAYS) or not 1 <= day <= _DAYS[month - 1]:
        return None
    return f"{year:04}-{month:02}-{day:02}"
