"""The record of finished runs: one row per run in a CSV, and what each network found on the tests."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from benchmarks.adapting import scan_sets
from benchmarks.adapting.reading_sets import beside_truth, load_found, read_set, save_found
from benchmarks.adapting.set_figures import BEST, measure_once, thresholds_of
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.thresholds import Thresholds

TESTS: Final = ("b_test", "a_test")

SHIPPED, CEILING = "shipped", "ceiling"
"""Settings that are not adapted: the shipped network, and the one trained on all of B."""

TABLE_NAME: Final = "runs.csv"

OWN_COLUMNS: Final = {name: f"own_{name}" for name in CLASS_NAMES}
"""Columns of a network's own thresholds, by class."""

PRECISION: Final = 4
"""Decimals of the figures in the table."""


@dataclass(frozen=True)
class RunKey:
    """What makes a run that run.

    Attributes:
        setting: SHIPPED, CEILING, or the name of a recipe (`adapted.setting_of`).
        scans: of B that were adapted to; 0 for SHIPPED.
        seed: that drew them.
    """

    setting: str
    scans: int
    seed: int

    @property
    def file_stem(self) -> str:
        """Name of the run's files."""
        plain = re.sub(r"[^\w.=-]+", "_", self.setting)
        return f"{plain}-{self.scans}-{self.seed}"


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        key: of the run.
        own: the network's own thresholds.
        train_seconds: wall time of the training.
        read_seconds: wall time of reading the tests.
        figures: `SET/KEY` as of `set_figures.measure`.
    """

    key: RunKey
    own: Thresholds
    train_seconds: float
    read_seconds: float
    figures: Mapping[str, float]


def table_of(work: Path) -> Path:
    """Return the path of the table."""
    return work / TABLE_NAME


def found_of(work: Path, key: RunKey, test: str) -> Path:
    """Return the file of what a run's network found on a test."""
    return work / "found" / f"{key.file_stem}-{test}.npz"


def read_rows(table: Path) -> list[Row]:
    """Return the finished runs, in the order in which they finished; none if there is no table."""
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        return [_row(record) for record in csv.DictReader(file)]


def _row(record: Mapping[str, str]) -> Row:
    """Return a row of the file."""
    own = {*(field.name for field in fields(RunKey)), *OWN_COLUMNS.values(), "train_seconds", "read_seconds"}
    return Row(
        key=RunKey(record["setting"], int(record["scans"]), int(record["seed"])),
        own=Thresholds(**{name: float(record[column]) for name, column in OWN_COLUMNS.items()}),
        train_seconds=float(record["train_seconds"]),
        read_seconds=float(record["read_seconds"]),
        figures={name: float(value) for name, value in record.items() if name not in own},
    )


def append_row(table: Path, row: Row) -> None:
    """Add a finished run; the first one writes the header."""
    record: dict[str, Any] = {
        **asdict(row.key),
        **{OWN_COLUMNS[name]: value for name, value in row.own.as_record().items()},
        "train_seconds": round(row.train_seconds, 1),
        "read_seconds": round(row.read_seconds, 1),
        **{name: round(value, PRECISION) for name, value in row.figures.items()},
    }
    is_new = not table.is_file()
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(record))
        if is_new:
            writer.writeheader()
        writer.writerow(record)


def finished(table: Path) -> set[RunKey]:
    """Return the runs that are in the table."""
    return {row.key for row in read_rows(table)}


def read_tests(work: Path, key: RunKey, network: Any, card: ModelCard) -> dict[str, float]:
    """Read the tests with a network, keep what it found, and return its figures by `SET/KEY`.

    A test that a killed run has read is not read again: the same run finds the same.

    Args:
        work: folder of the experiments.
        key: of the run.
        network: in float32.
        card: overlap, rescoring and the network's own thresholds.
    """
    figures: dict[str, float] = {}
    for test in TESTS:
        results, patients = read_test(work, key, test, network, card)
        thresholds = thresholds_of(results, card.thresholds)
        best = {f"threshold_best/{name}": value for name, value in thresholds[BEST].as_record().items()}
        own = {**best, **measure_once(results, patients, thresholds)}
        figures |= {f"{test}/{name}": value for name, value in own.items()}
    return figures


def read_test(
    work: Path, key: RunKey, test: str, network: Any, card: ModelCard
) -> tuple[list[ScanResult], tuple[str, ...]]:
    """Return what a run's network finds on a test beside the truth, and the patients; kept, and read once."""
    scans = scan_sets.load(scan_sets.build(work, test))
    kept = found_of(work, key, test)
    if not kept.is_file():
        save_found(kept, read_set(network, scans, card))
    return beside_truth(scans, load_found(kept)), scans.patients
