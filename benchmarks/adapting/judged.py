"""What an adaptation says of itself by its folds, beside what it is worth on 500 scans that it does not know.

The folds of the few scans give thresholds and decide whether the model is kept, exactly as in `bonescan adapt`; the
hospital's test says what those thresholds and that decision were worth.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.adapting.adapted import adapted_network, digest, kept_network, own_and_replay, training_scans
from benchmarks.adapting.reading_sets import beside_truth, read_set
from benchmarks.adapting.runs import SHIPPED, RunKey, read_test
from benchmarks.adapting.scan_choice import ScanChoice
from benchmarks.adapting.scan_sets import ScanSet
from benchmarks.adapting.set_figures import OWN, measure_once
from bonescan_yolo.adapt.adapting import adapt_network
from bonescan_yolo.adapt.annotated_scans import AnnotatedScan
from bonescan_yolo.adapt.fold_figures import F1, PRECISION, SCORE, compare
from bonescan_yolo.adapt.fold_plan import FoldTraining, plan_trainings
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.matching.evaluated_scan import BoxPlaces, EvaluatedScan
from bonescan_yolo.files import write_text
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.train.run_record import read_card

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """An adaptation that is judged.

    Attributes:
        work: folder of the experiments.
        weights: to start from.
        key: of the run.
        recipe: of it.
        hospital: whose scans it adapts to.
    """

    work: Path
    weights: Path
    key: RunKey
    recipe: AdaptRecipe
    hospital: str


def judge(case: Case) -> Record:
    """Return what the folds of a run say under `folds`, and what is true under `test`; kept below `work`."""
    kept = case.work / "judged" / f"{case.key.file_stem}.json"
    if not kept.is_file():
        write_text(kept, json.dumps(_judge(case), indent=1))
    record: Record = json.loads(kept.read_text(encoding="utf-8"))
    return record


def line(key: RunKey, record: Record) -> str:
    """Return a run as a line: score and F1 by the folds, and on the test."""
    folds, test = record["folds"], record["test"]
    said = [f"{name.split('/', 1)[1]} {folds['difference'][name]['value']:+.3f}" for name in (*PRECISION, *F1, SCORE)]
    true = [
        f"{name} {test['start'][name]:.3f} to {test['adapted'][name]:.3f}"
        for name in (f"{figure}/{of}" for of in CLASS_NAMES for figure in ("ap50", "f1_own", "f1_chosen"))
    ]
    return f"{key}: folds {', '.join(said)}; test {', '.join(true)}"


def _judge(case: Case) -> Record:
    """Train and read what is not there yet."""
    key, choice, card = case.key, ScanChoice(hospital=case.hospital), read_card(case.weights)
    pool, replay = own_and_replay(case.work, case.hospital, case.recipe)
    own = pool.take(choice.annotated(pool, key.scans, key.seed, case.weights))
    annotated = [
        AnnotatedScan(Path(str(index)), patient, scan)
        for index, (patient, scan) in enumerate(zip(own.patients, training_scans(own), strict=True))
    ]
    plan = plan_trainings(annotated, case.recipe.model_copy(update={"curve": ()}))
    shipped = load_network(case.weights)
    of_start = _evaluated(own, shipped, card)
    start = [[of_start[int(scan.image.name)] for scan in fold.held_out] for fold in plan]
    compared = compare(start, [_read_fold(case, fold, replay) for fold in plan], card, seed=0)
    adapted = adapted_network(case.work, case.weights, key, case.recipe, choice)
    chosen = {"start": compared.start_thresholds, "adapted": compared.thresholds}
    return {
        "folds": {
            name: {figure: asdict(value) for figure, value in getattr(compared, name).items()}
            for name in ("start", "at_own", "adapted", "difference", "by_thresholds")
        },
        "thresholds": {name: thresholds.as_record() for name, thresholds in chosen.items()},
        "test": {
            "start": _on_test(case, RunKey(SHIPPED, 0, 0), shipped, chosen["start"]),
            "adapted": _on_test(case, key, adapted, chosen["adapted"]),
        },
    }


def _on_test(case: Case, key: RunKey, network: Any, chosen: Thresholds) -> dict[str, float]:
    """Return the figures on the hospital's test, at the shipped thresholds and at those chosen."""
    card = read_card(case.weights)
    results, patients = read_test(case.work, key, f"{case.hospital}_test", network, card)
    return measure_once(results, patients, {OWN: card.thresholds, "chosen": chosen})


def _read_fold(case: Case, fold: FoldTraining, replay: Sequence[TrainingScan]) -> list[EvaluatedScan]:
    """Return what a fold holds out, as a network reads it that is trained on the others."""
    key = case.key
    name = f"{digest(case.recipe)}-hospital={case.hospital}-{key.scans}-{key.seed}-{fold.name}"
    scans = [one.training for one in fold.scans]
    network = kept_network(
        case.work, case.weights, name, lambda: adapt_network(case.weights, scans, replay, case.recipe, key.seed)
    )
    return _evaluated(_as_set(fold.held_out), network, read_card(case.weights))


def _as_set(scans: Sequence[AnnotatedScan]) -> ScanSet:
    """Return annotated scans as a set."""
    each = [scan.training for scan in scans]
    return ScanSet(
        pixels=np.stack([one.grey for one in each]),
        patients=tuple(scan.patient for scan in scans),
        boxes=tuple(one.boxes for one in each),
        classes=tuple(one.classes for one in each),
    )


def _evaluated(scans: ScanSet, network: Any, card: ModelCard) -> list[EvaluatedScan]:
    """Return scans as a network reads them, without what the figures of the folds do not use."""
    found = read_set(network, scans, card)
    return [
        EvaluatedScan(
            image=Path(str(index)),
            patient=patient,
            view=None,
            result=result,
            abnormal_confidence=one.scan_abnormal_confidence,
            true_places=_nowhere(len(result.true_boxes)),
            places=_nowhere(len(result.boxes)),
        )
        for index, (patient, result, one) in enumerate(
            zip(scans.patients, beside_truth(scans, found), found, strict=True)
        )
    ]


def _nowhere(number: int) -> BoxPlaces:
    """Return places for boxes whose places do not matter."""
    return BoxPlaces(None, np.zeros(number, np.float32))
