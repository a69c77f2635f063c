"""Batches for training from scans in memory: a share of the user's, the rest simulated, each changed at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from ultralytics.data.augment import Compose, Format
from ultralytics.utils.instance import Instances

from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.train.augment import ScanLabels, random_changes

MAX_TONE = 255
"""Pixels of a changed scan are 255 times its tones."""

Change = Callable[[ScanLabels], ScanLabels]


def batches(
    scans: Sequence[TrainingScan], replay: Sequence[TrainingScan], recipe: AdaptRecipe
) -> Iterator[dict[str, torch.Tensor]]:
    """Yield batches for ever; the random numbers come from Python's `random`.

    Every scan is used once before any is used again, the user's and the simulated ones each in an order of their own.

    Args:
        scans: of the user, at least one.
        replay: simulated; empty if whole batches are to be of the user's scans.
        recipe: size of a batch, share of the user's scans, and augmentation.

    Yields:
        `img`, (batch, 1, height, width) float32 in [0, 1]; and of all boxes `batch_idx`, (N,) index in the batch,
        `cls`, (N, 1) class id, and `bboxes`, (N, 4) centre x, centre y, width, height as fractions of the window.
    """
    change: Change = Compose([*random_changes(recipe.augmentation), Format(bbox_format="xywh", normalize=True)])
    real = recipe.own_scans if replay else recipe.batch
    own, others = endless(scans), endless(replay) if replay else iter(())
    while True:
        drawn = [*(next(own) for _ in range(real)), *(next(others) for _ in range(recipe.batch - real))]
        yield _collate([change(labels_of(scan)) for scan in drawn])


def endless(scans: Sequence[TrainingScan]) -> Iterator[TrainingScan]:
    """Yield scans for ever, in a new order in every pass."""
    while True:
        yield from random.sample(scans, len(scans))


def labels_of(scan: TrainingScan) -> dict[str, Any]:
    """Return a scan in the form that Ultralytics' transforms change."""
    instances = Instances(
        scan.boxes.astype(np.float32, copy=True),  # they are changed in place
        segments=np.zeros((0, 1000, 2), dtype=np.float32),
        bbox_format="xyxy",
        normalized=False,
    )
    return {"img": scan.grey[..., None], "cls": scan.classes[:, None].astype(np.float32), "instances": instances}


def _collate(changed: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Return scans as one batch."""
    images = torch.stack([labels["img"] for labels in changed]).float() / MAX_TONE
    return {
        "img": images.contiguous(memory_format=torch.channels_last),
        "cls": torch.cat([labels["cls"] for labels in changed]),
        "bboxes": torch.cat([labels["bboxes"] for labels in changed]),
        "batch_idx": torch.cat([labels["batch_idx"] + index for index, labels in enumerate(changed)]),
    }
