"""Write the generated parts of `docs/reference`: `python -m docs.generate`, from the root of the checkout.

A page is written by hand except between `<!-- generated: NAME -->` and `<!-- end: NAME -->`. What is between comes
from the argparse parsers (`overview`, `commands`), the JSON schemas and the YAML files (their file names). The same
source gives the same text, whatever the width of the terminal and the version of Python.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from bonescan_yolo.commands.registry import COMMANDS, build_parsers
from docs.generators.command_tables import commands_text, overview_text
from docs.generators.config_tables import config_text
from docs.generators.schema_tables import schema_text

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference"
CONFIGS = ROOT / "configs"
PACKAGE = ROOT / "bonescan_yolo"

PART = re.compile(r"(<!-- generated: (?P<name>\S+) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL)


def main() -> int:
    """Bring every page up to date and print the ones that changed; returns 0."""
    for path in sorted(PAGES.glob("*.md")):
        old = path.read_text(encoding="utf-8")
        new = current(old)
        if new != old:
            path.write_text(new, encoding="utf-8", newline="\n")
            sys.stdout.write(f"{path.relative_to(ROOT).as_posix()}\n")
    return 0


def current(page: str) -> str:
    """Return a page with its generated parts made anew.

    Raises:
        ValueError: a part has an unknown name, or a YAML file has a line that cannot be shown.
    """
    return PART.sub(lambda match: f"{match[1]}\n{part(match['name'])}\n\n{match[3]}", page)


def part(name: str) -> str:
    """Return the text of a generated part by its name."""
    if name == "overview":
        return overview_text([(command.name, command.summary, command.extra) for command in COMMANDS])
    if name == "commands":
        return commands_text(build_parsers())
    if name.endswith(".yaml"):
        return config_text((CONFIGS / name).read_text(encoding="utf-8"), name)
    if name.endswith(".schema.json"):
        schema = next(PACKAGE.rglob(name)).read_text(encoding="utf-8")
        return schema_text(json.loads(schema))
    raise ValueError(f"`generated: {name}` is unknown; give overview, commands, or a file by its name")


if __name__ == "__main__":
    sys.exit(main())
