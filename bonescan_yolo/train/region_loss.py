"""The loss of a network that sees bones beside boxes."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from bonescan_yolo.regions.region_head import region_logits
from bonescan_yolo.regions.region_map import WHOLE
from bonescan_yolo.train.augment import BONES
from bonescan_yolo.train.scan_dataset import BONES_OF

NAME: Final = "region_loss"
"""Of the part of the loss, beside Ultralytics' own."""

SMOOTHING: Final = 1.0
"""Cells added to both sides of the quotient of the Dice loss."""


class BoxAndRegionLoss:
    """Ultralytics' loss of boxes, and that of bones on batches that have maps of them."""

    def __init__(self, criterion: Any, head: nn.ModuleDict, gain: float) -> None:
        """Take the loss of boxes, the network's head, and how much the bones count."""
        self.criterion = criterion
        self.head = head
        self.gain = gain

    def __call__(self, predictions: Any, batch: dict[str, Any]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the parts of the loss, times the size of the batch, and each part by name."""
        parts, items = self.criterion(predictions, batch)
        loss = torch.zeros((), device=parts.device)
        if BONES in batch:
            raw = predictions[1] if isinstance(predictions, tuple) else predictions
            scans = batch[BONES_OF]
            logits = region_logits(self.head, batch["img"][scans], raw["feats"][0][scans])
            loss = self.gain * region_loss(logits.float(), batch[BONES])
        return torch.cat([parts, loss[None] * len(batch["img"])]), {**items, NAME: loss.detach()}


def region_loss(logits: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Return cross entropy plus Dice loss, a number.

    Cross entropy is the sum over all cells and bones, divided by the number of cells that bones cover. The Dice loss
    (Milletari et al., V-Net, 3DV 2016) is the mean over the bones that are in the batch, each taken over the whole
    batch: a small bone counts as much as a large one.

    Args:
        logits: (batch, bones, rows, columns) float32.
        maps: of the same shape, uint8 parts of WHOLE.
    """
    truth = maps.to(logits.dtype) / WHOLE
    axes = (0, 2, 3)
    cross = functional.binary_cross_entropy_with_logits(logits, truth, reduction="sum")
    given, covered = logits.sigmoid(), truth.sum(dim=axes)
    there = covered > 0
    both = (given * truth).sum(dim=axes)
    dice = 1 - (2 * both + SMOOTHING) / (given.sum(dim=axes) + covered + SMOOTHING)
    return cross / covered.sum().clamp(min=SMOOTHING) + dice[there].sum() / there.sum().clamp(min=1)
