"""The weights that a training run starts from, or is resumed from."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bonescan_yolo.errors import BonescanError, ModelError
from bonescan_yolo.model.weights_file import load_weights
from bonescan_yolo.train.network_choice import Description, are_alike, build

SCRATCH = "scratch"
PUBLISHED = re.compile(r"^yolov8[nsmlx](-p2|-p6)?\.pt$")
DOWNLOAD_FOLDER = Path("weights")
SHIPPED = DOWNLOAD_FOLDER / "bonescan.pt"
"""The shipped weights, part of the source."""

FINISHED_EPOCH = -1
"""The epoch that Ultralytics writes into weights when training has ended."""

KERNEL_AXES = 4
"""Of the weights of a convolution: output and input channels, height, width."""

FIXED_LAYER = "dfl"
"""The convolution that every YOLOv8 has with the same numbers, and that is not trained."""


def resolve_weights(weights: str) -> Path | None:
    """Return the .pt file of a configured start; None: the run starts from nothing.

    Args:
        weights: `scratch`, the path of a .pt file, or a published name such as `yolov8n.pt`, which is downloaded.

    Raises:
        ModelError: the file does not exist, or cannot be downloaded.
    """
    if weights == SCRATCH:
        return None
    path = Path(weights)
    if path.is_file():
        return path
    if PUBLISHED.match(weights):
        return _download(weights)
    raise ModelError(
        f"{weights}: does not exist; give the path of a .pt file such as {SHIPPED}, `yolov8n.pt` to download it, "
        f"or `{SCRATCH}`"
    )


def _download(name: str) -> Path:
    """Return the local copy of published weights, downloaded by Ultralytics if it is missing."""
    path = DOWNLOAD_FOLDER / name
    if path.is_file():
        return path
    from ultralytics.utils.downloads import attempt_download_asset

    sys.stderr.write(f"downloading {name}\n")
    try:
        DOWNLOAD_FOLDER.mkdir(parents=True, exist_ok=True)
        attempt_download_asset(path)
    except Exception as error:  # errors of urllib and ssl, OSError, ConnectionError and others
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty: it existed before
            DOWNLOAD_FOLDER.rmdir()
        raise _unreachable(name) from error
    if not path.is_file():
        raise _unreachable(name)
    return path


def _unreachable(name: str) -> BonescanError:
    return ModelError(
        f"{name}: cannot be downloaded; put the file into {DOWNLOAD_FOLDER}/ by hand, "
        f"or train with `--weights {SHIPPED}` or `--weights {SCRATCH}`"
    )


def count_fitting_layers(weights: Path, model: str, description: Description, trust: bool = False) -> str:
    """Return in words how many convolutions of a network take their weights from a .pt file.

    Args:
        weights: a .pt file.
        model: name of the network, for messages.
        description: of the network.
        trust: whether the file may run code, see `load_weights`.

    Raises:
        ModelError: the file cannot be loaded, or fits nowhere.
    """
    given = _kernels(load_weights(weights, trust)[0].state_dict())
    wanted = _kernels(build(description).state_dict())
    first = next(iter(wanted))  # takes weights for any number of input channels
    fitting = [
        name
        for name, shape in wanted.items()
        if name in given and _cut(given[name], name == first) == _cut(shape, name == first)
    ]
    if not fitting:
        raise ModelError(
            f"{weights}: fits none of the {len(wanted)} layers of {model}; give weights of that network, another "
            f"`model`, or `--weights {SCRATCH}`"
        )
    return f"{len(fitting)} of {len(wanted)} layers"


def read_epoch(last: Path, model: str, description: Description, trust: bool = False) -> int:
    """Return the last finished epoch of the run that a checkpoint belongs to, FINISHED_EPOCH if the run has ended.

    Args:
        last: last.pt of a run.
        model: name of the run's network, for messages.
        description: of the run's network; Ultralytics builds the one that the file describes.
        trust: whether the file may run code, see `load_weights`.

    Raises:
        ModelError: the file cannot be loaded, or is of another network.
    """
    network, checkpoint = load_weights(last, trust)
    described, epoch = getattr(network, "yaml", None), checkpoint.get("epoch", FINISHED_EPOCH)
    alike = isinstance(described, dict) and are_alike(described, description)
    if not alike or not isinstance(epoch, int) or epoch < FINISHED_EPOCH:
        raise ModelError(f"{last}: is not a checkpoint of {model}; start a new run without --resume")
    return epoch


def _kernels(state: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights of all trained convolutions by name."""
    return {
        name: tuple(value.shape)
        for name, value in state.items()
        if name.endswith(".weight") and value.ndim == KERNEL_AXES and FIXED_LAYER not in name
    }


def _cut(shape: tuple[int, ...], is_first: bool) -> tuple[int, ...]:
    """Return a shape, that of the first convolution without its input channels."""
    return (shape[0], *shape[2:]) if is_first else shape
