"""Which format annotation files are in, for whoever named another one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from bonescan_yolo.convert.naming import suffix
from bonescan_yolo.convert.readers.annotation_text import UnparsableError
from bonescan_yolo.convert.readers.csv_boxes import parse_csv_boxes
from bonescan_yolo.convert.readers.encodings import decode_text
from bonescan_yolo.convert.source import Source, UnreadableError

MOST_FILES: Final = 20
"""Files of a suffix that are looked at."""

READ_SUFFIXES: Final = (".xml", ".json", ".csv", ".txt")

COCO_RESULT_KEYS: Final = frozenset({"image_id", "category_id", "bbox"})


def other_format(source: Source, given: str) -> str:
    """Return the end of an error: what the annotations look like, or an empty text if that is what the user named.

    Args:
        source: The annotations.
        given: Name of the format, as typed.
    """
    for file, found in _guesses(source):
        if found == given or (found, given) == ("voc", "bs80k"):  # whose annotations are VOC, in folders of its own
            return ""
        return f"; {file} looks like {found}: {_advice(found)}"
    return ""


def guess_format(source: Source) -> str | None:
    """Return the name of the format that the first readable annotation file looks like; None if none does."""
    return next((found for _, found in _guesses(source)), None)


def _guesses(source: Source) -> Iterator[tuple[str, str]]:
    """Yield the files that look like annotations, each with the name of its format."""
    looked_at: dict[str, int] = {}
    for file in source.files:
        ending = suffix(file)
        looked_at[ending] = looked_at.get(ending, 0) + 1
        if ending not in READ_SUFFIXES or looked_at[ending] > MOST_FILES:
            continue
        try:
            found = _FORMAT_OF[ending](decode_text(source.read(file)))
        except UnreadableError:
            continue
        if found is not None:
            yield file, found


def _advice(found: str) -> str:
    return ADVICE.get(found, f"try `bonescan convert {found}`")


ADVICE: Final = {"COCO results": "they name no images; give the file with `images` and `categories`"}


def _of_xml(text: str) -> str | None:
    if "<annotations" in text:
        return "cvat"
    return "voc" if "<annotation" in text and "<bndbox" in text else None


def _of_json(text: str) -> str | None:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(content, list):
        first = content[0] if content and isinstance(content[0], dict) else {}
        if "data" in first:
            return "label-studio"
        return "COCO results" if first.keys() >= COCO_RESULT_KEYS else None
    if not isinstance(content, dict):
        return None
    if "shapes" in content:
        return "labelme"
    return "coco" if "images" in content and "annotations" in content else None


def _of_csv(text: str) -> str | None:
    try:
        return "csv" if parse_csv_boxes(text.encode("utf-8", "replace"), "") is not None else None
    except UnparsableError:
        return None


def _of_txt(text: str) -> str | None:
    columns = next((line.split() for line in text.splitlines() if line.strip()), [])
    try:
        numbers = [float(column) for column in columns]
    except ValueError:
        return None
    is_label = len(numbers) in {5, 6} and numbers[0].is_integer() and all(abs(value) <= 1 for value in numbers[1:])
    return "yolo" if is_label else None


_FORMAT_OF: Final[dict[str, Callable[[str], str | None]]] = {
    ".xml": _of_xml,
    ".json": _of_json,
    ".csv": _of_csv,
    ".txt": _of_txt,
}
