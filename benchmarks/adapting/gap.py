"""How much of the gap between the shipped network and the ceiling a setting closes, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.adapting import scan_sets
from benchmarks.adapting.reading_sets import beside_truth, load_found
from benchmarks.adapting.runs import CEILING, SHIPPED, TESTS, Row, found_of, read_rows, table_of
from benchmarks.adapting.set_figures import measure, thresholds_of
from bonescan_yolo.evaluate.bootstrap import DRAWS, Sampled, Values, divide, draw_weights, summarise

Figures = Mapping[str, Values]
"""By `SET/KEY`, (1 + draws,) each."""

SHARES: Final = ("ap50/mean", "f1_own/mean", "f1_best/mean")
"""Figures on B of which the share of the gap is given."""

LOSS: Final = "ap50/mean"
"""The figure on A whose loss is given."""

B_TEST, A_TEST = TESTS

SEED: Final = 0
"""Of the draws."""


def figures_of(work: Path, row: Row) -> dict[str, Values]:
    """Return the figures of a run on the tests, with draws that are the same for all runs; kept beside the readings."""
    kept = work / "draws" / f"{row.key.file_stem}.npz"
    if kept.is_file():
        with np.load(kept, allow_pickle=False) as content:
            return dict(content)
    figures: dict[str, Values] = {}
    for test in TESTS:
        scans = scan_sets.load(scan_sets.build(work, test))
        results = beside_truth(scans, load_found(found_of(work, row.key, test)))
        weights = draw_weights(len(set(scans.patients)), DRAWS, SEED)
        measured = measure(results, scans.patients, thresholds_of(results, row.own), weights)
        figures |= {f"{test}/{key}": values for key, values in measured.items()}
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(kept, **figures)  # type: ignore[arg-type]
    return figures


def over_seeds(runs: Sequence[Figures], seed: int = SEED) -> dict[str, Values]:
    """Return the mean over runs that differ by their seed: in each draw over as many, drawn with replacement.

    So an interval over patients covers the choice of the scans as well. With three seeds it is a rough one.
    """
    draws = len(next(iter(runs[0].values())))
    chosen = np.random.default_rng(seed).integers(len(runs), size=(draws, len(runs)))
    chosen[0] = range(len(runs))  # the first is the figure itself: each seed once
    rows = np.arange(draws)[:, None]
    return {key: np.stack([run[key] for run in runs], axis=1)[rows, chosen].mean(axis=1) for key in runs[0]}


def shares(adapted: Figures, shipped: Figures, ceiling: Figures) -> dict[str, Values]:
    """Return the share of the gap that is closed on B by key of SHARES, and under `loss` what is lost on A."""
    closed = {
        key: divide(
            adapted[f"{B_TEST}/{key}"] - shipped[f"{B_TEST}/{key}"],
            ceiling[f"{B_TEST}/{key}"] - shipped[f"{B_TEST}/{key}"],
        )
        for key in SHARES
    }
    return {**closed, "loss": shipped[f"{A_TEST}/{LOSS}"] - adapted[f"{A_TEST}/{LOSS}"]}


def table(work: Path) -> str:
    """Return the table of all settings in Markdown; shares only once the shipped network and the ceiling are there."""
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in read_rows(table_of(work)):
        groups.setdefault((row.key.setting, row.key.scans), []).append(row)
    measured = {group: over_seeds([figures_of(work, row) for row in rows]) for group, rows in groups.items()}
    ends = {setting: figures for (setting, _), figures in measured.items() if setting in (SHIPPED, CEILING)}
    lines = [
        "| setting | scans | seeds | B: AP50 abnormal, normal | B: F1 own, best | B: false abnormal own, best "
        "| A: AP50 | of the gap: AP50 | F1 own | F1 best | lost on A |",
        "|---" * 11 + "|",
    ]
    for (setting, scans), figures in measured.items():
        lines.append(_line([setting, str(scans), str(len(groups[setting, scans]))], figures, ends))
    return "\n".join(lines) + "\n"


def _line(name: list[str], figures: Figures, ends: Mapping[str, Figures]) -> str:
    """Return a line of the table."""
    cells = [
        *name,
        ", ".join(_number(figures, f"{B_TEST}/ap50/{name}") for name in ("abnormal", "normal")),
        ", ".join(_number(figures, f"{B_TEST}/f1_{at}/mean") for at in ("own", "best")),
        ", ".join(_number(figures, f"{B_TEST}/false_abnormal_{at}", 2) for at in ("own", "best")),
        _number(figures, f"{A_TEST}/ap50/mean"),
    ]
    if set(ends) == {SHIPPED, CEILING}:
        closed = shares(figures, ends[SHIPPED], ends[CEILING])
        cells += [_interval(values) for values in closed.values()]
    else:
        cells += [""] * (len(SHARES) + 1)
    return f"| {' | '.join(cells)} |"


def _number(figures: Figures, key: str, decimals: int = 3) -> str:
    """Return a figure as text."""
    return f"{figures[key][0]:.{decimals}f}"


def _interval(values: Values) -> str:
    """Return a figure with its interval as text; empty where it is not defined."""
    figure = summarise(Sampled(values))
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
