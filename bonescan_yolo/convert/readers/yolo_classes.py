"""Which class a number in YOLO label files means: the lists that a set holds."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final

from bonescan_yolo.convert.readers.annotation_text import as_text
from bonescan_yolo.convert.readers.encodings import decode_text
from bonescan_yolo.convert.source import Source, UnreadableError

YAML_SUFFIXES: Final = (".yaml", ".yml")

TEXT_NAMES: Final = frozenset({"classes.txt", "predefined_classes.txt", "obj.names", "_darknet.labels"})
"""One name a line: as written by labelImg and Label Studio, CVAT, Roboflow."""

TEXT_SUFFIXES: Final = (".names",)

OTHER_TEXTS: Final = frozenset({"train.txt", "val.txt", "valid.txt", "test.txt", "requirements.txt", "license.txt"})
"""Text files beside labels that are lists of images or prose."""

MAX_YAML_BYTES: Final = 1 << 18
"""Longest YAML file that is read: parsing takes seconds per megabyte, and a list of classes has a few hundred bytes."""

MAX_CLASSES: Final = 10_000


class ClassLists:
    """The lists of classes in a source, by folder."""

    def __init__(self, source: Source) -> None:
        """Read all lists; files that are damaged or something else are ignored."""
        self._by_folder: dict[str, list[str]] = {}
        self._lists: set[str] = set()
        for path in sorted(source.files, key=_rank):
            if _rank(path) == _NOT_A_LIST:
                continue
            names = _read_list(source, path)
            if names:
                self._lists.add(path)
                self._by_folder.setdefault(PurePosixPath(path).parent.as_posix(), names)

    def is_list(self, path: str) -> bool:
        """Return whether a text file is a list, and not a label file."""
        name = PurePosixPath(path).name.lower()
        return path in self._lists or name in OTHER_TEXTS or name in TEXT_NAMES or name.startswith("readme")

    def names_for(self, label: str) -> list[str] | None:
        """Return the names that hold for a label file: those of the nearest folder above it, else the only ones."""
        for folder in PurePosixPath(label).parents:
            if names := self._by_folder.get(folder.as_posix()):
                return names
        distinct = {tuple(names) for names in self._by_folder.values()}
        return list(next(iter(distinct))) if len(distinct) == 1 else None


_NOT_A_LIST: Final = (9, "")


def _rank(path: str) -> tuple[int, str]:
    """Return a key that sorts the lists of one folder: YAML files before text files."""
    name = PurePosixPath(path).name.lower()
    if name.endswith(YAML_SUFFIXES):
        return (0, name)
    return (1, name) if name in TEXT_NAMES or name.endswith(TEXT_SUFFIXES) else _NOT_A_LIST


def _read_list(source: Source, path: str) -> list[str]:
    """Return the names in a file; none if it holds no list of names."""
    try:
        text = decode_text(source.read(path))
    except UnreadableError:
        return []
    if path.lower().endswith(YAML_SUFFIXES):
        return _names_in_yaml(text) if len(text) <= MAX_YAML_BYTES else []
    lines = [line.strip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines[:MAX_CLASSES]


def _names_in_yaml(text: str) -> list[str]:
    """Return the list or mapping `names` of a data set's description."""
    import yaml

    try:
        content = yaml.safe_load(text)
    except Exception:  # the parser raises errors of many classes on damaged files
        return []
    names: Any = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict):
        return []
    by_number = {int(key): as_text(name) or str(key) for key, name in names.items() if _is_number(key)}
    return [by_number.get(number, str(number)) for number in range(max(by_number, default=-1) + 1)]


def _is_number(key: object) -> bool:
    return (
        isinstance(key, int | str)
        and str(key).isascii()
        and str(key).isdigit()
        and len(str(key)) < len(str(MAX_CLASSES))
    )
