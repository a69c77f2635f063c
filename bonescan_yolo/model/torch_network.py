"""Reading with a .pt file itself, before it is exported. Needs torch and Ultralytics (extra `train`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.runtime import RawLayout, Shown
from bonescan_yolo.model.thresholds import Thresholds, as_thresholds
from bonescan_yolo.model.weights_file import load_weights
from bonescan_yolo.scan.display import body_level, to_tones

SHOWN_NAMES, NAME_CHARS = 6, 30
"""Of the classes of a file in a message: how many, and characters of each."""


def load_network(weights: Path, trust: bool = False) -> Any:
    """Return the network of a .pt file, in float32 and in inference mode; `trust` is that of `load_weights`.

    Its input is (1, 1, height, width) float32 tones (`scan.display.to_tones`), its output that of the stock ONNX file.

    Raises:
        ModelError: the file is missing, cannot be loaded, or has other classes or more than one channel.
    """
    model = load_weights(weights, trust)[0]
    try:
        names, channels = list(model.names.values()), int(model.yaml.get("channels", model.yaml.get("ch", 3)))
    except Exception as error:  # another kind of network, or a damaged one
        raise ModelError(f"{weights}: is not a YOLO .pt file that can be loaded; train it again") from error
    if names != list(CLASS_NAMES) or channels != 1:
        raise ModelError(
            f"{weights}: has classes {_shown(names)} and {channels} channels, not {list(CLASS_NAMES)} and 1; "
            "fine-tune it with `bonescan train --weights`"
        )
    return model


def _shown(names: Sequence[object]) -> str:
    """Return names of classes for a message: the first few, each cut."""
    shown = [str(name)[:NAME_CHARS] for name in names[:SHOWN_NAMES] if isinstance(name, (str, int))]
    return f"{shown}{' and others' if len(names) > len(shown) else ''}"


class TorchLayout(RawLayout):
    """The network of a .pt file behind the interface of its stock ONNX file."""

    def __init__(self, network: Any, card: ModelCard, shown: Shown, name: str) -> None:
        """Use a network that `load_network` returned; `shown` says which boxes, `name` is its file's, for messages."""
        super().__init__(card, shown, name)
        self._network = network
        self._lock = Lock()  # the head keeps its anchors from one call to the next

    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See RawLayout."""
        import torch

        with self._lock, torch.inference_mode():
            tones = torch.from_numpy(to_tones(frame, body_level(frame)))
            try:
                raw: NDArray[np.float32] = self._network(tones[None, None])[0][0].numpy()
            except Exception as error:  # a checkpoint that lacks layers or their numbers
                raise ModelError(f"{self._name}: its network fails on this scan; train it again") from error
        return raw


class TorchDetector(Detector):
    """A detector with the same interface and results as that of the stock ONNX file, on a .pt file."""

    def __init__(  # the parent's opens an ONNX file
        self, weights: Path, confidence: float | Thresholds, card: ModelCard, trust: bool = False
    ) -> None:
        """Load weights.

        Args:
            weights: a .pt file of this project.
            confidence: only boxes above it are returned, in [0, 1], one for both classes or `Thresholds`.
            card: how to read with them: input size, overlap, rescoring; the file's own card or a changed one.
            trust: whether the file may run code, see `load_weights`.

        Raises:
            ModelError: the file is missing, or is not a .pt file of this project.
        """
        self.path = weights
        self.card: ModelCard = card
        self.thresholds = as_thresholds(confidence)
        self.iou = self.card.iou
        shown = Shown(self.thresholds, self.iou, self.card.rescoring)
        self.layout = TorchLayout(load_network(weights, trust), self.card, shown, str(weights))
