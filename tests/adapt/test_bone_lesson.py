"""Bones in an adaptation: the head stays, and a network held to the start model sees more nearly what that one sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from bonescan_yolo.adapt import adapting
from bonescan_yolo.adapt.adapting import adapt_network
from bonescan_yolo.adapt.bone_lesson import BoneLesson
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.regions.region_head import region_head_of
from bonescan_yolo.regions.seen_bones import cover_of
from tests.export.factories import save_weights_with_bones


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights_with_bones(tmp_path_factory.mktemp("start") / "best.pt")


def test_an_adapted_network_sees_what_the_start_model_sees(
    start: Path, simulated: list[TrainingScan], tiny: AdaptRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny.model_copy(update={"steps": 12, "batch": 4, "learning_rate": 0.0005, "fixed_statistics": True})
    before = cover_of(load_network(start), simulated[5].grey).astype(int)
    away = []
    for is_taught in (True, False):
        if not is_taught:
            monkeypatch.setattr(adapting, "BoneLesson", lambda lesson, network, start: lesson)
        network = adapt_network(start, simulated[:3], simulated[3:], recipe, seed=1)
        assert region_head_of(network) is not None
        away.append(float(np.abs(cover_of(network, simulated[5].grey) - before).mean()))
    assert 0 < away[0] < 0.7 * away[1], away


def test_bones_are_added_to_another_lesson_on_scans_that_show_a_body(start: Path) -> None:
    network, numbers = load_network(start), torch.Generator().manual_seed(0)
    tones = torch.rand(3, 1, 192, 128, generator=numbers)

    def other(forward: object) -> torch.Tensor:
        assert callable(forward)
        forward(tones)
        return torch.tensor(2.0)

    loss = BoneLesson(other, network.train(), load_network(start))(network)
    assert float(loss.detach()) > 2
    blind = load_network(start)
    head = region_head_of(blind)
    assert head is not None
    torch.nn.init.constant_(head["bones"].get_submodule("5").bias, -1000.0)  # type: ignore[arg-type]
    assert float(BoneLesson(other, network, blind)(network).detach()) == 2
