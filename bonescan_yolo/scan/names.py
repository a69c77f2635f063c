"""View and patient of a scan, from names. The only parser of file names, folders and DICOM texts.

The page's parser (`web/src/scan/names.ts`) is tested on the same cases, `tests/shared/names.json`.
"""

from __future__ import annotations

import re
from pathlib import PurePath, PurePosixPath
from typing import Final, NamedTuple

from bonescan_yolo.scan.view_words import VIEWS, View, view_in, view_words

__all__ = ["VIEWS", "Identity", "View", "identify", "view_in", "view_of_path"]

_SEPARATORS: Final = re.compile(r"[\s_.\-]+")

NOBODY: Final = "scan"
"""The patient if neither file nor folders have another name: `ANT.dcm` and `POST.dcm` are one patient."""


class Identity(NamedTuple):
    """Patient and view of a scan, from its path; the view is None if the path names none."""

    patient: str
    view: View | None


def view_of_path(path: PurePath) -> View | None:
    """Return the view that a path names: its file name without the suffix or, if that names none, the nearest folder.

    Examples:
        >>> from pathlib import PurePosixPath
        >>> from bonescan_yolo.scan.names import view_of_path
        >>> view_of_path(PurePosixPath("wholeBodyANT/7.jpg")), view_of_path(PurePosixPath("ant/7_post.jpg"))
        ('anterior', 'posterior')
    """
    names = (path.stem, *reversed(path.parent.parts))
    return next((view_in(name) for name in names if view_words(name)), None)


def identify(path: str, pattern: re.Pattern[str] | None = None) -> Identity:
    """Return patient and view of a scan from its path.

    The patient is the file name without the words for a view or, if nothing is left of it, the name of the nearest
    folder. Files of the same name in several folders count as one patient: that may merge patients, but never puts one
    on both sides of a split.

    Args:
        path: inside the source, with / between folders.
        pattern: searched in the path; its first group, or else the whole match, is the patient.

    Examples:
        >>> import re
        >>> from bonescan_yolo.scan.names import identify
        >>> identify("7_anterior.png")
        Identity(patient='7', view='anterior')
        >>> identify("2021/study-0042-post.png", re.compile("study-([0-9]+)"))
        Identity(patient='0042', view='posterior')
    """
    file = PurePosixPath(path)
    view = view_of_path(file)
    match = pattern.search(path) if pattern is not None else None
    if match is not None and (named := match[1] if match.re.groups else match[0]):
        return Identity(named, view)
    names = (file.stem, *reversed(file.parent.parts))
    return Identity(next((rest for name in names if (rest := _without_view(name))), NOBODY), view)


def _without_view(name: str) -> str:
    """Return a name without the words for a view, its other words joined by underscores."""
    for word in reversed(view_words(name)):
        name = f"{name[: word.start]} {name[word.end :]}"
    return "_".join(part for part in _SEPARATORS.split(name) if part.strip("/"))
