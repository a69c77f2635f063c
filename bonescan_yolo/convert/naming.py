"""File names of a source: which download a file is a copy of, and the name to write its scan under."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from bonescan_yolo.files import MAX_NAME_BYTES, shorten_name
from bonescan_yolo.scan.read import GZIP_SUFFIX

COPY_STEM: Final = re.compile(r"(.+?)\s*(?:\(\d+\)|- ?copy(?: ?\(\d+\))?|copy(?: \d+)?)", re.IGNORECASE)
"""What browsers and file managers call a second download: `972(1)`, `972 - Copy`, `972 copy`."""

MAX_STEM_BYTES: Final = MAX_NAME_BYTES - 15
"""Leaves room for the longest suffix, `.jpeg` or `.tiff`, and for a number."""


def file_id(file: str) -> str:
    """Return the id in a file name, that of the first download for a copy: `a/972(1).jpg` gives `972`."""
    stem = PurePosixPath(file).stem
    match = COPY_STEM.fullmatch(stem)
    return match[1] if match else stem


def is_copy_name(file: str) -> bool:
    """Return whether a file is named like a second download."""
    return COPY_STEM.fullmatch(PurePosixPath(file).stem) is not None


def without_gzip(file: str) -> str:
    """Return the name that a packed file has without `.gz`."""
    return file[: -len(GZIP_SUFFIX)] if file.lower().endswith(GZIP_SUFFIX) else file


def suffix(file: str) -> str:
    """Return the suffix in lower case, with its dot."""
    return PurePosixPath(file).suffix.lower()


def output_names(files: list[str]) -> dict[str, str]:
    """Return `unique_names` by file, for files that are each there once."""
    return dict(zip(files, unique_names(files), strict=True))


def unique_names(files: Sequence[str]) -> list[str]:
    """Return for each image a file name without suffix, unique whatever the case.

    The name is the file's stem; where several share it, the path in front joins it; where even that is not
    enough, a number follows. A name too long for a file is shortened to its beginning and a hash.
    """
    short = [_clean(PurePosixPath(file).stem) for file in files]
    uses = Counter(name.lower() for name in short)
    names: list[str] = []
    taken: set[str] = set()
    for file, stem in zip(files, short, strict=True):
        alone = uses[stem.lower()] == 1
        name = base = stem if alone else _clean(PurePosixPath(file).with_suffix("").as_posix())
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.lower())
        names.append(name)
    return names


def _clean(text: str) -> str:
    """Keep letters, digits, dot, dash and underscore; a file name must work on every system and in YAML lists."""
    return shorten_name(re.sub(r"[^\w.\-]+", "_", text).strip("._") or "scan", MAX_STEM_BYTES)
