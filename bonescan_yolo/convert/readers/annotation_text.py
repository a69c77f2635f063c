"""JSON, numbers and texts in annotation files, which were written by many tools."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from bonescan_yolo.convert.readers.encodings import decode_text

MAX_SHOWN: Final = 40
"""Characters of a value that a message shows."""

_NUMBER: Final = re.compile(r"[+-]?(?:\d+[.]?\d*|[.]\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf|infinity)", re.IGNORECASE)


class UnparsableError(Exception):
    """A file is not an annotation file of its format; the message says why, without the file's name."""


def load_json(data: bytes) -> Any:
    """Return the content of a JSON file of any encoding.

    Raises:
        UnparsableError: not JSON, or nested deeper than Python's parser allows (about a thousand levels).
    """
    try:
        return json.loads(decode_text(data))
    except RecursionError as error:
        raise UnparsableError("is JSON that is nested too deeply") from error
    except ValueError as error:
        raise UnparsableError(f"is not valid JSON ({' '.join(str(error).split())[:80]})") from error


def as_number(value: object) -> float | None:
    """Return a number, or a text that is one, as float; None for anything else. It may be infinite or NaN.

    Examples:
        >>> from bonescan_yolo.convert.readers.annotation_text import as_number
        >>> as_number(3), as_number(" 2.5 "), as_number("1_0"), as_number(True), as_number(None)
        (3.0, 2.5, None, None, None)
    """
    if isinstance(value, str):
        text = value.strip()
        return float(text) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def as_size(width: object, height: object) -> tuple[int, int] | None:
    """Return width and height in pixels, or None unless both are whole numbers above 0."""
    values = (as_number(width), as_number(height))
    if any(value is None or not 0 < value < 1 << 31 or value != int(value) for value in values):
        return None
    return (int(values[0] or 0), int(values[1] or 0))


def as_text(value: object) -> str | None:
    """Return a text without surrounding spaces; a whole number as its digits; None for anything else or nothing."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def shown(value: object) -> str:
    """Return a value for a message: short, on one line, in quotes if it is a text."""
    if isinstance(value, dict | list):
        return f"a {'list' if isinstance(value, list) else 'group'} of {len(value)}"
    text = repr(value[:MAX_SHOWN] if isinstance(value, str) else value) if not _is_huge(value) else "a huge number"
    return text if len(text) <= MAX_SHOWN + 2 else f"{text[:MAX_SHOWN]}..."


def _is_huge(value: object) -> bool:
    """Return whether printing a number would be refused (Python limits the digits of an int)."""
    return isinstance(value, int) and abs(value) >= 1 << 1024
