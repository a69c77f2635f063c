"""Distillation: on simulated scans the network is to answer as the start model does, so that what it knew is kept.

Those answers say more than the true boxes of a few scans: how sure the start model is of each spot, and how wide a
box it would draw, at every place (Hinton et al., Distilling the knowledge in a neural network, 2015; against
forgetting: Li and Hoiem, Learning without forgetting, ECCV 2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch.nn import functional

BOX_GAIN: Final = 4.0
"""How much a difference in the edges of boxes counts, beside CLASS_GAIN. A first guess; other values were not tried."""

CLASS_GAIN: Final = 0.5
"""How much a difference in confidence counts: as in Ultralytics' loss."""

Raw = Mapping[str, torch.Tensor]
"""What a YOLOv8 head gives in training: `scores`, (batch, classes, places) logits, and `boxes`, (batch, 4 edges x bins,
places) logits of the distance of each edge."""


class AnsweringModel:
    """A model beside the one that is trained, whose answers that one is to give."""

    def __init__(self, network: Any) -> None:
        """Take a network of its own, which is not trained."""
        self._network = network.to(memory_format=torch.channels_last).requires_grad_(False).eval()

    def answers(self, images: torch.Tensor) -> Raw:
        """Return the raw output for scans, in float32."""
        with torch.inference_mode():
            raw = self._network(images)[1]
        return {key: raw[key].float() for key in ("scores", "boxes")}


def difference(answers: Raw, expected: Raw, bins: int) -> torch.Tensor:
    """Return how much the answers differ from those expected, 0 where they are the same; per batch.

    Args:
        answers: of the network that is trained, with gradients.
        expected: of the start model.
        bins: of the distribution of an edge.
    """
    sure = expected["scores"].sigmoid()
    cross = functional.binary_cross_entropy_with_logits(answers["scores"].float(), sure, reduction="none")
    least = functional.binary_cross_entropy_with_logits(expected["scores"], sure, reduction="none")
    of_classes = (cross - least).sum() / sure.sum().clamp(min=1)
    weight = sure.amax(dim=1)  # (batch, places): edges count where there is a box
    shape = (weight.shape[0], 4, bins, weight.shape[1])
    logs = functional.log_softmax(answers["boxes"].float().view(shape), dim=2)
    wanted = functional.log_softmax(expected["boxes"].view(shape), dim=2)
    of_edges = (wanted.exp() * (wanted - logs)).sum(dim=2).mean(dim=1)
    of_boxes = (of_edges * weight).sum() / weight.sum().clamp(min=1)
    return (CLASS_GAIN * of_classes + BOX_GAIN * of_boxes) * weight.shape[0]
