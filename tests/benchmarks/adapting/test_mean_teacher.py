"""A mean teacher: what it and the network are shown, how it follows, and what a network learns from it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.adapting.adapted import recipe_of
from benchmarks.adapting.mean_teacher import DECAY, SCANS_PER_STEP, Taught, TeacherLesson, learn_from_teacher, pairs
from bonescan_yolo.adapt.lessons import Forward
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.train.settings import AugmentationConfig

START = Path(__file__).parents[3] / "weights" / "bonescan.pt"
PLAIN = {"blur": 0, "noise": 0, "shrink": 0, "gamma": 1}


def no_lesson(_forward: Forward) -> torch.Tensor:
    """A lesson of which nothing is learnt."""
    return torch.zeros(())


@pytest.fixture
def scan() -> TrainingScan:
    grey = np.zeros((128, 64), np.uint8)
    grey[16:112, 16:48] = np.random.default_rng(0).integers(20, 200, (96, 32))
    return TrainingScan(grey, np.array([[20, 30, 30, 44]], np.float32), np.array([0]))


def changes(**augmentation: float) -> AugmentationConfig:
    return recipe_of([f"augmentation.{key}={value}" for key, value in augmentation.items()]).augmentation


def test_teacher_and_network_see_a_scan_at_the_same_place(scan: TrainingScan) -> None:
    random.seed(0)
    unchanged = changes(**PLAIN, window=1, tone_spread=1)
    as_it_is, changed = next(pairs([scan], unchanged))
    assert as_it_is.shape == (SCANS_PER_STEP, 1, 128, 64)
    assert float((as_it_is - changed).abs().max()) < 0.02  # grey levels are rounded once more
    as_it_is, changed = next(pairs([scan], changes(**PLAIN)))
    assert float((as_it_is - changed).abs().max()) > 0.05


def test_the_teacher_follows_slowly(scan: TrainingScan) -> None:
    network = load_network(START)
    lesson = TeacherLesson(no_lesson, network, [scan], changes(), 1.0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    name = "model.0.conv.weight"
    network.state_dict()[name].add_(1.0)
    lesson._follow()
    moved = lesson._weights.state_dict()[name] - before[name]
    assert moved.mean().item() == pytest.approx(1 - DECAY, rel=1e-3)


def test_a_network_that_answers_as_its_teacher_has_no_loss(scan: TrainingScan) -> None:
    network = load_network(START).train().eval()
    still = changes(**PLAIN, window=1, tone_spread=1)
    lesson = TeacherLesson(no_lesson, network, [scan], still, 1.0)

    def forward(tones: torch.Tensor) -> Any:
        return network(tones)[1]

    alike = float(lesson(forward))
    network.state_dict()["model.22.cv3.0.2.bias"].add_(1.0)
    assert float(lesson(forward)) > 10 * alike


def test_a_network_learns_from_its_teacher(scan: TrainingScan) -> None:
    recipe = recipe_of(["steps=2", "batch=2", "warmup_steps=0", "precision=fp32"])
    unlabelled = TrainingScan(scan.grey, empty_boxes(), np.zeros(0, np.int64))
    learnt = []
    for gain in (0.0, 3.0, 3.0):
        network = load_network(START)
        learn_from_teacher(network, load_network(START), Taught([scan], [scan], [unlabelled]), recipe, gain, seed=1)
        learnt.append(network.state_dict())
    without, once, again = learnt
    assert all(torch.equal(value, again[name]) for name, value in once.items())
    assert any(not torch.equal(value, without[name]) for name, value in once.items())
