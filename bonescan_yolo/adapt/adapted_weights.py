"""The .pt file of an adapted network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.weights_writer import checkpoint_bytes


def save_adapted(network: Any, path: Path, card: ModelCard) -> None:
    """Write a network as a .pt file that Ultralytics and every command of this package load, whole or not at all.

    The same network gives the same bytes.

    Args:
        network: of `adapting.adapt_network`; not changed.
        path: NAME.pt.
        card: what the file says about itself.

    Raises:
        OutputError: the folder cannot be written to.
    """
    write_bytes(path, checkpoint_bytes(network, network.args, card, path.name))
