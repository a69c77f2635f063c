"""The folders of BS-80K, and of simulated scans in its layout: which belong to the data set, and which do not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import PurePosixPath
from typing import Final

from bonescan_yolo.convert.naming import suffix
from bonescan_yolo.convert.source import Source
from bonescan_yolo.convert.survey import ANTERIOR, POSTERIOR
from bonescan_yolo.dataset import simulated
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import natural_key
from bonescan_yolo.regions.bone_files import SUFFIX

VIEW_FOLDERS: Final = {"wholebodyant": ANTERIOR, "wholebodypost": POSTERIOR}
JPEG_SUFFIXES: Final = frozenset({".jpg", ".jpeg"})
"""BS-80K holds no other images."""

CROP_FOLDER: Final = re.compile(r".+(ANT|POST)", re.IGNORECASE)
"""The 26 folders of crops: kneeLANT, headPOST, vertbraANT, ..."""


def view_folders(source: Source) -> dict[str, str]:
    """Return the folder of each view, anterior first: if several have its name, the one with images.

    Raises:
        DatasetError: no folder has scans, or one view has several folders.
    """
    named: defaultdict[str, set[str]] = defaultdict(set)
    with_images: defaultdict[str, set[str]] = defaultdict(set)
    for folder, files in _by_folder(source).items():
        path = PurePosixPath(folder)
        for parent in (path, *path.parents):
            view = VIEW_FOLDERS.get(parent.name.lower())
            if view is not None:
                named[view].add(parent.as_posix())
                if parent == path and any(suffix(file) in JPEG_SUFFIXES for file in files):
                    with_images[view].add(folder)
    if not with_images:
        raise DatasetError(_nothing_found(source))
    chosen: dict[str, str] = {}
    for view in VIEW_FOLDERS.values():
        folders = sorted(with_images[view] or named[view])
        if len(folders) > 1:
            raise DatasetError(f"{source.name}: holds several {view} folders ({', '.join(folders)}); give one data set")
        if folders:
            chosen[view] = folders[0]
    return chosen


def _by_folder(source: Source) -> dict[str, list[str]]:
    """Return the files of each folder; the archive has 80,000 files in 30 folders."""
    by_folder: defaultdict[str, list[str]] = defaultdict(list)
    for file in source.files:
        by_folder[file.rpartition("/")[0]].append(file)
    return by_folder


def _nothing_found(source: Source) -> str:
    top = {file.partition("/")[0] for file in source.files}
    listed = ", ".join(sorted(top, key=natural_key)[:5])
    more = f" and {len(top) - 5} more" if len(top) > 5 else ""
    return (
        f"{source.name}: holds no scans in a folder wholeBodyANT or wholeBodyPOST (found {listed}{more}); "
        "give BS-80K's temp.zip or the folder it unpacks to, or use `voc` or `coco` for another data set"
    )


def count_ignored(source: Source, folders: tuple[str, ...]) -> dict[str, int]:
    """Count the files that are not part of the data set, by kind.

    Args:
        source: the archive or folder.
        folders: of the views.
    """
    ignored: Counter[str] = Counter()
    for folder, files in _by_folder(source).items():
        inside = next((view for view in folders if f"{folder}/".startswith(f"{view}/")), None)
        if inside is not None:
            strangers = sum(not _belongs(file, inside) for file in files)
            ignored["other files in the whole-body folders"] += strangers
        elif simulated.OTHER_FOLDERS & set(PurePosixPath(folder).parts):
            ignored["masks and bones of simulated scans"] += len(files)
        elif any(CROP_FOLDER.fullmatch(part) for part in PurePosixPath(folder).parts):
            ignored["region crops"] += len(files)
        else:
            ignored["other files"] += len(files)
    if source.junk:
        ignored["files of the operating system"] = source.junk
    return {what: count for what, count in sorted(ignored.items()) if count}


def bones_of(source: Source, folder: str) -> dict[str, str]:
    """Return the files of bones that the simulator wrote for the scans of a view's folder, by the scan's id."""
    path = PurePosixPath(folder)
    beside = (path.parent / simulated.REGION_FOLDER / path.name).as_posix()
    found = [PurePosixPath(file) for file in source.files if file.startswith(f"{beside}/")]
    return {file.stem: file.as_posix() for file in found if file.suffix == SUFFIX}


def _belongs(file: str, folder: str) -> bool:
    ending = suffix(file)
    direct = "/" not in file[len(folder) + 1 :]
    return ending == ".xml" or (direct and (ending in JPEG_SUFFIXES or ending == ".txt"))
