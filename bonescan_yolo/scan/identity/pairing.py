"""Which views are of one study, and whose it is.

Two frames of one file are a study. Files pair by their DICOM study, else by name: `7_anterior.png` with
`7_posterior.png`, `wholeBodyANT/7.jpg` with `wholeBodyPOST/7.jpg`. Names with two dates are two studies.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from bonescan_yolo.scan.identity.identities import identify_all
from bonescan_yolo.scan.identity.names import VIEWS, View, study_of_path


class ViewOfFile(Protocol):
    """What pairing needs to know of a scan.

    Attributes:
        path: its file; None for an array.
        view: None where unknown.
        frame_count: scans in its file.
        study_uid: its DICOM study; None if the file does not say.
    """

    @property
    def path(self) -> Path | None: ...  # noqa: D102 - see the class

    @property
    def view(self) -> View | None: ...  # noqa: D102

    @property
    def frame_count(self) -> int: ...  # noqa: D102

    @property
    def study_uid(self) -> str | None: ...  # noqa: D102


def studies_of(views: Sequence[ViewOfFile]) -> list[list[int]]:
    """Return the studies that scans belong to, as their indices, in the order of their first scans.

    The frames of one file come first: two are a study unless they show the same view, and of more, the only anterior
    with the only posterior. Then one anterior and one posterior scan are a study if they are the only ones of their
    DICOM study, or else the only ones with the same name without the view (`study_of_path`). Files that state
    different DICOM studies are never paired. Every other scan is a study alone.
    """
    rest = list(range(len(views)))
    pairs: list[list[int]] = []
    for key, pair_of in ((_file_of_frames, _frames_of_a_study), (_dicom_study, _both_views), (_name, _both_views)):
        groups = _grouped(rest, [key(views[index]) or index for index in rest])
        pairs += [pair for group in groups if (pair := pair_of(views, group))]
        rest = sorted(set(rest) - {index for pair in pairs for index in pair})
    return sorted([*pairs, *([index] for index in rest)], key=min)


def patients_of_views(views: Sequence[ViewOfFile]) -> list[str]:
    """Return the patient of each scan, from the names of all files; of an array, `array`."""
    named = [view.path.as_posix() for view in views if view.path is not None]
    patients = iter(identify_all(named))
    return ["array" if view.path is None else next(patients).patient for view in views]


def _grouped(indices: Sequence[int], keys: Sequence[Hashable]) -> list[list[int]]:
    """Return indices in groups of one key, in the order in which the keys first occur."""
    groups: dict[Hashable, list[int]] = {}
    for index, key in zip(indices, keys, strict=True):
        groups.setdefault(key, []).append(index)
    return list(groups.values())


def _file_of_frames(view: ViewOfFile) -> Hashable:
    return view.path if view.frame_count > 1 else None


def _dicom_study(view: ViewOfFile) -> Hashable:
    return view.study_uid


def _name(view: ViewOfFile) -> Hashable:
    return None if view.path is None else study_of_path(PurePosixPath(view.path.as_posix()))


def _frames_of_a_study(views: Sequence[ViewOfFile], indices: Sequence[int]) -> list[int]:
    """Return the frames of a file that are a study: two, unless they show the same view, or else both views."""
    known = [views[index].view for index in indices if views[index].view is not None]
    if len(indices) == 2 and views[indices[0]].frame_count == 2 and len(set(known)) == len(known):
        return list(indices)
    return _both_views(views, indices)


def _both_views(views: Sequence[ViewOfFile], indices: Sequence[int]) -> list[int]:
    """Return the only anterior and the only posterior scan, or nothing; they must not state different studies."""
    pair = [index for index in indices if views[index].view is not None]
    stated = {views[index].study_uid for index in pair} - {None}
    is_pair = sorted(str(views[index].view) for index in pair) == sorted(VIEWS)
    return pair if is_pair and len(stated) < len(pair) else []
