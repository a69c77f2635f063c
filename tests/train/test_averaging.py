"""The mean of epochs: known values, whole numbers kept, and only the last files left."""

from __future__ import annotations

from pathlib import Path

import torch

from bonescan_yolo.train.averaging import keep_epoch, kept_epochs, mean_weights


def layer(weight: float, batches: int) -> torch.nn.BatchNorm1d:
    """A layer with real numbers and one whole number."""
    made = torch.nn.BatchNorm1d(2)
    assert made.running_var is not None
    assert made.num_batches_tracked is not None
    torch.nn.init.constant_(made.weight, weight)
    torch.nn.init.constant_(made.running_var, 2 * weight)
    torch.nn.init.constant_(made.num_batches_tracked, batches)
    return made


def test_the_mean_of_epochs_is_that_of_each_number(tmp_path: Path) -> None:
    for epoch, weight in enumerate((1.0, 2.0, 6.0)):
        keep_epoch(layer(weight, 10 * epoch), tmp_path, epoch, count=3)
    mean = mean_weights(kept_epochs(tmp_path))
    assert mean["weight"].tolist() == [3, 3]
    assert mean["running_var"].tolist() == [6, 6]
    assert mean["weight"].dtype == torch.float32
    assert mean["num_batches_tracked"] == 20


def test_only_the_last_epochs_are_kept(tmp_path: Path) -> None:
    for epoch in range(12):
        keep_epoch(layer(float(epoch), 0), tmp_path / "epochs", epoch, count=2)
    assert [path.name for path in kept_epochs(tmp_path / "epochs")] == ["0010.pt", "0011.pt"]
    assert sorted(path.name for path in (tmp_path / "epochs").iterdir()) == ["0010.pt", "0011.pt"]
    assert mean_weights(kept_epochs(tmp_path / "epochs"))["weight"].tolist() == [10.5, 10.5]


def test_an_epoch_trained_again_replaces_its_file(tmp_path: Path) -> None:
    for weight in (1.0, 5.0):
        keep_epoch(layer(weight, 0), tmp_path, 0, count=2)
    assert mean_weights(kept_epochs(tmp_path))["weight"].tolist() == [5, 5]
