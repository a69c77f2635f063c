"""What the steps of a training teach: the boxes of the user's scans, and what is to be kept of the start model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from ultralytics.utils import DEFAULT_CFG_DICT, IterableSimpleNamespace

from bonescan_yolo.adapt.distillation import AnsweringModel, difference
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.train.precision import Float32Loss

Batch = dict[str, torch.Tensor]
"""As of `scan_batches.batches`."""


Forward = Callable[[torch.Tensor], Any]
"""Gives the raw output of the network that is trained, for tones (batch, 1, height, width)."""


Lesson = Callable[[Forward], torch.Tensor]
"""Gives the loss of the next step, with gradients."""


class BoxLesson:
    """The boxes of all scans; with a start model, its answers in place of the boxes of simulated scans."""

    def __init__(
        self, network: Any, source: Iterator[Batch], known: AnsweringModel | None, recipe: AdaptRecipe
    ) -> None:
        """Take the batches, and the start model whose answers are kept.

        Args:
            network: that is trained.
            source: of the batches, the user's scans first in each.
            known: the start model; None: simulated scans are to be answered by their boxes.
            recipe: of the training.
        """
        self._criterion = Float32Loss(_criterion(network))
        self._source = source
        self._known = known
        self._recipe = recipe

    def __call__(self, forward: Forward) -> torch.Tensor:
        """See Lesson."""
        batch = next(self._source)
        raw = forward(batch["img"])
        if self._known is None:
            return self._of_boxes(raw, batch)
        own = self._recipe.own_scans
        boxes = batch["batch_idx"] < own
        of_own = {key: batch[key][boxes] for key in ("batch_idx", "cls", "bboxes")}
        own_raw = {
            "boxes": raw["boxes"][:own],
            "scores": raw["scores"][:own],
            "feats": [one[:own] for one in raw["feats"]],
        }
        answers = {key: raw[key][own:] for key in ("scores", "boxes")}
        expected = self._known.answers(batch["img"][own:])
        kept = difference(answers, expected, raw["boxes"].shape[1] // 4)
        return self._of_boxes(own_raw, {**of_own, "img": batch["img"][:own]}) + self._recipe.distillation * kept

    def _of_boxes(self, raw: Any, batch: Batch) -> torch.Tensor:
        loss: torch.Tensor = self._criterion(raw, batch)[0].sum()
        return loss


def _criterion(network: Any) -> Any:
    """Return Ultralytics' loss, which reads the network's arguments as attributes."""
    arguments = network.args
    network.args = IterableSimpleNamespace(**{**DEFAULT_CFG_DICT, **dict(arguments)})
    try:
        return network.init_criterion()
    finally:
        network.args = arguments
