"""A mean teacher on scans without annotations, which did not help enough to be in the product.

After an adaptation there are as many steps again, in which the network is also to answer as the mean of its own last
weights does. That mean is the teacher. It reads a scan as it is; the network reads it with camera and display changed,
and is to give the same answer (Tarvainen and Valpola, Mean teachers are better role models, NeurIPS 2017; for detection
Liu et al., Unbiased teacher, ICLR 2021). The annotated scans and the simulated ones are in every step as before.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from ultralytics.data.augment import Compose, Format

from bonescan_yolo.adapt.adapting import train_network
from bonescan_yolo.adapt.distillation import AnsweringModel, difference
from bonescan_yolo.adapt.lessons import BoxLesson, Forward, Lesson
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.scan_batches import MAX_TONE, batches, endless, labels_of
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.train.augment import CameraAndDisplay, Flip, ShiftAndScale, ToTones
from bonescan_yolo.train.settings import AugmentationConfig

DECAY: Final = 0.97
"""Of the teacher's weights per step: it is the mean of about the last thirty steps."""

SCANS_PER_STEP: Final = 4
"""Without annotations, beside the recipe's batch."""

EXACT: Final = 1.0
"""Spread of the body's level where it is not misestimated."""

Pair = tuple[torch.Tensor, torch.Tensor]
"""Scans as they are, and with camera and display changed: (SCANS_PER_STEP, 1, height, width) float32 tones."""


@dataclass(frozen=True, eq=False)
class Taught:
    """What the network learns from.

    Attributes:
        own: annotated scans.
        replay: simulated ones.
        unlabelled: scans without annotations.
    """

    own: Sequence[TrainingScan]
    replay: Sequence[TrainingScan]
    unlabelled: Sequence[TrainingScan]


def learn_from_teacher(network: Any, start: Any, scans: Taught, recipe: AdaptRecipe, gain: float, *, seed: int) -> None:
    """Train an adapted network on.

    Args:
        network: after the adaptation; changed in place.
        start: network that the adaptation started from, whose answers are kept on simulated scans.
        scans: to learn from.
        recipe: of the adaptation.
        gain: how much a difference from the teacher counts.
        seed: of the random numbers.
    """
    random.seed(seed)
    boxes = BoxLesson(network, batches(scans.own, scans.replay, recipe), AnsweringModel(start), recipe)
    train_network(network, TeacherLesson(boxes, network, scans.unlabelled, recipe.augmentation, gain), recipe, None)


class TeacherLesson:
    """Another lesson, and the teacher's answers on scans without annotations."""

    def __init__(
        self, other: Lesson, network: Any, scans: Sequence[TrainingScan], config: AugmentationConfig, gain: float
    ) -> None:
        """Take the other lesson, the network as it is now, scans, whose boxes are not used, and how much they count."""
        self._other = other
        self._network = network
        self._weights = copy.deepcopy(network)
        self._teacher = AnsweringModel(self._weights)
        self._pairs = pairs(scans, config)
        self._gain = gain

    def __call__(self, forward: Forward) -> torch.Tensor:
        """See Lesson; the teacher first follows the last step."""
        self._follow()
        as_it_is, changed = next(self._pairs)
        answers = forward(changed)
        taught = difference(answers, self._teacher.answers(as_it_is), answers["boxes"].shape[1] // 4)
        return self._other(forward) + self._gain * taught

    @torch.no_grad()
    def _follow(self) -> None:
        """Bring the teacher's weights a little nearer to the network's."""
        now = self._network.state_dict()
        for name, value in self._weights.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name], 1 - DECAY)


def pairs(scans: Sequence[TrainingScan], config: AugmentationConfig) -> Iterator[Pair]:
    """Yield scans twice for ever, at the same place in the frame; all are used before any is used again."""
    place = Compose([ShiftAndScale(config.shift, config.scale), Flip(config.flip)])
    in_the_end = Format(bbox_format="xywh", normalize=True)
    plain = Compose([ToTones(EXACT), in_the_end])
    changed = Compose([CameraAndDisplay(config), ToTones(config.tone_spread), in_the_end])
    drawn = endless(scans)
    while True:
        placed = [place(labels_of(next(drawn))) for _ in range(SCANS_PER_STEP)]
        yield _tones(plain, copy.deepcopy(placed)), _tones(changed, placed)


def _tones(change: Compose, placed: Sequence[dict[str, Any]]) -> torch.Tensor:
    """Return scans after a change, as the network reads them."""
    tones = torch.stack([change(one)["img"] for one in placed]).float() / MAX_TONE
    return tones.contiguous(memory_format=torch.channels_last)
