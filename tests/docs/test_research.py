"""The research pages: the table of trainings parses, experiment pages have their head, and every link resolves."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

RESEARCH = Path(__file__).parents[2] / "docs" / "research"
PAGES = sorted(RESEARCH.rglob("*.md"))
EXPERIMENTS = sorted((RESEARCH / "experiments").glob("*.md"))

HEADS = ["Question", "Change", "Data", "Result", "Decision"]
HEAD = re.compile(r"^- \*\*(\w+):\*\* \S", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")

NUMBERS = ["study_seed", "studies", "training_seed", "batch", "scan_epochs", "epochs", "minutes", "test_scans"]
SHARES = [
    "simulated_ap50_val",
    "simulated_ap50_val_coco",
    "simulated_ap50_test_coco",
    "test_ap50_abnormal",
    "test_ap50_normal",
    "real_f1_abnormal",
    "threshold",
    "real_f1_normal",
    "real_ap50_abnormal",
    "real_ap50_normal",
    "real_ap50_mean",
]
CHOICES = {
    "kind": {"epoch", "mean", "same"},
    "rescored": {"yes", "no"},
    "shipped": {"yes", "no"},
    "experiment": {page.stem for page in EXPERIMENTS},
}


def runs() -> list[dict[str, str]]:
    with (RESEARCH / "runs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def relative_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            yield target


def test_every_row_of_the_table_has_every_column() -> None:
    for row in runs():
        assert None not in row, row  # more cells than columns
        assert None not in row.values(), row  # fewer


def test_ids_of_runs_are_unique() -> None:
    ids = [row["id"] for row in runs()]
    assert all(ids)
    assert len(ids) == len(set(ids))


def test_cells_of_the_table_are_numbers_dates_and_choices() -> None:
    for row in runs():
        for column in NUMBERS:
            assert re.fullmatch(r"\d*(\.\d)?", row[column]), (row["id"], column)
        for column in SHARES:
            assert not row[column] or 0 <= float(row[column]) <= 1, (row["id"], column)
        for column, allowed in CHOICES.items():
            assert row[column] in allowed, (row["id"], column)
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", row["date"]), row["id"]
        assert re.fullmatch(r"[0-9a-f]{7}", row["commit"]), row["id"]


def test_the_same_weights_rescored_name_the_row_they_are_of() -> None:
    table = runs()
    ids = {row["id"] for row in table}
    for row in table:
        if row["kind"] == "same":
            assert row["start"] in ids, row["id"]


@pytest.mark.parametrize("page", EXPERIMENTS, ids=lambda page: page.stem)
def test_an_experiment_begins_with_its_five_heads_in_order(page: Path) -> None:
    head, _, _ = page.read_text(encoding="utf-8").partition("\n## ")
    assert HEAD.findall(head) == HEADS


def test_the_index_links_every_experiment() -> None:
    index = RESEARCH / "index.md"
    linked = {(RESEARCH / target.partition("#")[0]).resolve() for target in relative_links(index)}
    assert {page.resolve() for page in EXPERIMENTS} <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_relative_link_resolves(page: Path) -> None:
    for target in relative_links(page):
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, target


def slug(heading: str) -> str:
    """Return the anchor that Markdown renderers give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
