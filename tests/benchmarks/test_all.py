"""`make bench` names modules that are there, and every speed benchmark is in it or says why not."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS

BY_HAND = {"page_speed", "train_accuracy"}
"""Needs the built page and a browser; takes most of an hour."""


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_of_the_list_exists(name: str) -> None:
    assert find_spec(f"benchmarks.{name}") is not None


def test_every_speed_benchmark_is_in_the_list() -> None:
    folder = Path(__file__).parents[2] / "benchmarks" / "speed"
    commands = {path.stem for path in folder.glob("*.py") if "def main(" in path.read_text(encoding="utf-8")}
    assert commands - BY_HAND == {name.split(".")[1] for name in BENCHMARKS if name.startswith("speed.")}
