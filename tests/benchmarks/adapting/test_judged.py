"""An adaptation judged by its folds and by the truth: the same decision and thresholds as `bonescan adapt` gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.adapting import adapted, judged, runs, scan_sets
from benchmarks.adapting.adapted import recipe_of
from benchmarks.adapting.judged import Case, judge, line
from benchmarks.adapting.runs import RunKey
from benchmarks.adapting.scan_choice import HOSPITAL_A, HOSPITAL_B
from benchmarks.adapting.scan_sets import ScanSet
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.runtime import Detections

CHANGES = ["replay_studies=3", "folds=2", "start_share=0"]


class Trained:
    """What the stand-ins of training and reading were given."""

    def __init__(self) -> None:
        self.patients: list[int] = []


def network(value: float) -> torch.nn.Linear:
    layer = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(layer.weight, value)
    return layer


@pytest.fixture
def trained(tmp_path: Path, scans: ScanSet, monkeypatch: pytest.MonkeyPatch) -> Trained:
    """A network of weight 0 that finds nothing; trained, its weight is 1 and it finds every true box."""
    for name in (adapted.POOL, adapted.REPLAY, "a_test", "b_test"):
        scan_sets.save(scan_sets.arrays_of(tmp_path, name), scans)
    seen = Trained()

    def train(
        _start: Path, own: Sequence[TrainingScan], _replay: Sequence[TrainingScan], _recipe: AdaptRecipe, _seed: int
    ) -> torch.nn.Module:
        seen.patients.append(len(own))
        return network(1.0)

    def read(given: torch.nn.Linear, read_scans: ScanSet, _card: ModelCard) -> list[Detections]:
        number = [round(given.weight.item()) * len(boxes) for boxes in read_scans.boxes]
        return [
            Detections(boxes[:shown], np.full(shown, 0.6, np.float32), classes[:shown], 0.5)
            for boxes, classes, shown in zip(read_scans.boxes, read_scans.classes, number, strict=True)
        ]

    for module in (adapted, judged):
        monkeypatch.setattr(module, "adapt_network", train)
        monkeypatch.setattr(module, "load_network", lambda _path: network(0.0))
    for module in (judged, runs):
        monkeypatch.setattr(module, "read_set", read)
    monkeypatch.setattr(judged, "read_card", lambda _path: ModelCard(trained_on="nothing"))
    return seen


@pytest.mark.parametrize("hospital", [HOSPITAL_A, HOSPITAL_B])
def test_folds_and_truth_agree_that_it_is_better(tmp_path: Path, trained: Trained, hospital: str) -> None:
    case = Case(tmp_path, Path("w.pt"), RunKey("setting", 8, 1), recipe_of(CHANGES), hospital)
    record = judge(case)
    assert trained.patients == [4, 4, 8]  # two folds of two studies each, and all of them
    assert record["folds"]["difference"]["adapt/score"]["value"] == pytest.approx(1)
    assert record["test"]["start"]["f1_chosen/abnormal"] == 0
    assert record["test"]["adapted"]["f1_chosen/normal"] == 1
    assert 0 < record["thresholds"]["adapted"]["abnormal"] < 0.6
    assert "ap50/abnormal 0.000 to 1.000" in line(case.key, record)
    assert judge(case) == record
    assert len(trained.patients) == 3  # kept


def test_scans_of_the_first_hospital_are_not_mixed_in(tmp_path: Path, trained: Trained, scans: ScanSet) -> None:
    own, replay = adapted.own_and_replay(tmp_path, HOSPITAL_A, recipe_of(CHANGES))
    assert len(own) + len(replay) == len(scans)
    assert not {one.grey.tobytes() for one in replay} & {grey.tobytes() for grey in own.pixels}
