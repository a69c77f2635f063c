"""What each run finds on the tests, and a table of arms with intervals against one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.adapting import scan_sets
from benchmarks.adapting.gap import over_seeds
from benchmarks.adapting.reading_sets import beside_truth, load_found, read_set, save_found
from benchmarks.adapting.scan_sets import ScanSet
from benchmarks.adapting.set_figures import measure
from benchmarks.networks.arms import Run
from benchmarks.realism.boxed_scans import reduced
from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.evaluate.bootstrap import (
    DRAWS,
    Sampled,
    Values,
    Weights,
    draw_weights,
    number_patients,
    summarise,
    totals,
)
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hits import NO_MATCH, match_scan
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.rescoring import NO_RESCORING, Rescoring, rescore
from bonescan_yolo.model.runtime import Detections
from bonescan_yolo.model.torch_network import load_network

HOSPITALS: Final = ("a_test", "b_test")

FIGURE_DETAIL: Final = (97, 385)
"""Columns and rows of scans in published figures."""

SENSITIVITIES: Final = (0.4, 0.5, 0.6)
"""Of abnormal boxes, at which false abnormal boxes per scan are given; the table has the mean."""

SEED: Final = 0
"""Of the draws of patients."""


def tests(work: Path) -> dict[str, ScanSet]:
    """Return the tests by name: both hospitals, native and reduced."""
    sets: dict[str, ScanSet] = {}
    for name in HOSPITALS:
        scans = scan_sets.load(scan_sets.build(work, name))
        small = [np.asarray(reduced(Image.fromarray(grey), FIGURE_DETAIL)) for grey in scans.pixels]
        sets |= {name: scans, f"{name}_reduced": replace(scans, pixels=np.stack(small))}
    return sets


def read_tests(work: Path, run: Run, weights: Path) -> None:
    """Keep what a run's network finds on each test, without rescoring; a test that was read is not read again."""
    card = ModelCard(trained_on="")
    network = load_network(weights)
    for name, scans in tests(work).items():
        path = _found(work, run, name)
        if not path.is_file():
            save_found(path, read_set(network, scans, card))
            once = _figures(beside_truth(scans, load_found(path)), scans.patients, 0)
            print(run, name, {key: round(float(values[0]), 3) for key, values in once.items()}, flush=True)


def _found(work: Path, run: Run, test: str) -> Path:
    return work / "found" / f"{run.file_stem}-{test}.npz"


def _figures(results: Sequence[ScanResult], patients: Sequence[str], draws: int) -> dict[str, Values]:
    """Return AP50 by class and its mean, and false abnormal boxes per scan at equal sensitivity, with draws."""
    weights = draw_weights(len(set(patients)), draws, SEED)
    figures = measure(results, patients, {}, weights)
    _, indices = number_patients(patients)
    return {**figures, "false": _false_at_sensitivity(results, indices, weights)}


def _false_at_sensitivity(results: Sequence[ScanResult], patients: NDArray[np.int64], weights: Weights) -> Values:
    """Return false abnormal boxes per scan, the mean over SENSITIVITIES; the threshold is chosen in each draw."""
    hits, misses, scan_of_hit, scan_of_miss = [], [], [], []
    for index, result in enumerate(results):
        own = result.classes == ABNORMAL
        right = match_scan(result) != NO_MATCH
        hits.append(result.confidences[own & right])
        misses.append(result.confidences[own & ~right])
        scan_of_hit.append(np.full(len(hits[-1]), index))
        scan_of_miss.append(np.full(len(misses[-1]), index))
    true = np.array([(result.true_classes == ABNORMAL).sum() for result in results], float)
    all_true, scans = totals(weights, patients, true), totals(weights, patients)
    confidence, owner = np.concatenate(hits), np.concatenate(scan_of_hit)
    order = np.argsort(-confidence)
    confidence, owner = confidence[order], owner[order]
    false, false_owner = np.concatenate(misses), np.concatenate(scan_of_miss)
    values = np.zeros(len(all_true))
    for draw, (number, per_scan) in enumerate(zip(all_true, scans, strict=True)):
        found = np.cumsum(weights[draw][patients[owner]])
        counts = weights[draw][patients[false_owner]]
        for sensitivity in SENSITIVITIES:
            place = min(int(np.searchsorted(found, sensitivity * number)), len(confidence) - 1)
            values[draw] += counts[false >= confidence[place]].sum() / per_scan / len(SENSITIVITIES)
    return values


def table(work: Path, against: str, rescoring: Rescoring) -> str:
    """Return the table of all arms in Markdown; differences are paired over patients and mean over seeds.

    Each arm has lines for its boxes as they are, and for the same ones rescored, compared with the arm itself.
    """
    arms: dict[str, list[Run]] = {}
    for path in sorted((work / "found").glob(f"*-{HOSPITALS[-1]}_reduced.npz")):
        name, seed = path.name.removesuffix(f"-{HOSPITALS[-1]}_reduced.npz").rsplit("-", 1)
        arms.setdefault(name, []).append(Run(name, int(seed)))
    sets = tests(work)
    measured = {name: over_seeds([_of_run(work, run, sets) for run in runs]) for name, runs in arms.items()}
    rescored = {name: over_seeds([_of_run(work, run, sets, rescoring) for run in runs]) for name, runs in arms.items()}
    lines = ["| arm | seeds | test | AP50 abnormal | normal | mean, change | false at equal sensitivity | change |"]
    lines.append("|---" * 8 + "|")
    for name, figures in measured.items():
        for test in (*sets, "all"):
            lines.append(_line(name, len(arms[name]), test, figures, measured.get(against, figures)))
        lines.append(_line(f"{name}, rescored", len(arms[name]), "all", rescored[name], figures))
    return "\n".join(lines) + "\n"


def _of_run(
    work: Path, run: Run, sets: Mapping[str, ScanSet], rescoring: Rescoring = NO_RESCORING
) -> dict[str, Values]:
    """Return the figures of a run by `TEST/FIGURE`, and their means over the tests under `all`; kept once computed."""
    suffix = "" if rescoring.is_off else f"-{rescoring.weight:g}-{rescoring.lone:g}"
    kept = work / "draws" / f"{run.file_stem}{suffix}.npz"
    if kept.is_file():
        with np.load(kept, allow_pickle=False) as content:
            return dict(content)
    figures: dict[str, Values] = {}
    for test, scans in sets.items():
        found = [_rescored(each, rescoring) for each in load_found(_found(work, run, test))]
        results = beside_truth(scans, found)
        figures |= {f"{test}/{key}": values for key, values in _figures(results, scans.patients, DRAWS).items()}
    keys = {key.split("/", 1)[1] for key in figures}
    figures |= {f"all/{key}": np.mean([figures[f"{test}/{key}"] for test in sets], axis=0) for key in keys}
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(kept, **figures)  # type: ignore[arg-type]
    return figures


def _rescored(found: Detections, rescoring: Rescoring) -> Detections:
    """Return the boxes of a scan rescored, best first."""
    confidences = rescore(found.confidences, found.classes, rescoring)
    order = np.argsort(-confidences, kind="stable")
    return replace(found, boxes=found.boxes[order], confidences=confidences[order], classes=found.classes[order])


def _line(name: str, seeds: int, test: str, own: Mapping[str, Values], base: Mapping[str, Values]) -> str:
    change = own[f"{test}/ap50/mean"] - base[f"{test}/ap50/mean"]
    ratio = own[f"{test}/false"] / base[f"{test}/false"] - 1
    cells = [
        name,
        str(seeds),
        test,
        f"{own[f'{test}/ap50/abnormal'][0]:.3f}",
        f"{own[f'{test}/ap50/normal'][0]:.3f}",
        _interval(change),
        f"{own[f'{test}/false'][0]:.3f}",
        _interval(ratio),
    ]
    return f"| {' | '.join(cells)} |"


def _interval(values: Values) -> str:
    """Return a figure with its interval as text."""
    figure = summarise(Sampled(values))
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    return f"{figure.value:+.3f} ({figure.low:+.3f} to {figure.high:+.3f})"
