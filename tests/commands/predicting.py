"""What the tests of the prediction command look at: its files, and one line for a mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema

from bonescan_yolo.predict.formats.reading_json import read_schema
from tests.conftest import Outcome

ROOT = Path(__file__).parents[2]


def python(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with the package on its path."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
        **options,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def names_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def load(path: Path) -> dict[str, Any]:
    """Return a reading's JSON after checking it against the schema."""
    reading: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(reading, read_schema(), cls=jsonschema.Draft202012Validator)
    return reading


def boxes_of(reading: dict[str, Any]) -> list[list[float]]:
    return [detection["box_xyxy"] for detection in reading["detections"]]


def assert_one_error(outcome: Outcome, message: str) -> None:
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("\n") == 1
    assert message in outcome.err
