"""One training: weights adapted to a few scans, and the mean of the last part of its steps.

Ultralytics' own trainer reads files, validates after each epoch and saves again and again: for some hundred steps on
twenty scans most of the time would be spent around the training. Here scans are in memory and there are only steps.
The network, its loss and the random changes to scans are those of `bonescan train`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from bonescan_yolo.adapt.bone_lesson import BoneLesson
from bonescan_yolo.adapt.distillation import AnsweringModel
from bonescan_yolo.adapt.lessons import BoxLesson, Lesson
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.scan_batches import batches
from bonescan_yolo.adapt.training_progress import Progress
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.regions.region_head import region_head_of
from bonescan_yolo.resources import core_count
from bonescan_yolo.train.precision import wants_bf16

MOST_GRADIENT = 10.0
"""Norm to which a longer gradient is shortened, as Ultralytics does."""

FIXED_LAYER = ".dfl."
"""In the names of weights that no YOLOv8 trains."""


def adapt_network(
    start: Path,
    scans: Sequence[TrainingScan],
    replay: Sequence[TrainingScan],
    recipe: AdaptRecipe,
    seed: int,
    *,
    progress: Progress | None = None,
    trust: bool = False,
    threads: int | None = None,
) -> Any:
    """Return the network of `start` after training on scans, in float32 and in inference mode.

    On one machine, the same arguments give the same weights.

    Args:
        start: a .pt file of this project.
        scans: of the user, annotated.
        replay: simulated, mixed in; may be empty.
        recipe: how to train; its `start` and `seed` are not used.
        seed: of the random numbers.
        progress: called after every step.
        trust: whether `start` may run code, see `load_weights`.
        threads: of the processor to use; None: as many as there are cores.

    Raises:
        ModelError: `start` cannot be used.
        DatasetError: there are no scans, or the weights became useless: the loss is not a number.
    """
    if not scans:
        raise DatasetError("adapt: there are no scans to train on; give annotated ones")
    network = load_network(start, trust)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    torch.set_num_threads(threads or core_count())
    with _seeded(seed):
        is_held = recipe.distillation > 0 and bool(replay) and recipe.own_scans < recipe.batch
        known = AnsweringModel(load_network(start, trust)) if is_held else None
        lesson: Lesson = BoxLesson(network, batches(scans, replay, recipe), known, recipe)
        if region_head_of(network) is not None:
            lesson = BoneLesson(lesson, network, load_network(start, trust))
        train_network(network, lesson, recipe, progress)
    mix_weights(network, before, recipe.start_share)
    return network


def mix_weights(network: torch.nn.Module, before: Mapping[str, torch.Tensor], share: float) -> None:
    """Bring a network's weights a share of the way back to those before its training; whole numbers stay.

    What is lost of the skill on other scans comes back sooner than what was learnt goes (Wortsman et al., Robust
    fine-tuning of zero-shot models, CVPR 2022).
    """
    if not share:
        return
    mixed = network.state_dict()
    for name, value in mixed.items():
        if value.is_floating_point():
            value.lerp_(before[name], share)
    network.load_state_dict(mixed)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed Python's random numbers, which the random changes to scans use, and put their state back in the end."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def train_network(network: Any, lesson: Lesson, recipe: AdaptRecipe, progress: Progress | None) -> None:
    """Train a network in place; it ends with the mean of its last weights, in inference mode.

    Args:
        network: as of `load_network`.
        lesson: what each step teaches.
        recipe: steps, learning rate, and which weights are trained.
        progress: called after every step.

    Raises:
        DatasetError: the loss is not a number.
    """
    network.to(memory_format=torch.channels_last)
    _set_modes(network, recipe)
    optimizer = _optimizer(network, recipe)
    use_bf16 = wants_bf16(recipe.precision)

    def forward(tones: torch.Tensor) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=use_bf16):
            return network(tones)

    mean = MeanWeights()
    for step in range(1, recipe.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(recipe, step)
        loss = lesson(forward)
        if not torch.isfinite(loss):
            raise DatasetError(f"adapt: the training failed at step {step}; give a smaller learning_rate in --config")
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), MOST_GRADIENT)
        optimizer.step()
        if step > recipe.steps - recipe.averaged_steps:
            mean.add(network)
        if progress is not None:
            progress(step, float(loss.detach()) / recipe.batch)
    mean.put_into(network)
    network.to(memory_format=torch.contiguous_format).requires_grad_(False).eval()


def learning_rate(recipe: AdaptRecipe, step: int) -> float:
    """Return the learning rate of a step, 1 for the first: it rises at first, then falls linearly to the last step."""
    done = (step - 1) / max(1, recipe.steps - 1)
    fallen = recipe.learning_rate * (1 - (1 - recipe.final_learning_rate) * done)
    return fallen * min(1.0, step / (recipe.warmup_steps + 1))


def _set_modes(network: Any, recipe: AdaptRecipe) -> None:
    """Choose which weights are trained, and which batch normalisation goes on to follow the scans."""
    network.train()
    for name, weights in network.named_parameters():
        weights.requires_grad = FIXED_LAYER not in name
    for layer in network.model[: recipe.frozen]:
        layer.requires_grad_(False).eval()
    if recipe.fixed_statistics:
        for layer in network.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.eval()


def _optimizer(network: Any, recipe: AdaptRecipe) -> torch.optim.Optimizer:
    """Return AdamW; weights of convolutions decay, biases and batch normalisation do not."""
    trained = [weights for weights in network.parameters() if weights.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": [weights for weights in trained if weights.ndim > 1], "weight_decay": recipe.weight_decay},
            {"params": [weights for weights in trained if weights.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=recipe.learning_rate,
    )


class MeanWeights:
    """The mean of a network's weights over several steps (Izmailov et al., UAI 2018); see `train.averaging`."""

    def __init__(self) -> None:
        """Begin without weights."""
        self._count = 0
        self._mean: dict[str, torch.Tensor] = {}

    def add(self, network: torch.nn.Module) -> None:
        """Count the weights as they are now; whole numbers are not averaged, the last ones stay."""
        self._count += 1
        for name, value in network.state_dict().items():
            if name not in self._mean or not value.is_floating_point():
                self._mean[name] = value.detach().clone()
            else:
                self._mean[name].lerp_(value.detach(), 1 / self._count)

    def put_into(self, network: torch.nn.Module) -> None:
        """Give the mean to a network; call `add` at least once before."""
        network.load_state_dict(self._mean)
