"""What has to hold after a fault."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from tests.faults.fault_case import FaultCase

Tree = Mapping[str, bytes]


def tree(folder: Path) -> Tree:
    """Return the content of all files below a folder, by relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wrong_after_fault(case: FaultCase, folder: Path, before: Tree, whole: Tree) -> str | None:
    """Return what is half-written or lost after a fault, or None.

    Args:
        case: the command.
        folder: where it ran.
        before: all files before it ran.
        whole: all files of an undisturbed run, the input included.
    """
    now = tree(folder)
    lost = [name for name in before if now.get(name) != before[name]]
    if lost:
        return f"{lost[0]} is lost or changed"
    if case.result is not None:
        return None
    for name, data in now.items():
        parts = name.split("/")
        if any(part.startswith(".") for part in parts):
            continue  # unfinished, and said so by its name
        if parts[-1] in case.grows:
            if not _is_whole(data, parts[-1]):
                return f"{name} is half-written"
        elif data != whole.get(name):
            return f"{name} is not as an undisturbed run writes it"
    return None


def wrong_after_rerun(case: FaultCase, folder: Path, whole: Tree) -> str | None:
    """Return what differs from an undisturbed run once the command ran again, or None."""
    now = tree(folder)
    hidden = [path for path in folder.rglob(".*") if path.suffix in (".part", ".old")]
    if hidden:
        return f"{hidden[0].relative_to(folder)} is left behind"
    if case.result is not None:
        return None if any(name.endswith(case.result) for name in now) else f"no {case.result}"
    different = [name for name in {**now, **whole} if now.get(name) != whole.get(name)]
    return f"{different[0]} differs after the rerun" if different else None


def _is_whole(data: bytes, name: str) -> bool:
    text = data.decode("utf-8")
    if name.endswith(".json"):
        try:
            json.loads(text)
        except ValueError:
            return False
        return True
    rows = list(csv.reader(text.splitlines()))
    return text.endswith("\n") and len({len(row) for row in rows}) == 1
