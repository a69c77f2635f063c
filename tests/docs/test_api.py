"""The page of the Python API: it has every public name, as a heading for readers and as an entry for mkdocstrings."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import bonescan_yolo
from bonescan_yolo import boxes, errors

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^::: (\S+)$", PAGE, re.MULTILINE)
TABLED = (boxes, errors)
"""Modules that are one entry, with a table of what is in them."""


def test_every_public_name_is_on_the_page() -> None:
    named = {entry.rpartition(".")[2] for entry in ENTRIES} | set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))
    assert set(bonescan_yolo.__all__) - {"__version__"} <= named
    assert "`__version__`" in PAGE


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_is_a_module_or_something_in_one_below_a_heading_of_its_name(entry: str) -> None:
    module, _, name = entry.rpartition(".")
    if entry in {each.__name__ for each in TABLED}:
        return
    assert getattr(import_module(module), name).__doc__
    assert re.search(rf"^### {name}\n\n[A-Z][^\n]*[^:]\n(\S[^\n]*\n)*\n::: {re.escape(entry)}$", PAGE, re.MULTILINE)


def test_the_tables_have_all_functions_and_errors() -> None:
    tables = set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))
    own = {name for each in TABLED for name, value in vars(each).items() if _is_of(value, each.__name__)}
    assert tables == own - {"one_line", "shortened"}


def _is_of(value: object, module: str) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module
