"""The loss of bones: none for the truth, counted only for scans that have maps."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from bonescan_yolo.regions.region_head import build_region_head
from bonescan_yolo.regions.region_map import WHOLE
from bonescan_yolo.regions.region_names import BONES as NAMED_BONES
from bonescan_yolo.train.augment import BONES
from bonescan_yolo.train.region_loss import NAME, BoxAndRegionLoss, region_loss
from bonescan_yolo.train.scan_dataset import BONES_OF

SURE = 20.0
CHANNELS = 4


def maps(seed: int) -> torch.Tensor:
    numbers = torch.Generator().manual_seed(seed)
    return (torch.rand(2, len(NAMED_BONES), 8, 4, generator=numbers) < 0.2).to(torch.uint8) * WHOLE


def test_the_truth_has_no_loss_and_its_opposite_a_large_one() -> None:
    truth = maps(0)
    logits = torch.where(truth > 0, SURE, -SURE)
    assert float(region_loss(logits, truth)) < 0.01
    assert float(region_loss(-logits, truth)) > 50


def test_a_small_bone_counts_as_much_as_a_large_one_in_the_dice_part() -> None:
    truth = torch.zeros(1, len(NAMED_BONES), 16, 16, dtype=torch.uint8)
    truth[0, 0, :8], truth[0, 1, 0, :4] = WHOLE, WHOLE
    right = torch.where(truth > 0, SURE, -SURE)
    missed = []
    for bone in (0, 1):
        logits = right.clone()
        logits[0, bone] = -SURE
        cross_per_cell = SURE * float((truth[0, bone] > 0).sum()) / float((truth > 0).sum())
        missed.append(float(region_loss(logits, truth)) - cross_per_cell)
    of_two_bones = [(1 - 1 / (cells + 1)) / 2 for cells in (128, 4)]
    assert missed == pytest.approx(of_two_bones, abs=0.01)


def test_no_bones_at_all_are_no_error() -> None:
    assert torch.isfinite(region_loss(torch.zeros(1, len(NAMED_BONES), 4, 4), torch.zeros(1, len(NAMED_BONES), 4, 4)))


@pytest.fixture
def loss() -> BoxAndRegionLoss:
    torch.manual_seed(0)

    def boxes(_predictions: Any, _batch: dict[str, Any]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return torch.tensor([1.0, 2.0]), {"box_loss": torch.tensor(1.0)}

    return BoxAndRegionLoss(boxes, build_region_head(CHANNELS).eval(), gain=0.5)


def batch_with(scans: list[int]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Predictions and a batch of three scans, of which some have maps."""
    numbers = torch.Generator().manual_seed(1)
    predictions = {"feats": [torch.randn(3, CHANNELS, 4, 2, generator=numbers)]}
    batch: dict[str, Any] = {"img": torch.rand(3, 1, 32, 16, generator=numbers)}
    if scans:
        batch |= {BONES: maps(0)[: len(scans)], BONES_OF: torch.tensor(scans)}
    return predictions, batch


def test_a_batch_without_maps_has_the_loss_of_boxes(loss: BoxAndRegionLoss) -> None:
    parts, items = loss(*batch_with([]))
    assert parts.tolist() == [1, 2, 0]
    assert items[NAME] == 0


def test_only_scans_with_maps_count_and_the_gain_scales(loss: BoxAndRegionLoss) -> None:
    predictions, batch = batch_with([0, 2])
    parts, items = loss(predictions, batch)
    assert parts[2].item() == pytest.approx(3 * float(items[NAME]))
    batch["img"][1] = 0  # has no map
    assert float(loss(predictions, batch)[1][NAME]) == pytest.approx(float(items[NAME]))
    loss.gain = 1.0
    assert float(loss((None, predictions), batch)[1][NAME]) == pytest.approx(2 * float(items[NAME]))
