"""Reading with a .pt file itself, before it is exported. Needs torch and Ultralytics (extra `train`)."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.runtime import RawLayout
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics


def load_network(weights: Path) -> Any:
    """Return the network of a .pt file, in float32 and in inference mode; call `prepare_ultralytics` before.

    Its input is (1, 1, height, width) float32 tones (`scan.display.to_tones`), its output that of the stock ONNX file.

    Raises:
        ModelError: the file is missing, cannot be loaded, or has other classes or more than one channel.
    """
    if not weights.is_file():
        raise ModelError(f"{weights}: does not exist; train first (`make train`) or give a .pt file")
    from ultralytics import YOLO

    try:
        model = YOLO(str(weights), task="detect").model.float().eval()
        names, channels = list(model.names.values()), int(model.yaml.get("channels", model.yaml.get("ch", 3)))
    except Exception as error:  # pickle, zipfile, torch and Ultralytics each raise their own
        raise ModelError(f"{weights}: is not a YOLO .pt file that can be loaded; train it again") from error
    if names != list(CLASS_NAMES) or channels != 1:
        raise ModelError(
            f"{weights}: has classes {names} and {channels} channels, not {list(CLASS_NAMES)} and 1; "
            "fine-tune it with `bonescan train --weights`"
        )
    return model


class TorchLayout(RawLayout):
    """The network of a .pt file behind the interface of its stock ONNX file."""

    def __init__(self, network: Any, card: ModelCard) -> None:
        """Use a network that `load_network` returned."""
        super().__init__(card)
        self._network = network
        self._lock = Lock()  # the head keeps its anchors from one call to the next

    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See RawLayout."""
        import torch

        with self._lock, torch.inference_mode():
            tones = torch.from_numpy(to_tones(frame, body_level(frame)))
            raw: NDArray[np.float32] = self._network(tones[None, None])[0][0].numpy()
        return raw


class TorchDetector(Detector):
    """A detector with the same interface and results as that of the stock ONNX file, on a .pt file."""

    def __init__(self, weights: Path, confidence: float, card: ModelCard) -> None:  # the parent's opens an ONNX file
        """Load weights.

        Args:
            weights: a .pt file of this project.
            confidence: only boxes above it are returned, in [0, 1].
            card: how to read with them: input size, overlap, rescoring; the file's own card or a changed one.

        Raises:
            ModelError: the file is missing, or is not a .pt file of this project.
        """
        prepare_ultralytics()
        self.path = weights
        self.card: ModelCard = card
        self.layout = TorchLayout(load_network(weights), self.card)
        self.confidence = confidence
        self.iou = self.card.iou
