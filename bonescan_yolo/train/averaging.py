"""The mean of the weights after a run's last epochs.

The weights of successive epochs move around an optimum; their mean is closer to it than any one of them
(Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from bonescan_yolo.files import write_bytes

Weights = dict[str, torch.Tensor]


def keep_epoch(model: Any, folder: Path, epoch: int, count: int) -> None:
    """Write the weights after an epoch as `folder/NUMBER.pt`, in 16 bit, and delete all but the last `count`.

    A file is written whole or not at all, so that a run killed here can be resumed.

    Args:
        model: a torch module.
        folder: created if it does not exist.
        epoch: 0 for the first.
        count: files to keep, at least 1.
    """
    save({name: _to_half(value) for name, value in model.state_dict().items()}, folder / f"{epoch:04d}.pt")
    for old in kept_epochs(folder)[:-count]:
        old.unlink()


def kept_epochs(folder: Path) -> list[Path]:
    """Return the files that `keep_epoch` wrote, the first epoch first."""
    return sorted(folder.glob("*.pt"))


def mean_weights(paths: Sequence[Path]) -> Weights:
    """Return the mean of the weights in files of `keep_epoch`, in float32; integer values come from the last file.

    Args:
        paths: at least one, all of one architecture.
    """
    states: list[Weights] = [torch.load(path, map_location="cpu", weights_only=True) for path in paths]
    return {
        name: torch.stack([state[name].double() for state in states]).mean(0).float()
        if value.is_floating_point()
        else value
        for name, value in states[-1].items()
    }


def save(content: dict[str, Any], path: Path) -> None:
    """Write with `torch.save`, whole or not at all; raises OutputError if the folder cannot be written to."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_bytes(path, buffer.getvalue())


def _to_half(value: torch.Tensor) -> torch.Tensor:
    return value.detach().cpu().half() if value.is_floating_point() else value.detach().cpu()
