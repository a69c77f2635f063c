"""The text of an annotation file in whatever encoding a tool wrote it."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Final

BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Longer marks before those that they begin with."""

SUPERSETS: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "cp950",
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""Encodings by the names of Python, and what is read in their place: tools name the smaller, and write the larger."""

DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:\-]+)["']""")

BIG5_FREQUENT: Final = range(0xA4, 0xC7)
"""First bytes of the frequent characters of Big5; text in GBK has many others."""


def decode_text(data: bytes) -> str:
    """Return the text of a file: by its byte order mark, as UTF-8, by its XML declaration, or by trial.

    Nothing is refused: a text in no known encoding is read as Latin-1, in which numbers and class names survive.

    Examples:
        >>> from bonescan_yolo.convert.readers.encodings import decode_text
        >>> decode_text("<name>异常</name>".encode("gbk"))
        '<name>异常</name>'
    """
    for encoding in _candidates(data):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return data.decode("latin-1")


def _candidates(data: bytes) -> Iterator[str]:
    """Yield the encodings to try, in order."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            yield encoding
    if b"\0" in data[:4]:  # UTF-16 or UTF-32 without its mark; XML, JSON and tables begin with ASCII
        yield json.detect_encoding(data)
    yield "utf-8"  # text in another encoding is hardly ever valid UTF-8, and declarations are left over
    declared = DECLARED.match(data[:400])
    if declared:
        name = declared[1].decode("ascii")
        if not name.lower().startswith(("utf-16", "utf16", "ucs")):  # the bytes are not: the declaration was left over
            yield _superset(name)
    if _stands_alone(data):
        yield "cp1252"
        yield "latin-1"
    yield "gb2312"
    if _is_frequent_big5(data):
        yield "cp950"
    yield "gb18030"
    yield "cp950"


def _superset(name: str) -> str:
    try:
        return SUPERSETS.get(codecs.lookup(name).name, name)
    except LookupError:
        return "utf-8"


def _stands_alone(data: bytes) -> bool:
    """Return whether no two bytes above ASCII follow each other, as in Western European text."""
    return re.search(rb"[\x80-\xff]{2}", data) is None


def _is_frequent_big5(data: bytes) -> bool:
    """Return whether every character of two bytes begins as the frequent ones of Big5 do."""
    position, seen = 0, False
    while position < len(data):
        if data[position] < 0x80:
            position += 1
            continue
        if data[position] not in BIG5_FREQUENT:
            return False
        seen = True
        position += 2
    return seen
