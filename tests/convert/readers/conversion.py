"""BS-80K converted by the command, and what is in the result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bonescan_yolo.commands.convert import main


def convert(source: Path, out: Path, *options: str) -> dict[str, Any]:
    assert main(["bs80k", str(source), "--out", str(out), *options]) == 0
    report: dict[str, Any] = json.loads((out / "convert_report.json").read_text(encoding="utf-8"))
    counts = report["counts"]
    assert counts["objects_read"] == counts["objects_written"] + counts["objects_reported"]
    return report


def images(out: Path) -> set[str]:
    return {path.stem for path in (out / "images").rglob("*.*")}


def labels(out: Path, name: str) -> list[str]:
    (path,) = (out / "labels").rglob(f"{name}.txt")
    return path.read_text(encoding="ascii").splitlines()
