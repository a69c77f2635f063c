"""Annotation files with two scans, converted as the command does it."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from bonescan_yolo.commands import convert
from tests.convert.builders import encode, pixels

WIDTH, HEIGHT = 64, 256
PICTURES: Final = ("7_anterior.png", "8_posterior.png")
OBJECTS: Final = (("abnormal", (30.0, 60.0, 36.25, 70.5)), ("normal", (10.0, 20.0, 22.5, 40.0)))

Files = dict[str, bytes]


@functools.cache
def pictures() -> Mapping[str, bytes]:
    """Return the two scans as PNG, by name."""
    return {name: encode(pixels(seed, WIDTH, HEIGHT), "PNG") for seed, name in enumerate(PICTURES)}


def run_conversion(form: str) -> Callable[[Files], None]:
    """Return a function that converts files in a format, beside the two scans, and checks that no object is lost."""

    def run(files: Files) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source, out = Path(folder, "in"), Path(folder, "out")
            for name, data in {**pictures(), **files}.items():
                path = source / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                convert.main([form, str(source), "--out", str(out)])
            _check(json.loads((out / "convert_report.json").read_text(encoding="utf-8")), out)

    return run


def _check(report: dict[str, Any], out: Path) -> None:
    """Make sure that what was written is what the report says, and that no unreadable annotation made background."""
    counts = report["counts"]
    labels = {path.stem: path.read_text(encoding="ascii").splitlines() for path in (out / "labels").rglob("*.txt")}
    assert counts["objects_read"] == counts["objects_written"] + counts["objects_reported"]
    assert counts["objects_written"] == sum(len(lines) for lines in labels.values())
    unreadable = [problem["file"] for problem in report["problems"] if problem["kind"] == "unreadable_annotation"]
    assert not {Path(file).stem for file in unreadable} & labels.keys()
