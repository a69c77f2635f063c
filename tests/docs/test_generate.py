"""The generated reference pages: they are current, they say what the sources say, and nothing else changes them."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs import generate
from docs.generators.command_tables import commands_text, overview_text
from docs.generators.config_tables import config_text, read_entries
from docs.generators.markdown import paragraph
from docs.generators.schema_tables import schema_text

PAGES = sorted(generate.PAGES.glob("*.md"))
CONFIGS = sorted(path for path in generate.CONFIGS.glob("*.yaml") if path.stem != "network")
"""All but the one that lists layers and has no settings."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_committed_page_is_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generate.current(text) == text, "run `python -m docs.generate` and commit what it changes"


def test_every_page_but_the_hand_written_one_has_a_generated_part() -> None:
    generated = [page.stem for page in PAGES if generate.PART.search(page.read_text(encoding="utf-8"))]
    assert generated == ["cli", "configuration", "formats"]
    assert {page.stem for page in PAGES} - set(generated) == {"api"}


def test_a_part_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="commads"):
        generate.current("<!-- generated: commads -->\n<!-- end: commads -->\n")


def test_what_is_outside_the_parts_stays() -> None:
    page = "before\n<!-- generated: train.yaml -->\nstale words\n<!-- end: train.yaml -->\nafter\n"
    made = generate.current(page)
    assert made.startswith("before\n")
    assert made.endswith("\nafter\n")
    assert "stale words" not in made
    assert generate.current(made) == made


def parser() -> ArgumentParser:
    parser = ArgumentParser(prog="something else", description="Say a | b.\n\nAs %(prog)s does.")
    parser.add_argument("scan", nargs="+", metavar="SCAN", help="PNG; 5 %% of <all>")
    parser.add_argument("--out", type=Path, default=Path("runs") / "x", help="folder (%(default)s)")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--pair", type=float, nargs=2, metavar=("A", "B"))
    parser.add_argument("-q", "--quiet", action="store_true", help="no words")
    parser.add_argument("--format", choices=("json", "csv"))
    return parser


def test_a_command_is_shown_with_usage_and_a_row_for_each_argument() -> None:
    assert commands_text({"read": parser()}).splitlines() == [
        "### bonescan read",
        "",
        "Say a | b.",
        "",
        "As bonescan read does.",
        "",
        "```text",
        "bonescan read [options] --data DATA SCAN...",
        "```",
        "",
        "| argument | value | meaning |",
        "| --- | --- | --- |",
        "| `SCAN...` | text | PNG; 5 % of &lt;all> |",
        "| `--out OUT` | path | folder (runs/x) |",
        "| `--data DATA` | required; path | |",
        "| `--pair A B` | 2 times number | |",
        "| `-q`, `--quiet` | | no words |",
        "| `--format FORMAT` | `json`, `csv` | |",
    ]


def test_the_overview_links_each_command() -> None:
    assert overview_text([("fit-it", "fit it", "train"), ("info", "show it", None)]).splitlines()[2:] == [
        "| [`bonescan fit-it`](#bonescan-fit-it) | fit it | `train` |",
        "| [`bonescan info`](#bonescan-info) | show it | |",
    ]


def test_sub_commands_follow_their_command() -> None:
    outer = ArgumentParser()
    kinds = outer.add_subparsers(dest="kind", required=True)
    kinds.add_parser("voc", help="Pascal VOC").add_argument("source")
    text = commands_text({"convert": outer})
    assert "| `bonescan convert voc` | Pascal VOC |" in text
    assert "### bonescan convert voc\n\n```text\nbonescan convert voc SOURCE\n```" in text


def test_the_width_of_the_terminal_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = set()
    for width in ("20", "400"):
        monkeypatch.setenv("COLUMNS", width)
        texts.add(generate.part("commands"))
    assert len(texts) == 1


def leaves(values: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield every value of a YAML file that is no mapping, with its path."""
    for key, value in values.items():
        path = (*before, key)
        if isinstance(value, dict):
            yield from leaves(value, path)
        else:
            yield path, value


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_every_key_of_a_configuration_has_the_value_that_yaml_reads(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    shown: dict[tuple[str, ...], object] = {}
    for entry in read_entries(text, config.name):
        value = yaml.safe_load(entry.value) if entry.value else {}
        shown |= dict(leaves(value, entry.path)) if isinstance(value, dict) else {entry.path: value}
    assert shown == dict(leaves(yaml.safe_load(text)))


def test_words_that_a_comment_explains_become_a_list() -> None:
    text = "# Title\n# Of the file.\n#\n# share   from 0\n#         to 1\n# [a, b]  a range\n\na: 1\n"
    assert config_text(text, "f.yaml").splitlines()[:4] == [
        "Of the file.",
        "",
        "- `share`: from 0 to 1",
        "- `[a, b]`: a range",
    ]


def test_comments_beside_and_right_above_a_key_say_what_it_means() -> None:
    text = "a: 1  # the first\n# section\nb:\n  # above\n  c: [1, 2]  # beside\n  d:\n    e: x\n"
    assert config_text(text, "f.yaml").splitlines() == [
        "| key | value | meaning |",
        "| --- | --- | --- |",
        "| `a` | `1` | the first |",
        "",
        "### f.yaml: b",
        "",
        "Section.",
        "",
        "| key | value | meaning |",
        "| --- | --- | --- |",
        "| `c` | `[1, 2]` | above; beside |",
        "| `d.e` | `x` | |",
    ]


def test_a_mapping_in_brackets_over_several_lines_is_one_value() -> None:
    text = "a: {b: 1, c: [2,\n    3], d: {\n  e: 4}}\nf: 5  # no {bracket\n"
    assert config_text(text, "f.yaml").splitlines()[2:] == [
        "| `a` | `{b: 1, c: [2, 3], d: { e: 4}}` | |",
        "| `f` | `5` | no {bracket |",
    ]


def test_brackets_in_a_text_are_no_link_and_stay_as_they_are_in_code() -> None:
    assert paragraph("run [--a] [--b], as `[x] [y]`") == r"run \[--a] \[--b], as `[x] [y]`"


def test_a_line_that_cannot_be_shown_is_named() -> None:
    with pytest.raises(ValueError, match=r"f\.yaml:2: "):
        config_text("a: 1\n- 2\n", "f.yaml")


def test_keys_of_a_schema_are_shown_with_their_path_type_and_meaning() -> None:
    pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    area = {
        "description": "what it covers",
        "required": ["px"],
        "properties": {"px": {"type": "integer", "minimum": 0}},
    }
    box = {"required": ["size"], "properties": {"size": {"$ref": "#/$defs/pair"}}}
    schema = {
        "required": ["boxes"],
        "properties": {
            "boxes": {"type": "array", "description": "Best first.", "items": box},
            "view": {"enum": ["anterior", None]},
            "area": {"$ref": "#/$defs/area"},
        },
        "$defs": {"pair": {"anyOf": [{"type": "null"}, pair]}, "area": area},
    }
    assert schema_text(schema).splitlines() == [
        "| key | type | meaning |",
        "| --- | --- | --- |",
        "| `boxes` | list | Best first. |",
        "| `boxes[].size` | list of 2, each: number or null | |",
        '| `view` | may be missing; `"anterior"`, `null` | |',
        "| `area` | may be missing; [area](#area) | |",
        "",
        "#### area",
        "",
        "What it covers.",
        "",
        "| key | type | meaning |",
        "| --- | --- | --- |",
        "| `px` | whole number from 0 | |",
    ]


@pytest.mark.parametrize("schema", sorted(generate.PACKAGE.rglob("*.schema.json")), ids=lambda path: path.name)
def test_every_key_of_every_schema_is_on_the_page(schema: Path) -> None:
    page = (generate.PAGES / "formats.md").read_text(encoding="utf-8")
    part = page.partition(f"<!-- generated: {schema.name} -->")[2].partition("<!-- end:")[0]
    shown = {key for path in re.findall(r"^\| `([^`]+)`", part, re.MULTILINE) for key in re.split(r"[.\[\]]+", path)}
    assert set(_keys(json.loads(schema.read_text(encoding="utf-8")))) <= shown


def _keys(value: object) -> Iterator[str]:
    """Yield the names of all properties anywhere in a schema."""
    if isinstance(value, dict):
        properties = value.get("properties", {})
        yield from properties
        for each in [*properties.values(), *(inner for key, inner in value.items() if key != "properties")]:
            yield from _keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each)
