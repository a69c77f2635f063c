"""Distillation: how far answers are from the start model's, and what it does to a training."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bonescan_yolo.adapt.adapting import adapt_network
from bonescan_yolo.adapt.distillation import BOX_GAIN, CLASS_GAIN, AnsweringModel, difference
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.scan_batches import batches
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.model.torch_network import load_network

START = Path(__file__).parents[2] / "weights" / "bonescan.pt"
BINS = 3


def answers(seed: int) -> dict[str, torch.Tensor]:
    """Logits of two windows with five places."""
    numbers = torch.Generator().manual_seed(seed)
    return {
        "scores": torch.randn(2, 2, 5, generator=numbers),
        "boxes": torch.randn(2, 4 * BINS, 5, generator=numbers),
    }


def test_the_same_answers_do_not_differ_and_others_do() -> None:
    one, other = answers(1), answers(2)
    assert float(difference(one, one, BINS)) == pytest.approx(0, abs=1e-6)
    assert float(difference(other, one, BINS)) > 0.1


def test_the_difference_is_the_divergence_of_both_distributions() -> None:
    one, other = answers(1), answers(2)
    sure, given = one["scores"].sigmoid().double(), other["scores"].sigmoid().double()
    of_classes = (sure * (sure / given).log() + (1 - sure) * ((1 - sure) / (1 - given)).log()).sum() / sure.sum()
    weight, total = sure.max(dim=1).values, 0.0
    for window in range(2):
        for place in range(5):
            for edge in range(4):
                bins = slice(edge * BINS, (edge + 1) * BINS)
                wanted = one["boxes"][window, bins, place].double().softmax(0)
                shown = other["boxes"][window, bins, place].double().softmax(0)
                total += float(weight[window, place] / 4 * (wanted * (wanted / shown).log()).sum())
    expected = 2 * (CLASS_GAIN * float(of_classes) + BOX_GAIN * total / float(weight.sum()))
    assert float(difference(other, one, BINS)) == pytest.approx(expected, rel=1e-4)


def distance(network: Any, scans: list[TrainingScan], recipe: AdaptRecipe) -> float:
    """How far a network's answers are from the start model's, on windows of scans."""
    random.seed(3)
    windows = next(batches(scans, [], recipe))["img"]
    expected, given = (AnsweringModel(one).answers(windows) for one in (load_network(START), network))
    return float(difference(given, expected, expected["boxes"].shape[1] // 4))


def test_a_training_with_distillation_stays_nearer_to_the_start_model(
    simulated: list[TrainingScan], tiny: AdaptRecipe
) -> None:
    inverted = [TrainingScan(scan.grey, scan.boxes, 1 - scan.classes) for scan in simulated[:2]]
    recipe = tiny.model_copy(update={"steps": 10, "batch": 4, "learning_rate": 0.0005, "fixed_statistics": True})
    away = []
    for strength in (0.0, 10.0):
        stronger = recipe.model_copy(update={"distillation": strength})
        network = adapt_network(START, inverted, simulated[2:], stronger, seed=1)
        away.append(distance(network, simulated[2:], tiny))
    assert 0 < away[1] < 0.6 * away[0], np.round(away, 4)


def test_a_step_without_simulated_scans_has_nothing_to_be_held_to(
    simulated: list[TrainingScan], tiny: AdaptRecipe
) -> None:
    alone = tiny.model_copy(update={"batch": 1, "distillation": 5.0})
    losses: list[float] = []
    adapt_network(START, simulated[:1], simulated[1:], alone, 1, progress=lambda _, loss: losses.append(loss))
    assert len(losses) == alone.steps
