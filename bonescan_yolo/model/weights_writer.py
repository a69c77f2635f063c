"""Writing a .pt file: the network, its card, and nothing that names the machine or its user.

`weights_file` reads such files.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Mapping
from typing import Any, Final

from bonescan_yolo.model.card import LICENCE, METADATA_KEY, ModelCard

KEPT_TEXTS: Final = ("task", "mode", "optimizer")
"""Arguments of training that are texts but not paths; others could name folders of the machine or its user."""


def checkpoint_bytes(network: Any, arguments: Mapping[str, Any], card: ModelCard, name: str) -> bytes:
    """Return a .pt file of a network without the optimizer, times, or paths of this machine, in 16 bit.

    Ultralytics removes the optimizer itself and stores the weights in 16 bit, but leaves paths of the data, the run and
    the checkout, and times. Only what is named here is kept.

    Args:
        network: that Ultralytics loaded; not changed.
        arguments: of its training.
        card: what the file says about itself.
        name: of the file.
    """
    import torch
    import ultralytics

    kept = clean_arguments(arguments)
    model = copy.deepcopy(network)
    model.args = kept
    model.pt_path = name
    model.criterion = None
    model.half().requires_grad_(False)
    buffer = io.BytesIO()
    torch.save(
        {
            "epoch": -1,  # Ultralytics' mark for finished
            "model": model,
            "train_args": kept,
            "version": ultralytics.__version__,
            "license": LICENCE,
            METADATA_KEY: card.to_json(),
        },
        buffer,
    )
    return buffer.getvalue()


def clean_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of training that are numbers, switches, or texts known not to be paths."""
    return {
        key: value
        for key, value in sorted(arguments.items())
        if value is None or isinstance(value, (bool, int, float)) or key in KEPT_TEXTS
    }
