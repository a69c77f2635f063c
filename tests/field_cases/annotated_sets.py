"""Small annotated sets as people have them, and what the converter makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bonescan_yolo.commands.convert import main
from bonescan_yolo.errors import BonescanError

Content = bytes | str


@dataclass(frozen=True)
class Converted:
    """What the converter left.

    Attributes:
        code: its exit code.
        error: the line of its error; empty if there was none.
        report: convert_report.json.
        text: convert_report.txt.
        boxes: of each scan by its name: class, and x1 y1 x2 y2 rounded to whole pixels of 256 x 1024.
    """

    code: int
    error: str
    report: dict[str, Any]
    text: str
    boxes: dict[str, list[tuple[int, ...]]]

    @property
    def background(self) -> set[str]:
        """Names of the scans without boxes."""
        return {name for name, boxes in self.boxes.items() if not boxes}

    @property
    def kinds(self) -> dict[str, int]:
        """How many problems of each kind were reported."""
        counts: dict[str, int] = self.report["problem_counts"]
        return counts


def put(root: Path, files: Mapping[str, Content]) -> Path:
    """Write files below a folder; returns the folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def convert(tmp_path: Path, kind: str, files: Mapping[str, Content], *options: str, source: str = ".") -> Converted:
    """Convert a set of files; checks that every object is written or reported."""
    root, out = put(tmp_path / "in", files), tmp_path / "out"
    try:
        code = main([kind, str(root / source), "--out", str(out), *options])
    except BonescanError as error:
        assert not out.exists()
        return Converted(2, str(error), {}, "", {})
    report = json.loads((out / "convert_report.json").read_text(encoding="utf-8"))
    counts = report["counts"]
    assert counts["objects_read"] == counts["objects_written"] + counts["objects_reported"]
    boxes = {path.stem: _boxes(path.read_text()) for path in (out / "labels").rglob("*.txt")}
    assert sum(map(len, boxes.values())) == counts["objects_written"]
    return Converted(code, "", report, (out / "convert_report.txt").read_text(encoding="utf-8"), boxes)


def _boxes(text: str) -> list[tuple[int, ...]]:
    rows = np.array([line.split() for line in text.splitlines()], dtype=float).reshape(-1, 5)
    centre, half = rows[:, 1:3] * (256, 1024), rows[:, 3:] * (128, 512)
    corners = np.concatenate([rows[:, :1], centre - half, centre + half], axis=1)
    return [tuple(row) for row in np.rint(corners).astype(int).tolist()]


def coco(images: Sequence[Any], annotations: Sequence[Any], categories: Sequence[Any] = ()) -> str:
    """Return a COCO file; the categories are 0 abnormal and 1 normal, unless others are given."""
    known = categories or [{"id": 0, "name": "abnormal"}, {"id": 1, "name": "normal"}]
    return json.dumps({"images": list(images), "annotations": list(annotations), "categories": known})
