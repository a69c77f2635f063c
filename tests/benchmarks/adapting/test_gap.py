"""Shares of the gap, with draws in pairs; the table of finished runs; what a run found is read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.adapting import gap, runs, scan_sets
from benchmarks.adapting.reading_sets import load_found, save_found
from benchmarks.adapting.runs import Row, RunKey
from benchmarks.adapting.scan_sets import ScanSet
from bonescan_yolo.evaluate.bootstrap import Values
from bonescan_yolo.model.runtime import Detections
from bonescan_yolo.model.thresholds import Thresholds


def figures(b: list[float], a: list[float]) -> dict[str, Values]:
    return {f"b_test/{key}": np.array(b) for key in gap.SHARES} | {"a_test/ap50/mean": np.array(a)}


def test_half_of_the_gap_is_half_in_every_draw() -> None:
    shipped, ceiling = figures([0.4, 0.3], [0.8, 0.8]), figures([0.8, 0.5], [0.7, 0.7])
    closed = gap.shares(figures([0.6, 0.4], [0.79, 0.78]), shipped, ceiling)
    assert closed["ap50/mean"] == pytest.approx([0.5, 0.5])
    assert closed["loss"] == pytest.approx([0.01, 0.02])


def test_without_a_gap_there_is_no_share() -> None:
    same = figures([0.4, 0.4], [0.8, 0.8])
    assert np.isnan(gap.shares(figures([0.6, 0.4], [0.8, 0.8]), same, same)["ap50/mean"]).all()


def test_the_figure_is_the_mean_of_the_seeds_and_draws_choose_among_them() -> None:
    few = [{"x": np.full(2001, value)} for value in (0.0, 0.5, 1.0)]
    pooled = gap.over_seeds(few)["x"]
    assert pooled[0] == pytest.approx(0.5)
    assert pooled[1:].mean() == pytest.approx(0.5, abs=0.02)
    assert pooled[1:].std() == pytest.approx(np.sqrt(1 / 6 / 3), abs=0.02)


def test_one_seed_gives_its_own_draws() -> None:
    values = np.linspace(0, 1, 11)
    assert gap.over_seeds([{"x": values}])["x"].tolist() == values.tolist()


def test_rows_are_read_back_and_their_runs_are_finished(tmp_path: Path) -> None:
    table = runs.table_of(tmp_path)
    assert runs.read_rows(table) == []
    rows = [
        Row(
            RunKey("learning_rate=0.001 steps=60", 20, seed),
            Thresholds(0.45, 0.4),
            61.5,
            30.0,
            {"b_test/ap50/mean": 0.5 + seed / 10},
        )
        for seed in (0, 1)
    ]
    for row in rows:
        runs.append_row(table, row)
    assert runs.read_rows(table) == rows
    assert runs.finished(table) == {row.key for row in rows}


def test_runs_have_files_of_their_own() -> None:
    keys = [RunKey(setting, scans, seed) for setting in ("@a1", "steps=60 @b2") for scans in (5, 10) for seed in (0, 1)]
    assert len({key.file_stem for key in keys}) == len(keys)
    assert RunKey("augmentation.crop=[512, 192]", 5, 0).file_stem == "augmentation.crop=_512_192_-5-0"


def test_what_was_found_is_read_back(tmp_path: Path, found: list[Detections]) -> None:
    save_found(tmp_path / "found.npz", found)
    for mine, own in zip(load_found(tmp_path / "found.npz"), found, strict=True):
        assert np.array_equal(mine.boxes, own.boxes)
        assert np.array_equal(mine.confidences, own.confidences)
        assert np.array_equal(mine.classes, own.classes)
        assert mine.scan_abnormal_confidence == own.scan_abnormal_confidence


def test_the_table_has_shares_once_both_ends_are_there(
    tmp_path: Path, scans: ScanSet, found: list[Detections], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gap, "DRAWS", 50)
    for test in runs.TESTS:
        scan_sets.save(scan_sets.arrays_of(tmp_path, test), scans)
    weak = [Detections(each.boxes[-1:], each.confidences[-1:], each.classes[-1:], 0.1) for each in found]
    ends = ((runs.SHIPPED, 0, weak), ("steps=60", 20, found), (runs.CEILING, 24, found))
    for setting, number, detections in ends:
        key = RunKey(setting, number, 0)
        for test in runs.TESTS:
            save_found(runs.found_of(tmp_path, key, test), detections)
        runs.append_row(runs.table_of(tmp_path), Row(key, Thresholds.both(0.2), 1.0, 1.0, {}))
    _, _, *lines = gap.table(tmp_path).splitlines()
    assert [line.split(" | ")[0] for line in lines] == ["| shipped", "| steps=60", "| ceiling"]
    assert lines[0].split(" | ")[7].startswith("0.000")
    assert lines[1].split(" | ")[7].startswith("1.000")
