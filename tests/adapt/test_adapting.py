"""One training: repeatable, from the start weights, with what is frozen left as it was, and better on its scans."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bonescan_yolo.adapt.adapting import MeanWeights, adapt_network, learning_rate, mix_weights
from bonescan_yolo.adapt.recipe import AdaptRecipe, read_recipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.model.torch_network import load_network

START = Path(__file__).parents[2] / "weights" / "bonescan.pt"


def changed(recipe: AdaptRecipe, **changes: object) -> AdaptRecipe:
    return AdaptRecipe.model_validate({**recipe.model_dump(), **changes})


def differing(first: Any, second: Any) -> set[str]:
    """The names of the weights that two networks do not share."""
    others = second.state_dict()
    return {name for name, value in first.state_dict().items() if not torch.equal(value, others[name])}


def test_the_same_seed_gives_the_same_weights_and_another_one_others(
    simulated: list[TrainingScan], tiny: AdaptRecipe
) -> None:
    first, again, other = (adapt_network(START, simulated[:4], simulated[4:], tiny, seed) for seed in (1, 1, 2))
    assert differing(first, again) == set()
    assert differing(first, other)
    assert not first.training
    assert not any(weights.requires_grad for weights in first.parameters())


def test_random_numbers_of_others_go_on_undisturbed(simulated: list[TrainingScan], tiny: AdaptRecipe) -> None:
    random.seed(7)
    expected = random.random()
    random.seed(7)
    adapt_network(START, simulated[:1], [], changed(tiny, steps=1), seed=1)
    assert random.random() == expected


def test_frozen_layers_and_fixed_statistics_stay(simulated: list[TrainingScan], tiny: AdaptRecipe) -> None:
    start = load_network(START)
    frozen = differing(start, adapt_network(START, simulated, [], changed(tiny, frozen=10), seed=1))
    assert min(int(name.split(".")[1]) for name in frozen) == 12  # 10 and 11 have no weights
    fixed = differing(start, adapt_network(START, simulated, [], changed(tiny, fixed_statistics=True), seed=1))
    assert fixed
    assert not any("running_" in name for name in fixed)
    assert not any(".dfl." in name for name in frozen | fixed)


def test_training_on_scans_lowers_their_loss(simulated: list[TrainingScan], tiny: AdaptRecipe) -> None:
    inverted = [TrainingScan(scan.grey, scan.boxes, 1 - scan.classes) for scan in simulated]  # another reader's rules
    losses: list[float] = []
    recipe = changed(tiny, steps=10, batch=3, learning_rate=0.003)
    adapt_network(START, inverted, [], recipe, 1, progress=lambda _, loss: losses.append(loss))
    assert len(losses) == 10
    assert np.mean(losses[-4:]) < 0.9 * np.mean(losses[:3])


def test_a_loss_that_is_no_number_is_an_error_in_words(simulated: list[TrainingScan], tiny: AdaptRecipe) -> None:
    with pytest.raises(DatasetError, match="smaller learning_rate"):
        adapt_network(START, simulated, [], changed(tiny, steps=6, learning_rate=1e30), seed=1)
    with pytest.raises(DatasetError, match="no scans"):
        adapt_network(START, [], simulated, tiny, seed=1)


def test_the_rate_rises_and_then_falls_to_its_last_value() -> None:
    recipe = read_recipe(None, {"steps": 101, "warmup_steps": 9, "learning_rate": 0.1, "final_learning_rate": 0.2})
    rates = [learning_rate(recipe, step) for step in range(1, 102)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[50] == pytest.approx(0.06)
    assert rates[100] == pytest.approx(0.02)


def test_the_mean_of_weights_is_that_of_each_number() -> None:
    layer, mean = torch.nn.BatchNorm1d(2), MeanWeights()
    for value in (1.0, 2.0, 6.0):
        torch.nn.init.constant_(layer.weight, value)
        assert layer.num_batches_tracked is not None
        layer.num_batches_tracked += 1
        mean.add(layer)
    mean.put_into(layer)
    assert layer.weight.tolist() == pytest.approx([3, 3])
    assert int(layer.num_batches_tracked or 0) == 3


def test_a_share_of_the_weights_before_is_mixed_in() -> None:
    layer = torch.nn.BatchNorm1d(2)
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    torch.nn.init.constant_(layer.weight, 5.0)
    assert layer.num_batches_tracked is not None
    layer.num_batches_tracked += 7
    mix_weights(layer, before, 0.25)
    assert layer.weight.tolist() == pytest.approx([4, 4])  # a quarter of 1
    assert int(layer.num_batches_tracked or 0) == 7
