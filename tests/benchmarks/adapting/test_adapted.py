"""The recipe's changes as one types them, and which scans are adapted to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.adapting import adapted, scan_sets
from benchmarks.adapting.adapted import adapted_network, parse_changes, recipe_of, setting_of
from benchmarks.adapting.runs import RunKey
from benchmarks.adapting.scan_choice import RANDOM
from benchmarks.adapting.scan_sets import ScanSet
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.errors import SettingsError


def test_values_are_yaml_and_dots_go_into_sections() -> None:
    changes = ["steps=60", "augmentation.crop=null", "augmentation.flip=0.0", "fixed_statistics=true"]
    sections = {"crop": None, "flip": 0.0}
    assert parse_changes(changes) == {"steps": 60, "fixed_statistics": True, "augmentation": sections}


@pytest.mark.parametrize("texts", [["steps"], ["steps=1", "steps.more=2"]])
def test_other_texts_are_refused(texts: list[str]) -> None:
    with pytest.raises(SettingsError):
        parse_changes(texts)


def test_a_setting_is_named_by_its_changes_and_its_whole_recipe() -> None:
    one = setting_of(["steps=60", "frozen=10"])
    assert one == setting_of(["frozen=10", "steps=60"])
    assert one.startswith("frozen=10 steps=60 @")
    digests = {setting_of(changes).partition("@")[2] for changes in ([], ["steps=61"], ["frozen=10", "steps=60"])}
    assert len(digests) == 3
    assert setting_of(["folds=3"]).partition("@")[2] == setting_of([]).partition("@")[2]


def test_the_drawn_scans_of_b_and_replay_of_a_are_trained_on_once(
    tmp_path: Path, scans: ScanSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (adapted.POOL, adapted.REPLAY):
        scan_sets.save(scan_sets.arrays_of(tmp_path, name), scans)
    given: list[Any] = []

    def zeros(_path: Path) -> torch.nn.Module:
        return filled(0.0)

    def train(
        start: Path, own: Sequence[TrainingScan], replay: Sequence[TrainingScan], recipe: AdaptRecipe, seed: int
    ) -> torch.nn.Module:
        given.extend([start, own, replay, recipe.steps, seed])
        return filled(4.0)

    monkeypatch.setattr(adapted, "adapt_network", train)
    monkeypatch.setattr(adapted, "load_network", zeros)
    key = RunKey("steps=7", 6, 2)
    recipe = recipe_of(["steps=7", "replay_studies=4", "start_share=0.0"])
    network = adapted_network(tmp_path, Path("w.pt"), key, recipe, RANDOM)
    assert network.weight.item() == 4
    start, own, replay, steps, seed = given
    assert (start, len(own), len(replay), steps, seed) == (Path("w.pt"), 6, 8, 7, 2)
    drawn = scan_sets.draw_studies(scans, 6, seed=2)
    assert all(np.array_equal(one.grey, scans.pixels[index]) for one, index in zip(own, drawn, strict=True))

    recipe = recipe_of(["steps=7", "replay_studies=4", "start_share=0.25"])
    assert adapted_network(tmp_path, Path("w.pt"), key, recipe, RANDOM).weight.item() == 3
    assert len(given) == 5  # not trained again


def filled(value: float) -> torch.nn.Linear:
    layer = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(layer.weight, value)
    return layer
